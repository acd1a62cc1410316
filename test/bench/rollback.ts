import type { AuditedCall } from '../servers/kubernetes/audit.ts'
import { kubectlOn, writesIn, type Kubectl } from './kubectl.ts'
import { exactly, ms, ratioWithin, reported, spreadText } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { compare, defaultAmount, measurePairs } from './pairs.ts'
import { rollbackBot } from './rollback-bot.ts'
import type { RollbackBot } from './rollback-bot.ts'
import { FIRST, NAMESPACE, SECOND, SLOW, rollbackStage } from './rollback-stage.ts'
import type { Stage } from './rollback-stage.ts'

const DEPLOYMENTS = 20
/** A write each; two lists for the step's look, three for the plan made anew right before the first write. */
const CALLS = DEPLOYMENTS + 5
const SINGLE_PAIRS = 15
/** A loop takes more than a minute. */
const LOOPS = 3

type Versions = { readonly first: string; readonly second: string }

const names = Array.from({ length: DEPLOYMENTS }, (_, at) => `service-${at + 1}`)
const single = ['single']

/**
 * From the second signature, or from the start of kubectl, to what the API server received and
 * answered, by its own audit log. Real Deployments, whose controllers run. The release before the
 * newest is always the other one: each rollback takes back the one before it.
 */
export const rollback = async (): Promise<readonly Outcome[]> => {
  await using stage = await rollbackStage([...single, ...names])
  const kubectl = kubectlOn(stage)
  return [...(await firstWrite(stage, kubectl)), ...(await allWrites(stage, kubectl))]
}

/** One Deployment on both sides, in a namespace that has more. */
const firstWrite = async (stage: Stage, kubectl: Kubectl): Promise<readonly Outcome[]> => {
  await using bot = await rollbackBot(stage, single)
  const releases = alternating()
  return [
    await ratioWithin({
      what: 'second signature to the first write, against kubectl rollout undo to its PATCH',
      gate: 0.75,
      pairs: SINGLE_PAIRS,
      sides: {
        subject: async () => {
          const { writes, signedAtMs } = await rolledBack(stage, bot, single, releases.before())
          return firstOf(writes) - signedAtMs
        },
        baseline: async () => {
          releases.before()
          const { writes, startedAtMs } = await kubectl.run(`exec ${undo(single)}`, 1)
          await stage.rolledOut(single)
          return firstOf(writes) - startedAtMs
        },
      },
    }),
  ]
}

const alternating = ({ first, second }: Versions = { first: FIRST, second: SECOND }) => {
  let running = second
  return { before: () => (running = running === first ? second : first) }
}

const allWrites = async (stage: Stage, kubectl: Kubectl): Promise<readonly Outcome[]> => {
  const releases = alternating()
  const forms = await timed(stage, kubectl, releases.before)
  const [fastest] = forms.toSorted((one, other) => one.tookMs - other.tookMs)
  if (!fastest) throw new Error('no form of kubectl')
  await using bot = await rollbackBot(stage, names)
  const counts: number[] = []
  let preparation = ''
  /** Until every rollout is over, of the same runs in the same order. */
  const ends = { ours: [] as number[], theirs: [] as number[] }
  const writing = await ratioWithin({
    what: `second signature to ${DEPLOYMENTS} writes accepted, against kubectl’s fastest form`,
    gate: 0.15,
    sides: {
      subject: async () => {
        const done = await rolledBack(stage, bot, names, releases.before())
        counts.push(done.calls.length)
        preparation = shown(done.preparation)
        ends.ours.push(done.provedAtMs - done.signedAtMs)
        return lastOf(done.writes) - done.signedAtMs
      },
      baseline: async () => {
        releases.before()
        const command = `${fastest.command} && ${statusOf(names)}`
        const { writes, startedAtMs, endedAtMs } = await kubectl.run(command, names.length)
        ends.theirs.push(endedAtMs - startedAtMs)
        return lastOf(writes) - startedAtMs
      },
    },
    again: () => {
      ends.ours.length = 0
      ends.theirs.length = 0
    },
    more: () => [
      `fastest was ${fastest.form}`,
      ...forms.map(({ form, tookMs, calls }) => {
        return `kubectl rollout undo, ${form}: ${ms(tookMs)}, ${calls} calls`
      }),
    ],
  })
  const pairs = ends.ours.map((ours, at) => ({
    subject: ours,
    baseline: ends.theirs[at] ?? Number.NaN,
  }))
  const ended = compare(pairs.slice(defaultAmount.warmUp))
  return [
    exactly({
      what: `API calls from the second signature to the last of ${DEPLOYMENTS} writes`,
      measured: Math.max(...counts),
      gate: CALLS,
      details: [
        `the most of ${counts.length} rollbacks, the warm-up’s too`,
        `before it, while people read and sign: ${preparation}`,
      ],
    }),
    writing,
    reported(
      'the same until every rollout is over, against rollout undo and rollout status',
      `${ended.ratio.toFixed(2)} x (95 %: ${ended.low.toFixed(2)} to ${ended.high.toFixed(2)})`,
      [`ours ${spreadText(ended.subject)}, baseline ${spreadText(ended.baseline)}`],
    ),
  ]
}

/**
 * Until every rollout is over, against what a person types: each Deployment undone and waited for,
 * then the next one. Its pods take a moment to start, as real ones do.
 */
export const rollouts = async (): Promise<readonly Outcome[]> => {
  await using stage = await rollbackStage(names, SLOW)
  await using bot = await rollbackBot(stage, names)
  const kubectl = kubectlOn(stage)
  const releases = alternating(SLOW)
  const measured = await measurePairs(
    {
      subject: async () => {
        const done = await rolledBack(stage, bot, names, releases.before())
        await stage.rolledOut(names)
        return done.provedAtMs - done.signedAtMs
      },
      baseline: async () => {
        releases.before()
        const each = names.map((name) => `${undo([name])} && ${statusOf([name])}`)
        const { startedAtMs, endedAtMs } = await kubectl.run(each.join(' && '), names.length)
        return endedAtMs - startedAtMs
      },
    },
    { warmUp: 0, pairs: LOOPS },
  )
  const { ratio, low, high, subject, baseline } = compare(measured)
  return [
    reported(
      `second signature to ${DEPLOYMENTS} rollouts over, pods ready after 3 s, against undo and status of one after the other`,
      `${ratio.toFixed(2)} x (${low.toFixed(2)} to ${high.toFixed(2)} in ${LOOPS} pairs)`,
      [`ours ${spreadText(subject)}, baseline ${spreadText(baseline)}`],
    ),
  ]
}

const rolledBack = async (
  stage: Stage,
  bot: RollbackBot,
  services: readonly string[],
  toVersion: string,
) => {
  const beganAtMs = Date.now()
  const sign = await bot.prepare(toVersion)
  const signed = await sign()
  const all = await stage.callsSince('backout', beganAtMs, (calls) => {
    return writesIn(calls).length >= services.length
  })
  const writes = writesIn(all)
  if (writes.length !== services.length) throw new Error(`${writes.length} writes of ours`)
  const lastReceivedMs = Math.max(...writes.map(({ receivedAtMs }) => receivedAtMs))
  const after = all.filter(({ receivedAtMs }) => receivedAtMs >= signed.signedAtMs)
  return {
    ...signed,
    writes,
    /** The writes included. */
    calls: after.filter(({ receivedAtMs }) => receivedAtMs <= lastReceivedMs),
    preparation: all.filter((call) => !after.includes(call)),
  }
}

const firstOf = (writes: readonly AuditedCall[]): number =>
  Math.min(...writes.map(({ receivedAtMs }) => receivedAtMs))

const lastOf = (writes: readonly AuditedCall[]): number =>
  Math.max(...writes.map(({ answeredAtMs }) => answeredAtMs))

/** `232 calls: 44 list deployments, …` */
const shown = (calls: readonly AuditedCall[]): string => {
  const kinds = Object.entries(
    Object.groupBy(calls, ({ verb, resource, subresource, uri }) => {
      const dry = uri.includes('dryRun') ? ' (dry run)' : ''
      return `${verb} ${[resource, subresource].filter((one) => one !== '').join('/')}${dry}`
    }),
  )
  const each = kinds.map(([kind, those = []]) => `${those.length} ${kind}`)
  return `${calls.length} calls: ${each.join(', ')}`
}

const undo = (services: readonly string[]): string =>
  `kubectl rollout undo -n ${NAMESPACE} ${deploymentsOf(services)}`

const deploymentsOf = (services: readonly string[]): string =>
  services.map((name) => `deployment/${name}`).join(' ')

const statusOf = (services: readonly string[]): string =>
  `kubectl rollout status --timeout=2m -n ${NAMESPACE} ${deploymentsOf(services)}`

type Timed = {
  readonly form: string
  readonly command: string
  readonly tookMs: number
  readonly calls: number
}

/** The ways to undo them all, and how long each takes to its last PATCH. */
const timed = async (stage: Stage, kubectl: Kubectl, before: () => void) => {
  const atATime = (amount: number) => ({
    form: `${DEPLOYMENTS} processes, ${amount} at a time`,
    command: `echo ${deploymentsOf(names)} | xargs -n 1 -P ${amount} kubectl rollout undo -n ${NAMESPACE}`,
  })
  const forms = [{ form: 'one process', command: undo(names) }, ...[1, 2, 8, 20].map(atATime)]
  const found: Timed[] = []
  for (const { form, command } of forms) {
    before()
    const { calls, writes, startedAtMs } = await kubectl.run(command, names.length)
    await stage.rolledOut(names)
    found.push({ form, command, tookMs: lastOf(writes) - startedAtMs, calls: calls.length })
  }
  return found
}
