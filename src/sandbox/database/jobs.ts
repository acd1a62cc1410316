import type { JobFound, Jobs } from '../../ports/jobs.ts'
import type { Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import { keyOf } from './documents.ts'
import type { Document } from './documents.ts'
import type { SimulatedServer } from './server.ts'
import type { simulatedUsers } from './users.ts'

/** A migration that the release has brought, and the program that takes it back. */
export type SimulatedMigration = {
  /** Where it stands that it was applied, and with which `_id`. */
  readonly ledger: { readonly collection: string; readonly id: string }
  /** What its `down` makes of a document; not the same when it is done twice. */
  readonly down: Readonly<Record<string, (document: Document) => Document>>
  /** How long it takes. */
  readonly takesMs?: number
}

/** How it ends: well; before it has written; in the middle; when its time is over; or well, and the ledger says nothing of it. */
export type JobEnding = 'well' | 'fails' | 'half' | 'hangs' | 'untold'

type Started = { readonly key: string; readonly atMs: number; readonly endsMs: number }

type Hand = {
  readonly now: () => number
  /** It writes as the application does, and what it wrote is remembered. */
  readonly put: ReturnType<typeof simulatedUsers>['put']
}

export type SimulatedJobs = ReturnType<typeof simulatedJobs>
/** The hands of other people on them. */
export type JobHands = SimulatedJobs['hands']

/** What runs the program: it writes some seconds after it was started. */
export function simulatedJobs(
  server: SimulatedServer,
  { now, put }: Hand,
  { ledger, down, takesMs = 4_000 }: SimulatedMigration,
) {
  const jobs = new Map<string, Started>()
  const ended = new Map<string, 'succeeded' | 'failed'>()
  let ending: JobEnding = 'well'
  let runs = 0
  let refusal: string | null = null

  function rewrite(name: string): void {
    const of = down[name]
    for (const one of server.find(name)?.documents.values() ?? []) {
      if (of) put(name, of(one), 'a migration', now())
    }
  }

  function carryOut(name: string): void {
    runs += 1
    const names = Object.keys(down)
    if (ending === 'half') names.slice(0, 1).forEach(rewrite)
    if (ending === 'well' || ending === 'untold') names.forEach(rewrite)
    if (ending === 'well') server.remove(ledger.collection, keyOf({ _id: ledger.id }), 'users')
    ended.set(name, ending === 'well' || ending === 'untold' ? 'succeeded' : 'failed')
  }

  return {
    /** Its release has just come: it is applied, and its ledger says so. */
    begin(): void {
      jobs.clear()
      ended.clear()
      runs = 0
      server.create({ name: ledger.collection, documents: [{ _id: ledger.id }] })
    },
    /** What was to end until now ends. */
    settle(): void {
      for (const [name, { endsMs }] of jobs) {
        if (endsMs <= now() && !ended.has(name)) carryOut(name)
      }
    },
    find(name: string, key: string): JobFound {
      const found = jobs.get(name)
      if (!found) return { kind: 'none' }
      if (found.key !== key) return { kind: 'another' }
      const how = ended.get(name)
      if (how === 'failed') return { kind: 'failed', says: 'it ended with an error' }
      return how ? { kind: how } : { kind: 'running', says: 'it runs' }
    },
    refused: () => refusal,
    has: (name: string) => jobs.has(name),
    start(
      name: string,
      { key, seconds }: { readonly key: string; readonly seconds: number },
    ): void {
      const atMs = now()
      // Whoever runs it ends it, without a word of what it has done.
      const endsMs = ending === 'hangs' ? atMs + seconds * 1_000 : atMs + takesMs
      jobs.set(name, { key, atMs, endsMs })
    },
    hands: {
      end: (how: JobEnding): void => void (ending = how),
      /** From now on none is started, for this reason. */
      refuse: (because: string | null): void => void (refusal = because),
      remove: (name: string): void => void jobs.delete(name),
      names: (): readonly string[] => [...jobs.keys()],
      /** How often it was carried out. */
      runs: (): number => runs,
    },
  }
}

/** The port over them. */
export function sandboxJobs(stage: Stage, jobs: SimulatedJobs, settle: () => void): Jobs {
  const answer = answering('kubernetes', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().kubernetes, signal, () => {
      settle()
      return what()
    })
  return {
    where: 'namespace backout-jobs',
    find: (name, key, signal) => ask(signal, () => jobs.find(name, key)),
    start: ({ name, seconds }, { key, dryRun, signal }) =>
      ask(signal, () => {
        const because = jobs.refused()
        if (because !== null) return { kind: 'refused', because }
        if (jobs.has(name)) return { kind: 'exists' }
        if (!dryRun) jobs.start(name, { key, seconds })
        return { kind: 'started' }
      }),
  }
}
