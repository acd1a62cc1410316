import { Fault } from '../../domain/base/fault.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { slackFault } from './faults.ts'

/**
 * One question to the Web API, which ends with the signal. The client takes no signal, so an
 * abandoned call still runs until the client's own timeout; nobody listens to it any more.
 */
export async function ask<Answer>(
  question: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  if (signal.aborted) throw tooLate(signal.reason)
  try {
    return await untilAborted(question(), signal)
  } catch (error) {
    throw signal.aborted ? tooLate(error) : slackFault(error)
  }
}

function tooLate(cause: unknown): Fault {
  const detail = 'Slack did not answer in time'
  return new Fault({ kind: 'retryable', dependency: 'slack', code: 'ETIMEDOUT', detail, cause })
}
