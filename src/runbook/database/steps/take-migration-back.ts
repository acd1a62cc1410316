import { z } from 'zod'
import { keptName } from '../../../domain/data/kept-name.ts'
import { defineStep, type WriteContext } from '../../../engine/run/step.ts'
import type { Job } from '../../../ports/jobs.ts'
import { collectionsOf, jobsOf } from '../../parts/require-port.ts'
import { planOfKey } from '../kept.ts'
import { askLedger, Ledger, ledgerGone } from '../ledger.ts'
import { toldVariables } from '../migration-settings.ts'
import { otherServer } from '../same-server.ts'
import { whatDiffers } from './copy-beside.ts'

const Input = z.object({
  server: z.string(),
  ledger: Ledger,
  /** What it changes, and the ledger: copied beside before it. */
  collections: z.array(z.string()).min(1),
  job: z.object({
    image: z.string(),
    command: z.array(z.string()),
    seconds: z.number(),
  }),
})
type Input = z.infer<typeof Input>

/** Beside its own time: the copies are held against what is live before it. */
const MORE_MS = 60 * 60_000

/**
 * The team's own `down` runs once, only where the ledger of the migration says that it is applied, and nothing has
 * changed since it was copied. The ledger is asked again after it. What is not clear then is left for people.
 */
export const takeMigrationBack = defineStep({
  id: 'take-migration-back',
  input: Input,
  deadlineMs: ({ job }) => job.seconds * 1_000 + MORE_MS,
  onAbort: 'finish',
  onUndo: { kind: 'leave' },

  title: ({ ledger, job }) =>
    `Run ${job.command.join(' ')} once, where ${ledger.collection} says that the migration is applied`,

  async inspect({ world, key, signal }, { server, ledger }) {
    const stores = collectionsOf(world)
    // What has run and the ledger are asked in this order: what ends in between is seen as running.
    const found = await jobsOf(world).find(jobName(key), key, signal)
    const [now, says] = await Promise.all([
      stores.server(signal),
      askLedger(stores, ledger, signal),
    ])
    const begun = found.kind !== 'none' && found.kind !== 'another'
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun, says: other }
    switch (found.kind) {
      case 'another':
        return { kind: 'blocked', begun, says: `something else is called ${jobName(key)}` }
      case 'failed':
        return { kind: 'blocked', begun, says: unclear(found.says, says) }
      case 'running':
        return { kind: 'needed', begun, seen: found.kind }
      case 'succeeded':
        return says === 'not-applied'
          ? { kind: 'done', begun, says: takenBack(ledger) }
          : { kind: 'blocked', begun, says: unclear('it ended well', says) }
      case 'none':
        if (says === 'not-there') return { kind: 'blocked', begun, says: ledgerGone(ledger) }
        return says === 'applied'
          ? { kind: 'needed', begun, seen: found.kind }
          : { kind: 'done', begun, says: nothingToDo(ledger) }
      default:
        return found satisfies never
    }
  },

  async apply(context, input, seen) {
    // It runs already: all there is to do is to wait for it.
    if (seen === 'running') return { kind: 'written' }
    const { world, key, cause, signal, sendBeforeMs } = context
    const changed = await whyNotAsCopied(context, input)
    if (changed !== null) return { kind: 'refused', applied: 'unknown', says: changed }
    // That may have taken longer than a signature holds (J7).
    if (world.clock.now() >= sendBeforeMs) return { kind: 'look-again' }
    const options = { key, cause, dryRun: false, signal, sendBeforeMs }
    const answer = await jobsOf(world).start(jobOf(jobName(key), input), options)
    if (answer.kind === 'exists') return { kind: 'look-again' }
    return answer.kind === 'started'
      ? { kind: 'written' }
      : { kind: 'refused', applied: 'no', says: `it was not started: ${answer.because}` }
  },

  async verify({ world, key, signal }, { ledger }) {
    const found = await jobsOf(world).find(jobName(key), key, signal)
    if (found.kind === 'running') return { kind: 'not-yet', says: found.says }
    const says = await askLedger(collectionsOf(world), ledger, signal)
    if (found.kind === 'failed') return { kind: 'failed', says: unclear(found.says, says) }
    if (says === 'not-applied') {
      const isOurs = found.kind === 'succeeded'
      return { kind: 'verified', says: isOurs ? takenBack(ledger) : nothingToDo(ledger) }
    }
    const ended = found.kind === 'succeeded' ? 'it ended well' : 'it is gone'
    return { kind: 'failed', says: unclear(ended, says) }
  },

  async rehearseUnseen({ world, signal }, input) {
    const says = await askLedger(collectionsOf(world), input.ledger, signal)
    if (says !== 'applied') return { kind: 'nothing-to-ask', says: '' }
    const jobs = jobsOf(world)
    const options = { key: 'rehearsal', cause: 'rehearsal', dryRun: true, signal }
    const answer = await jobs.start(jobOf('backout-rehearsal', input), options)
    return answer.kind === 'refused'
      ? { kind: 'refused', says: `the migration cannot be taken back: ${answer.because}` }
      : { kind: 'accepted', says: `${jobs.where} would run the migration’s down` }
  },
})

/** One for each plan: there is never a second one. */
function jobName(key: string): string {
  const { incident, plan } = planOfKey(key)
  return `backout-${incident.toLowerCase()}-p${plan}`
}

function jobOf(name: string, { job, ...input }: Input): Job {
  return { name, ...job, variables: toldVariables(input) }
}

/** Also where one of ours was removed after it had begun: then it has written, and does not run a second time. */
async function whyNotAsCopied(
  { world, key, signal, report }: WriteContext,
  { collections }: Input,
): Promise<string | null> {
  const list = await collectionsOf(world).list(signal)
  for (const name of collections) {
    const as = keptName({ ...planOfKey(key), role: 'copy', attempt: null, collection: name })
    if (!list.some((one) => one.name === as)) return `${name}: its copy is gone`
    const differs = await whatDiffers({ world, until: signal, report }, { name, as })
    if (differs !== null) return `${name}: ${differs}`
  }
  return null
}

function takenBack({ collection }: Ledger): string {
  return `the migration is taken back, and ${collection} says so`
}

function nothingToDo({ collection }: Ledger): string {
  return `${collection} says that the migration is not applied: nothing is run`
}

const TOLD = {
  applied: 'the ledger says that the migration is applied still',
  'not-applied': 'the ledger says that the migration is not applied any more',
  'not-there': 'the ledger is gone',
} as const

function unclear(ended: string, says: keyof typeof TOLD): string {
  return `${ended}, and ${TOLD[says]}: how far it came is for people to find out, and the services stay stopped until then`
}
