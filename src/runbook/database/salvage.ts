import { draftOf, partOf } from '../parts/part.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { infeasible, type Action } from '../procedure.ts'
import { NOT_CONFIGURED, whyNotThere } from './chosen.ts'
import { salvageDocuments } from './steps/salvage-documents.ts'
import { dependentTasks } from './switch-cautions.ts'
import { newestSwitch } from './switched-by.ts'

/** What people wrote since the backup, back into the data that is live now. */
export const salvaging: Action<'salvage'> = async (_, { world, settings, plans, signal }) => {
  if (!settings.database || !world.collections) return NOT_CONFIGURED
  const stores = collectionsOf(world)
  const [server, list] = await Promise.all([stores.server(signal), stores.list(signal)])
  const why = whyNotThere(server)
  if (why !== null) return infeasible(why)
  const last = newestSwitch(plans)
  const nameOf = (uuid: string | undefined) => list.find((one) => one.uuid === uuid)?.name
  const pairs = (last?.collections ?? []).flatMap(({ name, live, beside }) => {
    const set = live && nameOf(live.uuid) === live.asideAs
    return live && beside && set && nameOf(beside.uuid) === name
      ? [{ from: { name: live.asideAs, uuid: live.uuid }, to: { name, uuid: beside.uuid } }]
      : []
  })
  if (pairs.length === 0) return infeasible('nothing is set aside that was live before')
  const words = {
    title: `salvage ${pairs.map(({ to }) => to.name).join(', ')}`,
    because: 'asked for',
    lost: 'Nothing: documents are added, and none is changed or deleted.',
    undo: 'No: what was copied back is then like all the rest. What was set aside stays as it is.',
    cautions: [
      'What the bad release wrote comes back with it, where nothing else tells it from what people wrote.',
      'A document that was changed since the backup stays as it is in the backup: only what is missing is copied.',
      'What people have deleted since the switch comes back too, as it was set aside.',
      'One that breaks a unique index or a validator is left where it is, and named.',
    ],
    ...dependentTasks(settings),
  }
  const input = { server: server.identity, pairs }
  const part = partOf(salvageDocuments, input, { targets: [`database ${server.database}`] })
  return { kind: 'feasible', draft: draftOf('salvage', words, [part], settings) }
}
