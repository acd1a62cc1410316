import { isWrite, type Call } from '../faults/outward.ts'
import { freeze } from '../servers/freeze.ts'
import type { Gate, Name, ReplicaProcess, Replicas } from './replicas.ts'

/** The one that acts is frozen at this call of its run. A write of it arrives long after; what else it asks is answered. */
export type Moment = { readonly what: 'call' | 'write'; readonly at: number }

/** A write of the frozen one that came when another one acted. */
export type LateWrite = {
  readonly what: string
  readonly accepted: boolean
  /** Whether the target itself can tell that it is late. */
  readonly guarded: boolean
}

/** What happens at that moment. Whoever is frozen is thawed when the other has ended the run. */
export type Strike = (acting: ReplicaProcess, incident: string) => Promise<'frozen' | 'awake'>

export const freezing: Strike = async ({ pid }) => {
  await freeze([pid])
  return 'frozen'
}

/** Stands before production during a rollback, and has something happen at one of its calls. */
export function watchRun(
  { one, other }: Pick<Replicas, 'one' | 'other'>,
  moment: Moment | null,
  strike: Strike,
) {
  const fired = Promise.withResolvers<ReplicaProcess>()
  const thawed = Promise.withResolvers<void>()
  const written: string[] = []
  const late: LateWrite[] = []
  let incident = ''
  const made = { call: 0, write: 0 }
  let acting: Name = 'one'
  let frozen: { readonly by: Name; readonly ms: number } | null = null
  let tookOverMs: number | null = null
  let striking: Promise<ReplicaProcess | null> | null = null

  async function struckAt(process: ReplicaProcess): Promise<ReplicaProcess | null> {
    return (await strike(process, incident)) === 'frozen' ? process : null
  }

  const gate: Gate = async (by, call, make) => {
    const seen = frozen
    if (seen === null) acting = by
    else if (by !== seen.by) tookOverMs ??= Math.round(performance.now() - seen.ms)
    if (incident !== '' && seen === null) {
      made.call += 1
      if (isWrite(call)) made.write += 1
      if (moment && made[moment.what] === moment.at) {
        const struck = { by, ms: performance.now() }
        frozen = struck
        striking = struckAt(by === 'one' ? one : other)
        const process = await striking
        if (process) fired.resolve(process)
        if (process && isWrite(call)) await thawed.promise
      }
    }
    const isStale = frozen?.by === by && tookOverMs !== null
    const answer = await make()
    if (isWrite(call)) note(call, answer, isStale)
    return answer
  }

  function note(call: Call, answer: unknown, isStale: boolean): void {
    const accepted = call.name === 'clear' || isWritten(answer)
    const what = wordsOf(call)
    if (accepted && call.name === 'write') written.push(what)
    if (isStale) late.push({ what, accepted, guarded: call.name === 'write' })
  }

  return {
    gate,
    written,
    frozen: fired.promise,
    arm(id: string): Name {
      incident = id
      return acting
    },
    /** The run is over: nothing happens any more. Who was frozen, though it was only then: it asks more than a run does. */
    async disarm(): Promise<ReplicaProcess | null> {
      incident = ''
      return striking
    },
    letGo: () => thawed.resolve(),
    found: () => ({ made, late, tookOverMs }),
  }
}

function isWritten(answer: unknown): boolean {
  return (
    typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'written'
  )
}

function wordsOf({ name, args }: Call): string {
  if (name !== 'write') return name
  const [asked] = args as readonly [Asked]
  return `${asked.seen.name} to ${asked.change.to?.images[0]?.split(':')[1]}`
}

type Asked = {
  readonly seen: { readonly name: string }
  readonly change: { readonly to?: { readonly images: readonly string[] } }
}
