import { Fault } from '../../domain/base/fault.ts'
import type { HttpRequest } from '../../domain/verification/request-settings.ts'
import type { EndpointAnswer } from '../../ports/endpoints.ts'
import type { CheckContext } from './check-context.ts'
import { judgeAnswer } from './judge-answer.ts'
import { failed, notMeasured, type Outcome } from './outcome.ts'
import { built, type Values } from './requests.ts'

export type Sent = {
  readonly outcome: Outcome
  /** `null`: there was none. */
  readonly answer: EndpointAnswer | null
  /** It was on its way: what it may write may be written. */
  readonly wasSent: boolean
}

/** One request, and whether its answer is what it has to be. Never throws a `Fault`. */
export async function send(
  request: HttpRequest,
  { world, settings, signal: whole }: CheckContext,
  values: Values,
): Promise<Sent> {
  const { withinMs } = request.expect
  const late = AbortSignal.timeout(withinMs + GRACE_MS)
  const made = built(request, settings, values, AbortSignal.any([whole, late]))
  if ('missing' in made) {
    const outcome = notMeasured(`${made.missing} is not known`)
    return { outcome, answer: null, wasSent: false }
  }
  if (whole.aborted) {
    return { outcome: notMeasured('it was not sent any more'), answer: null, wasSent: false }
  }
  const startedMs = world.clock.now()
  try {
    const answer = await world.endpoints.ask(made.question)
    const tookMs = Math.max(0, world.clock.now() - startedMs)
    return { outcome: judgeAnswer(answer, tookMs, request.expect), answer, wasSent: true }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const isLate = late.aborted && !whole.aborted
    return { outcome: withoutAnswer(error, isLate ? withinMs : null), answer: null, wasSent: true }
  }
}

/** An answer that comes a moment late is told with its time. */
const GRACE_MS = 100

/** A refused connection is an observation, and so is a limit that was passed. Anything else is not known. */
function withoutAnswer({ code, detail }: Fault, lateMs: number | null): Outcome {
  if (lateMs !== null) return failed(`no answer within ${lateMs} ms`, 'one')
  if (code === 'ECONNREFUSED') return failed('connection refused', 'an answer')
  return notMeasured(detail)
}
