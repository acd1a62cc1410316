import { inRoundWords } from '../../domain/text/duration.ts'
import type { Draft } from '../../domain/plan/plan.ts'
import type { RunbookSettings } from '../parts/settings.ts'
import type { Beside } from './index.ts'
import { migrationCautions } from './migration.ts'
import { documentsInWords, inDigits } from '../../domain/text/amounts.ts'

/** What somebody should know before signing a switch. */
export function switchCautions(
  { restored, server, release, migration }: Beside,
  { database }: Pick<RunbookSettings, 'database'>,
  /** Which services are stopped for it, and the setting that says so. */
  stopped: { readonly services: readonly string[]; readonly by: string },
): readonly string[] {
  if (!database) return []
  const { collections, moment } = restored.compared
  const { personal, keepMs, mostWrittenMeanwhile } = database
  const back = collections.filter(({ name, deleted }) => personal.includes(name) && deleted > 0)
  const expiring = collections.flatMap(({ name, expiries }) =>
    expiries.flatMap(({ documents }) =>
      documents > 0
        ? [`${documentsInWords(documents)} of ${name} expire right after the switch.`]
        : [],
    ),
  )
  return [
    ...(release
      ? [
          `${release.name} came before the trouble and runs still: what it has damaged it may damage again. Roll it back first, where it did that.`,
        ]
      : []),
    ...(stopped.services.length === 0
      ? [
          `No service is stopped for it (${stopped.by} is empty): whether people go on writing is for maintenance and the server.`,
        ]
      : []),
    server.fence === 'offered'
      ? 'The server is asked to refuse the writes of others meanwhile; whether it did is proved and said.'
      : 'This server cannot refuse the writes of others: that the services are stopped is what keeps them out.',
    moment === null
      ? 'This server keeps no log of writes: what is written between the comparison and the switch is not counted beforehand. It is kept all the same.'
      : `With more than ${inDigits(mostWrittenMeanwhile)} documents written since the comparison nothing is switched, and the services start again.`,
    ...back.map(({ name, deleted }) => {
      return `${name}: ${documentsInWords(deleted)} that were deleted since come back. People, sessions or tokens may be among them.`
    }),
    ...expiring,
    ...migrationCautions(migration),
    ...provedCautions({ database }),
    ...othersCautions({ database }),
    `Every other collection of ${server.database} stays as it is. What is replaced is kept for ${inRoundWords(keepMs)} at least, until “tidy up”.`,
  ]
}

/** What is not proved before people are told that it is over. */
export function provedCautions({ database }: Pick<RunbookSettings, 'database'>): readonly string[] {
  const items = database?.proveBy ?? []
  if (items.length === 0) {
    return [
      'Only health is proved before it is over: the settings name nothing that writes and reads through the application (procedures.database.proveBy).',
    ]
  }
  return items.some(({ writes }) => writes)
    ? []
    : ['Before it is over nothing writes through the application: what proves it only reads.']
}

/** What is to be done for each of them, by people. */
export function dependentTasks({
  database,
}: Pick<RunbookSettings, 'database'>): Pick<Draft, 'tasks'> {
  const stores = database?.dependentStores ?? []
  const tasks = stores.map(({ name, afterwards, by }) => `${name}: ${afterwards} (${by})`)
  return tasks.length > 0 ? { tasks } : {}
}

/** Who else holds the data, or follows it. */
export function othersCautions({ database }: Pick<RunbookSettings, 'database'>): readonly string[] {
  const stores = database?.dependentStores ?? []
  return [
    ...stores.map(({ name, afterwards, by }) => {
      return `${name} is not rolled back with it: ${afterwards} (${by}).`
    }),
    'Whoever follows changes of these collections, such as a search index, is cut off by it and misses what it changes.',
  ]
}
