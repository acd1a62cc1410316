import type { Call } from './calls.ts'
import { get, NoAnswer } from './engine.ts'
import type { ConfiguredJob } from './job.ts'
import { idIn, serviceIn, type Facts } from './judge.ts'
import type { Like } from './like.ts'
import { membershipOfListed, type ConfiguredServices } from './membership.ts'
import { repositoriesOf, touchable } from './repositories.ts'
import { Inspected, InspectedImage, ListedAll, type Fields, type Listed } from './schema.ts'

export type Host = {
  readonly engineSocket: string
  readonly services: ConfiguredServices
  /** Flags: of each service the variables that may be switched, and to what. */
  readonly variables?: SwitchedVariables
  readonly job: ConfiguredJob | null
  readonly ownId: () => Promise<string | null>
}

export type SwitchedVariables = Readonly<Record<string, NonNullable<Like['mayBecome']>>>

/** A service has few containers, and each is looked at. */
const MOST_LIKES = 50

const NOTHING_NEEDED: ReadonlySet<string> = new Set([
  'ping',
  'version',
  'info',
  'images',
  'image',
  'forget',
  'network',
])

/** What the decision on this request needs, asked right before it. */
export async function factsFor(call: Call, body: Fields, host: Host): Promise<Facts> {
  const { engineSocket, services, job } = host
  const ownId = await host.ownId()
  if (NOTHING_NEEDED.has(call.name)) {
    const around = { all: [], ownId, engineSocket }
    return { services, job, around, target: null, likes: [], repositories: new Set() }
  }
  const path = `${call.version}/containers/json?all=true`
  const all = await get(engineSocket, ListedAll, path)
  if (!all) throw new NoAnswer('The Engine does not tell which containers there are.')
  const around = { all, ownId, engineSocket }
  const ours = touchable(services, around)
  const id = idIn(call, body)
  const target = await targetOf(id, call, host)
  const likes =
    call.name === 'create' || call.name === 'connect'
      ? await likesOf(serviceMeant(call, body, ours, host), ours, call, host)
      : []
  const repositories =
    call.name === 'pull' || call.name === 'distribution'
      ? repositoriesOf(ours, await imagesOf(ours, call, host))
      : new Set<string>()
  return { services, job, around, target, likes, repositories }
}

async function targetOf(id: string | null, call: Call, host: Host): Promise<Inspected | null> {
  if (id !== null) return inspected(id, call, host)
  const { name, named, path, version } = call
  if (name !== 'job') return null
  const seen = await get(host.engineSocket, Inspected, `${version}${path}`)
  return seen?.Name === named ? seen : null
}

function serviceMeant(
  call: Call,
  body: Fields,
  ours: readonly Listed[],
  { services }: Host,
): string | null {
  if (call.name === 'create') return serviceIn(body).service
  const one = ours.find(({ Id }) => Id === idIn(call, body))
  return one ? (membershipOfListed(services, one)?.service ?? null) : null
}

async function likesOf(
  service: string | null,
  ours: readonly Listed[],
  call: Call,
  host: Host,
): Promise<readonly Like[]> {
  const members = ours.filter((one) => membershipOfListed(host.services, one)?.service === service)
  const { variables = {} } = host
  const switched = service !== null && Object.hasOwn(variables, service) ? variables[service] : null
  const mayBecome = switched ? { mayBecome: switched } : {}
  const found = await Promise.all(
    members.slice(0, MOST_LIKES).map(async (one): Promise<Like[]> => {
      const seen = await inspected(one.Id, call, host)
      const image = seen && (await imageOf(seen.Image, call, host))
      // Without it nobody knows what is the container's own, and all that is asked for has to be.
      return seen ? [{ seen, image: image?.Config ?? {}, ...mayBecome }] : []
    }),
  )
  return found.flat()
}

async function imagesOf(
  ours: readonly Listed[],
  call: Call,
  host: Host,
): Promise<readonly InspectedImage[]> {
  const ids = [...new Set(ours.map(({ ImageID }) => ImageID))].filter((id) => id !== '')
  const found = await Promise.all(ids.map((id) => imageOf(id, call, host)))
  return found.filter((image) => image !== null)
}

async function inspected(id: string, { version }: Call, host: Host): Promise<Inspected | null> {
  const seen = await get(host.engineSocket, Inspected, `${version}/containers/${id}/json`)
  // The Engine also takes a name, and means whoever has it now (J5).
  return seen?.Id === id ? seen : null
}

function imageOf(id: string, { version }: Call, host: Host): Promise<InspectedImage | null> {
  if (!/^sha256:[0-9a-f]{64}$/.test(id)) return Promise.resolve(null)
  return get(host.engineSocket, InspectedImage, `${version}/images/${id}/json`)
}
