import {
  mayWrite,
  type ChainCheck,
  type ChainStep,
} from '../../domain/verification/request-settings.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { EndpointAnswer } from '../../ports/endpoints.ts'
import type { CheckContext } from './check-context.ts'
import { atPath } from '../../domain/verification/json-path.ts'
import { notMeasured, passed, type Outcome } from './outcome.ts'
import { named, unknownIn, type Values } from './requests.ts'
import { send } from './send.ts'

/** How long a clean-up may take, after the time of the check itself, and also when everything stops. */
export const CLEAN_UP_MS = 5_000

type State = {
  values: Values
  mayHaveWritten: boolean
  /** What each step that was sent was answered with; `null`: with nothing. */
  readonly answered: Map<ChainStep, number | null>
}

/** Requests one after the other. What may have been written is cleaned up, whatever ended it. */
export async function chain(check: ChainCheck, context: CheckContext): Promise<Outcome> {
  const state: State = {
    values: { 'check.id': context.id },
    mayHaveWritten: false,
    answered: new Map(),
  }
  let outcome: Outcome | null = null
  let left: string | null = null
  try {
    outcome = await steps(check, context, state)
  } finally {
    if (state.mayHaveWritten) left = await cleanUp(check, context, state)
  }
  return left === null ? outcome : { ...outcome, says: `${left}. ${outcome.says}` }
}

async function steps(
  { steps: all }: ChainCheck,
  context: CheckContext,
  state: State,
): Promise<Outcome> {
  const took: string[] = []
  for (const step of all) {
    const before = state.mayHaveWritten
    // Said before it is sent: whatever becomes of the answer.
    state.mayHaveWritten ||= mayWrite(step)
    // oxlint-disable-next-line no-await-in-loop -- each needs what the one before it has saved
    const { outcome, answer, wasSent } = await send(step, context, state.values)
    if (wasSent) state.answered.set(step, answer?.status ?? null)
    else state.mayHaveWritten = before
    if (answer) state.values = { ...state.values, ...savedFrom(step, answer) }
    const where = named(step)
    if (outcome.verdict !== 'passed') return { ...outcome, says: `${where}: ${outcome.says}` }
    const missing = Object.keys(step.save).find(
      (name) => !Object.hasOwn(state.values, `saved.${name}`),
    )
    if (missing !== undefined) {
      return notMeasured(`${where}: its answer has no ${missing} at ${step.save[missing]}`)
    }
    took.push(`${where}: ${outcome.says}`)
  }
  return passed(took.join(', then '))
}

/** One line, and not too long for a header; anything else is nothing that could be sent. */
const SENDABLE = /^[ -~]{1,4096}$/

function savedFrom({ save }: ChainStep, { body }: EndpointAnswer): Values {
  const root = Object.keys(save).length > 0 ? jsonOf(body) : undefined
  if (root === undefined) return {}
  return Object.fromEntries(
    Object.entries(save).flatMap(([name, path]) => {
      const at = atPath(root, path)
      const value = at.kind === 'found' ? at.value : null
      const text = typeof value === 'number' ? String(value) : value
      return typeof text === 'string' && SENDABLE.test(text) ? [[`saved.${name}`, text]] : []
    }),
  )
}

/** What people have to know of it; `null`: nothing is left behind, as far as it can be told. */
async function cleanUp(
  { cleanUp: request, steps: all }: ChainCheck,
  context: CheckContext,
  { values, answered }: State,
): Promise<string | null> {
  if (!request) return null
  const unknown = unknownIn(request, values)
  const maker = all.find(({ save }) =>
    Object.keys(save).some((name) => `saved.${name}` === unknown),
  )
  // What it would remove was never made: nobody was asked to, or it was refused.
  if (maker && (!answered.has(maker) || isRefusal(answered.get(maker) ?? null))) return null
  // The check may be over, or all of us: this is not.
  const signal = AbortSignal.timeout(CLEAN_UP_MS)
  const says = (why: string) =>
    `Not cleaned up: ${named(request)}: ${why}. Look for ${context.id} and remove it by hand`
  try {
    const { outcome } = await send(request, { ...context, signal }, values)
    return outcome.verdict === 'passed' ? null : says(outcome.says)
  } catch (error) {
    return says(`the check itself failed: ${String(error)}`)
  }
}

/** It says itself that it has done nothing. */
function isRefusal(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500
}
