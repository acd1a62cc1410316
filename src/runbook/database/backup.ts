import { draftOf, partOf } from '../parts/part.ts'
import { collectionsOf } from '../parts/require-port.ts'
import type { Action } from '../procedure.ts'
import { NOT_CONFIGURED } from './chosen.ts'
import { backUpData } from './steps/back-up-data.ts'

/** The whole database as it is now, into the catalogue. */
export const backUp: Action<'backup'> = async (_, { world, settings, signal }) => {
  if (!settings.database || !world.collections || !world.backups) return NOT_CONFIGURED
  const { database, identity } = await collectionsOf(world).server(signal)
  const input = { purpose: 'asked', database, server: identity, bytes: null }
  const words = {
    title: `make a backup of ${database}`,
    because: 'asked for',
    lost: 'Nothing: it only reads.',
    undo: 'It changes nothing in production.',
    cautions: ['It holds what is in the database now: what is damaged is damaged in it, too.'],
  }
  const change = {
    what: 'backup catalogue',
    from: 'as it is',
    to: `one more backup of ${database}`,
  }
  const part = partOf(backUpData, input, { targets: [`backup of ${database}`], changes: [change] })
  return { kind: 'feasible', draft: draftOf('backup', words, [part], settings) }
}
