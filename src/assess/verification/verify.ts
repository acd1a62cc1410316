import { Fault } from '../../domain/base/fault.ts'
import { redact } from '../../domain/text/redact.ts'
import type { AssessSettings } from '../../domain/assessment/settings.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { ItemResult, ToVerify } from '../../domain/verification/item.ts'
import {
  leavesTraces,
  type CheckOf,
  type VerificationCheck,
  type VerificationPlan,
} from '../../domain/verification/settings.ts'
import type { World } from '../../ports/world.ts'
import { metricsFresh } from '../probes/metrics-fresh.ts'
import type { Finding } from '../probe.ts'
import { alerts } from './alerts.ts'
import { chain, CLEAN_UP_MS } from './chain.ts'
import type { CheckContext } from './check-context.ts'
import { cache, database, health, isolation, monitoring, workloads } from './from-probes.ts'
import { errorLines, logs } from './logs.ts'
import { query, serverErrors } from './numbers.ts'
import { notMeasured, type Outcome } from './outcome.ts'
import { named } from './requests.ts'
import { send } from './send.ts'

type Kind = VerificationCheck['kind']

/** How each kind is found out. What throws could not be measured. */
const CHECKS: {
  readonly [K in Kind]: (check: CheckOf<K>, context: CheckContext) => Promise<Outcome>
} = {
  person: async () => notMeasured('a person looks'),
  http: async (request, context) => {
    const { outcome } = await send(request, context, { 'check.id': context.id })
    return { ...outcome, says: `${named(request)}: ${outcome.says}` }
  },
  chain,
  query,
  workloads,
  health,
  isolation,
  'server-errors': serverErrors,
  cache,
  database,
  monitoring,
  logs,
  alerts,
  'error-lines': errorLines,
}

/** How long after its deadline a check that ignores its signal is given up. */
const GRACE_MS = 200

export type Verifying = {
  readonly world: World
  readonly settings: AssessSettings
  readonly plan: VerificationPlan
  /** A short name that nobody had before. */
  readonly newId: () => string
}

/**
 * Checks these items at once, each with its own deadline (J9). Never throws, never hangs. What could not be
 * measured is said to be so, and never passes (J10).
 */
export async function verifyItems(
  { ids, changedAt }: ToVerify,
  { world, settings, plan, newId }: Verifying,
  stopped: AbortSignal,
): Promise<readonly ItemResult[]> {
  const changedAtMs = changedAt === null ? null : toMs(changedAt)
  const fresh = { answer: null as Promise<Finding | null> | null }
  return Promise.all(ids.map(one))

  async function one(item: string): Promise<ItemResult> {
    const startedMs = world.clock.now()
    const check = plan.items.find(({ id }) => id === item)?.check
    const outcome = check ? await within(check) : notMeasured('it is not in the settings any more')
    const tookMs = Math.max(0, Math.round(world.clock.now() - startedMs))
    const says = redact(outcome.says).slice(0, MOST_SAID)
    return { item, kind: check?.kind ?? 'person', verdict: outcome.verdict, says, tookMs }
  }

  async function within(check: VerificationCheck): Promise<Outcome> {
    const { deadlineMs } = plan
    const deadline = AbortSignal.timeout(deadlineMs)
    const signal = AbortSignal.any([deadline, stopped])
    const freshness = () => (fresh.answer ??= freshnessOf({ world, settings, signal }))
    const context = { world, settings, signal, id: newId(), changedAtMs, freshness }
    const { promise: late, resolve: giveUp } = Promise.withResolvers<Outcome>()
    const noAnswer = () => notMeasured(`no answer within ${deadlineMs / 1000} s`)
    const cleanUpMs = leavesTraces(check) ? CLEAN_UP_MS : 0
    const timer = setTimeout(() => giveUp(noAnswer()), deadlineMs + cleanUpMs + GRACE_MS)
    try {
      const asking = ask(check, context).catch((error: unknown) =>
        deadline.aborted ? noAnswer() : couldNotAsk(error),
      )
      return await Promise.race([asking, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** As long as a line on a card may be. */
const MOST_SAID = 600

async function ask<K extends Kind>(check: CheckOf<K>, context: CheckContext): Promise<Outcome> {
  const kind: K = check.kind
  return CHECKS[kind](check, context)
}

/** Of all metrics alike: asked once for all checks. */
async function freshnessOf(
  context: Pick<CheckContext, 'world' | 'settings' | 'signal'>,
): Promise<Finding | null> {
  const [question] = metricsFresh.questions(context.settings, context.world)
  return question ? question.ask(context) : null
}

/** A fault is "could not ask". Anything else is our own mistake: said as such, and never well (J10). */
function couldNotAsk(error: unknown): Outcome {
  return notMeasured(
    error instanceof Fault
      ? `${error.dependency}: ${error.detail}`
      : `the check itself failed: ${String(error)}`,
  )
}
