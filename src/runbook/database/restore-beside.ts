import { utcDayAndTime } from '../../domain/text/utc.ts'
import { readKeptName } from '../../domain/data/kept-name.ts'
import { bytesInside, dataAtLatest } from '../../domain/data/backup.ts'
import { draftOf, partOf } from '../parts/part.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { infeasible, type Action } from '../procedure.ts'
import { chosenBackup } from './chosen.ts'
import { obstacleOf } from './standing-beside.ts'
import { backUpData } from './steps/back-up-data.ts'
import { compareData } from './steps/compare-data.ts'
import { restoreBeside } from './steps/restore-beside.ts'
import { bytesInWords } from '../../domain/text/amounts.ts'

/** A copy of how it is now, the backup beside it, and what a switch would cost. Users notice nothing. */
export const restoring: Action<'restore-beside'> = async ({ backup: id }, circumstances) => {
  const chosen = await chosenBackup(id, circumstances)
  if (chosen.kind === 'infeasible') return chosen
  const { world, settings, signal } = circumstances
  const wanted = settings.database?.collections ?? []
  const list = await collectionsOf(world).list(signal)
  const obstacles = list
    .filter(({ name }) => wanted.includes(name))
    .flatMap((one) => obstacleOf(one) ?? [])
  if (obstacles.length > 0) return infeasible(obstacles.join('; '))
  const { backup, server } = chosen
  const bytes = bytesInside(backup)
  const { database, identity } = server
  const artefact = {
    id: backup.id,
    bytes: backup.bytes,
    sha256: backup.manifest?.artefact.sha256 ?? null,
    changedAt: backup.changedAt,
  }
  const safety = { purpose: 'safety', database, server: identity, bytes: null }
  const restore = { database, server: identity, backup: artefact, collections: [...wanted] }
  const compare = { backup: backup.id, collections: [...wanted], bytes }
  const others = list
    .filter(({ name, kind }) => kind === 'collection' && !wanted.includes(name))
    .flatMap(({ name }) => (readKeptName(name) ? [] : [name]))
  const words = {
    title: `restore ${wanted.join(', ')} of ${backup.id} beside the live data`,
    because: chosen.because,
    lost: [
      'Nothing: the live data is only read. What a switch would lose is counted at the end.',
      ...(others.length > 0 ? [`Left as they are: ${others.join(', ')}.`] : []),
    ].join(' '),
    undo: 'It changes nothing that is live. “tidy up” removes what it has made.',
    cautions: [
      ...chosen.cautions,
      'The server has more to do meanwhile: it may answer more slowly.',
    ],
  }
  const parts = [
    partOf(backUpData, safety, { targets: [`database ${database}`] }),
    partOf(restoreBeside, restore, {
      changes: [
        {
          what: `beside ${database}`,
          from: 'nothing',
          to: `${wanted.join(', ')} as of ${utcDayAndTime(dataAtLatest(backup))}, ${bytesInWords(bytes)}`,
        },
      ],
    }),
    partOf(compareData, compare),
  ]
  return { kind: 'feasible', draft: draftOf('restore-beside', words, parts, settings) }
}
