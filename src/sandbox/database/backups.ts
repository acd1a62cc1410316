import { Fault } from '../../domain/base/fault.ts'
import type { Backups } from '../../ports/backups.ts'
import type { Report } from '../../ports/collections.ts'
import type { Availability, Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import { manifestOf, problemOf, sizeOf, type Catalogue, type SimulatedBackup } from './catalogue.ts'
import type { CopyTools } from './copy-tools.ts'
import { made } from './made-backup.ts'
import { restored } from './restored-backup.ts'
import type { SimulatedServer } from './server.ts'

/** What copying goes through: each piece asked for on its own, and told of. */
export type Copying = {
  readonly stage: Stage
  readonly server: SimulatedServer
  readonly catalogue: Catalogue
  readonly tools: CopyTools
  /** The server is asked for, or sent, one piece more. */
  readonly piece: <T>(signal: AbortSignal, what: () => T) => Promise<T>
  /** Nothing comes until the signal. */
  readonly hang: (signal: AbortSignal) => Promise<never>
}

/** Bytes are told of in so many pieces. */
const PIECES = 10

type Parts = Pick<Copying, 'server' | 'catalogue' | 'tools'> & {
  readonly settle: () => void
  /** How long a piece takes at most. */
  readonly paceMs: number
}

/** The port over the simulated catalogue. */
export function sandboxBackups(stage: Stage, parts: Parts): Backups {
  const { server, catalogue, tools, settle, paceMs } = parts
  const looking = answering('backups', stage)
  const reading = answering('backups', { ...stage, slowestMs: paceMs })
  const sending = answering('mongodb', { ...stage, slowestMs: paceMs })
  const look = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    looking(stage.production().backups, signal, () => {
      settle()
      return what()
    })
  const copying: Copying = {
    stage,
    server,
    catalogue,
    tools,
    piece: (signal, what) =>
      sending(worse(stage.production()), signal, () => {
        settle()
        return what()
      }),
    hang: (signal) =>
      sending('silent', signal, () => {
        throw new Error('what hangs does not end')
      }),
  }

  const readWhole = async (backup: SimulatedBackup, report: Report, signal: AbortSignal) => {
    const total = sizeOf(backup)
    for (let piece = 1; piece <= PIECES; piece += 1) {
      await reading(stage.production().backups, signal, () => undefined)
      report({ done: Math.round((total * piece) / PIECES), total, unit: 'bytes' })
    }
  }

  return {
    list: (signal) => look(signal, catalogue.list),
    freeBytes: (signal) => look(signal, catalogue.freeBytes),
    tools: (signal) => look(signal, tools.all),

    async verify(id, report, signal) {
      const backup = await look(signal, () => known(catalogue, id))
      await readWhole(backup, report, signal)
      return look(signal, () => {
        catalogue.verified(id, stage.now())
        const read = known(catalogue, id)
        const because = problemOf(read)
        if (because !== null) return { kind: 'damaged', because } as const
        return { kind: 'verified', manifest: manifestOf(read, stage.now()) } as const
      })
    },

    make: (wanted, report, signal) => made(copying, wanted, report, signal),
    restore: (wanted, report, signal) => restored(copying, wanted, report, signal),

    markUnusable: ({ id, bytes, changedAt }, because, signal) =>
      look(signal, () => {
        const found = catalogue.list().find((one) => one.id === id)
        if (found?.bytes === bytes && found.changedAt === changedAt) {
          catalogue.markUnusable(id, because)
        }
      }),

    remove: ({ id, sha256 }, signal) =>
      look(signal, () => {
        const found = catalogue.find(id)
        if (!found) return { kind: 'refused', because: 'it is not there any more' } as const
        if (found.purpose === 'found') {
          return { kind: 'refused', because: 'it was not made by Backout' } as const
        }
        if (manifestOf(found, 0).artefact.sha256 !== sha256) {
          return { kind: 'refused', because: 'it has changed since' } as const
        }
        catalogue.remove(id)
        return { kind: 'done' } as const
      }),
  }
}

/** Copying needs both. */
function worse({ mongodb, backups }: { mongodb: Availability; backups: Availability }) {
  return mongodb === 'answering' ? backups : mongodb
}

function known(catalogue: Catalogue, id: string): SimulatedBackup {
  const found = catalogue.find(id)
  if (found) return found
  const detail = `there is no backup ${id}`
  throw new Fault({ kind: 'terminal', dependency: 'backups', detail, code: 'ENOENT' })
}
