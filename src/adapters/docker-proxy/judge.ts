import { isDeepStrictEqual } from 'node:util'
import type { Call } from './calls.ts'
import { isImageOfJob, isJob, saysJob, whyNotDone, whyNotMade, type ConfiguredJob } from './job.ts'
import { differences, type Like } from './like.ts'
import { endpointDifferences } from './like-networks.ts'
import { COMPOSE, membershipOf, type ConfiguredServices } from './membership.ts'
import { repositoryInFull } from './repositories.ts'
import { isFields } from './sameness.ts'
import type { Fields, Inspected, Listed } from './schema.ts'
import { sparedBecause, type Surroundings } from './spared.ts'

/** What is known of the host when a request is judged. */
export type Facts = {
  readonly services: ConfiguredServices
  /** The program that may be run once; `null`: none. */
  readonly job: ConfiguredJob | null
  readonly around: Surroundings
  /** The container that the request names; `null`: there is none such, or it names none. */
  readonly target: Inspected | null
  /** The containers that a new one, or one that gets a network, may be like. */
  readonly likes: readonly Like[]
  /** Where images may be pulled from. */
  readonly repositories: ReadonlySet<string>
}

export type Verdict =
  /** Sent on with this body, and with nothing else of what came. */
  | {
      readonly kind: 'allowed'
      readonly body: Fields | null
      /** Of the answer nothing is shown but what it shares with others; left out: it is shown as `shown.ts` says. */
      readonly only?: 'modes'
    }
  | { readonly kind: 'absent'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string }

const ALLOWED = { kind: 'allowed', body: null } as const

/** The one decision of the proxy, whatever the request: who asks is never told apart, so all hold for everybody. */
export function judge(call: Call, body: Fields, facts: Facts): Verdict {
  switch (call.name) {
    case 'ping':
    case 'version':
    case 'info':
    case 'events':
    case 'list':
    case 'images':
    case 'image':
      return ALLOWED
    case 'pull': {
      const { fromImage = '', tag = '' } = call.query
      return isImageOfJob(`${fromImage}@${tag}`, facts.job)
        ? ALLOWED
        : fromRegistry(fromImage, facts)
    }
    case 'distribution': {
      const named = call.named ?? ''
      return isImageOfJob(named, facts.job) ? ALLOWED : fromRegistry(named, facts)
    }
    case 'network':
      return call.named === facts.job?.network
        ? ALLOWED
        : refused(`${call.named} is not the network of the migration of the settings.`)
    case 'job':
      return jobCalled(call, facts)
    case 'forget':
      return forget(call, facts)
    case 'create':
      return saysJob(body)
        ? unless(whyNotMade(call.query['name'] ?? '', body, facts.job), body)
        : create(call, body, facts)
    case 'connect':
    case 'inspect':
    case 'logs':
    case 'stats':
    case 'changes':
    case 'update':
    case 'start':
    case 'stop':
    case 'rename':
    case 'remove':
    case 'commit':
      return ofContainer(call, body, facts)
    default:
      return call.name satisfies never
  }
}

function ofContainer(call: Call, body: Fields, facts: Facts): Verdict {
  const { target, services, around } = facts
  const id = idIn(call, body)
  if (target?.Id !== id || id === null) {
    return { kind: 'absent', because: `No such container: ${id ?? ''}` }
  }
  const { Name: name } = target
  const listed = around.all.find((one) => one.Id === id)
  if (isJob(target, facts.job)) return unless(whyNotDone(call.name, target), null)
  const member = membershipOf(services, { id, name, labels: target.Config.Labels })
  if (!listed || !member) {
    if (listed && call.name === 'inspect') return { ...ALLOWED, only: 'modes' }
    return refused(`${name} is no container of a service of the settings.`)
  }
  const spared = sparedBecause(seenToo(listed, target), around)
  if (spared !== null) return refused(`${name} is left alone: ${spared}.`)
  switch (call.name) {
    case 'update':
      return isPolicyOnly(body)
        ? { kind: 'allowed', body }
        : refused(`Of ${name} nothing can be changed but its restart policy.`)
    case 'start':
      return member.role === 'kept'
        ? refused(`${name} is kept as it is, and never started.`)
        : ALLOWED
    case 'rename': {
      const named = { id, name: call.query['name'] ?? '', labels: target.Config.Labels }
      return isDeepStrictEqual(membershipOf(services, named), member)
        ? ALLOWED
        : refused(`Under that name ${name} would not be of the service ${member.service} any more.`)
    }
    case 'commit':
      return commit(call, body, member.service)
    case 'connect':
      return connect(call, body, target, facts)
    default:
      return ALLOWED
  }
}

function jobCalled({ named }: Call, { target, job }: Facts): Verdict {
  if (!target) return { kind: 'absent', because: `No such container: ${named}` }
  return isJob(target, job)
    ? ALLOWED
    : refused(`${named} was not made to run the migration of the settings.`)
}

/** Which container a request means: always by its whole id, since a name means whoever has it (J5). */
export function idIn(call: Call, body: Fields): string | null {
  if (call.name === 'commit') return call.query['container'] ?? null
  if (call.name !== 'connect') return call.id
  const id = body['Container']
  return typeof id === 'string' && /^[0-9a-f]{64}$/.test(id) ? id : null
}

/** Some Engines list less of a mount than they tell of it. */
function seenToo(listed: Listed, { Mounts }: Inspected): Listed {
  return { ...listed, Mounts: [...listed.Mounts, ...Mounts] }
}

function create(call: Call, body: Fields, { services, likes }: Facts): Verdict {
  const { service, labels } = serviceIn(body)
  const name = call.query['name'] ?? ''
  const member = membershipOf(services, { id: '', name, labels })
  if (member === null || member.service !== service) {
    return refused('A new container has to be of a service of the settings, and say of which one.')
  }
  const all = likes.map((like) => ({ name: like.seen.Name, wrong: differences(body, like) }))
  const [nearest] = all.toSorted((a, b) => a.wrong.length - b.wrong.length)
  if (!nearest) return refused(`There is no container of ${service} that a new one could be like.`)
  if (nearest.wrong.length === 0) return { kind: 'allowed', body }
  const shown = nearest.wrong.slice(0, 8)
  const more = nearest.wrong.length - shown.length
  return refused(
    `A new container may differ from one that is there in its image, its name, labels of Backout, and the flags of the settings. ` +
      `From ${nearest.name} this one differs in ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
  )
}

/** As the labels of a request for a new container say it. */
export function serviceIn(body: Fields): {
  readonly service: string | null
  readonly labels: Readonly<Record<string, string>>
} {
  const said = isFields(body['Labels']) ? body['Labels'] : {}
  const labels = Object.fromEntries(
    Object.entries(said).filter((one): one is [string, string] => typeof one[1] === 'string'),
  )
  return { service: labels['backout.service'] ?? null, labels }
}

function connect(call: Call, body: Fields, target: Inspected, { likes }: Facts): Verdict {
  const { Container: _, EndpointConfig: endpoint, ...rest } = body
  const network = call.named ?? ''
  const isNew = target.State.Status === 'created' && 'backout.mark' in target.Config.Labels
  if (!isNew) return refused(`${target.Name} gets no network: Backout did not make it just now.`)
  const others = likes.filter(({ seen }) => seen.Id !== target.Id)
  const fits = others.some(({ seen }) => endpointDifferences(network, endpoint, seen).length === 0)
  return fits && Object.keys(rest).length === 0
    ? { kind: 'allowed', body }
    : refused(`No container of its service is in the network ${network} in that way.`)
}

function commit({ query }: Call, body: Fields, service: string): Verdict {
  const { Labels: labels = {}, ...rest } = body
  const areEmptied =
    isFields(labels) &&
    Object.entries(labels).every(
      ([name, value]) => value === '' && (name.startsWith(COMPOSE) || name.startsWith('backout.')),
    )
  if (!areEmptied || Object.keys(rest).length > 0) {
    return refused('What a container has written is kept as it is, and nothing is added to it.')
  }
  return query['repo'] === `backout-kept/${service}`
    ? { kind: 'allowed', body }
    : refused(`What a container of ${service} has written is kept as backout-kept/${service}.`)
}

/** What was kept of what a container had written: of a service of the settings, and nothing that it was built on. */
function forget({ named }: Call, { services }: Facts): Verdict {
  const service = (named ?? '').split(':', 1)[0] ?? ''
  return Object.hasOwn(services, service)
    ? ALLOWED
    : refused(`${service} is no service of the settings, so that nothing was kept of it.`)
}

/** Credentials go along: only to where an image of the settings came from. */
function fromRegistry(from: string, { repositories }: Facts): Verdict {
  return repositories.has(repositoryInFull(from))
    ? ALLOWED
    : refused(`No container of the settings is of an image from ${from}.`)
}

function isPolicyOnly({ RestartPolicy: policy, ...rest }: Fields): boolean {
  if (!isFields(policy) || Object.keys(rest).length > 0) return false
  const { Name, MaximumRetryCount: most = 0, ...others } = policy
  return (
    typeof Name === 'string' &&
    ['no', 'always', 'unless-stopped', 'on-failure'].includes(Name) &&
    Number.isSafeInteger(most) &&
    Number(most) >= 0 &&
    Object.keys(others).length === 0
  )
}

function unless(because: string | null, body: Fields | null): Verdict {
  return because === null ? { kind: 'allowed', body } : refused(because)
}

function refused(because: string): Verdict {
  return { kind: 'refused', because }
}
