import type { Container, LocalImage } from '../../ports/containers.ts'
import type { Sharers } from '../../ports/sharers.ts'
import type { Revision, Workload } from '../../domain/workload/workload.ts'
import type { SimulatedHosts } from './hosts.ts'
import type { SimulatedContainer } from './simulated-container.ts'
import { sha256Of } from './specification.ts'
import { policyFor } from './written.ts'

/** What of ours is on every container that this bot makes. */
const OUR_PREFIX = 'backout.'
/** Which obstacles are none to its being made anew alone. */
const NOT_TO_END: readonly string[] = [
  'this bot itself runs in it',
  'it is removed as soon as it stops',
]
const KEPT_PREFIX = `${OUR_PREFIX}kept/`

/** How hosts tell of their containers now. */
export function containerViews(hosts: SimulatedHosts) {
  const container = (one: SimulatedContainer): Container => {
    const { host, service, id, name, role, mark, image, specification: made } = one
    const { ports, aliases, volumes, dependsOn, obstacles, stopSeconds, labels: written } = made
    const nothing = { version: null, commit: null, source: null, authors: null, builtAt: null }
    const what = { host, service: service ?? '', id, name, role, mark, image }
    const network = hosts
      .existing(host)
      .filter(({ shares }) => shares?.with === id && shares.what === 'network')
      .map(({ name: by }) => `${by} shares its network`)
    const has = { stopSeconds, aliases, volumes, tmpfs: [], dependsOn }
    const stands = {
      obstacles: [...obstacles, ...network],
      mayNotEnd: obstacles.filter((obstacle) => NOT_TO_END.includes(obstacle)),
    }
    return {
      ...what,
      ...has,
      ...stands,
      compose: composeOf(written),
      madeBy: makerOf({ mark }),
      labels: hosts.images.find(image)?.labels ?? nothing,
      sha256: sha256Of(made),
      ...hosts.life(one),
      createdAt: new Date(one.createdAtMs).toISOString(),
      restartPolicy: policyFor(one),
      publishesPorts: ports.length > 0,
    }
  }

  const of = (service: string): readonly SimulatedContainer[] =>
    hosts.names.flatMap((host) => hosts.existing(host)).filter((one) => one.service === service)

  return {
    of,
    container,

    /** One that was made and never started is none that is wanted yet; one that was stopped is none any more. */
    workload(service: string): Workload | null {
      const all = of(service).map(container)
      const serving = all.filter(({ role, state }) => role === 'serving' && state !== 'created')
      if (all.length === 0) return null
      const wanted = serving.filter(({ state, restartPolicy }) => {
        return state === 'running' || state === 'restarting' || restartPolicy !== 'no'
      })
      const [current, ...earlier] = revisionsOf([
        ...all.filter(({ role }) => role === 'kept'),
        ...(wanted.length > 0 ? wanted : serving),
      ])
      const newest = wanted.at(-1) ?? serving.at(-1)
      const troubles = [...new Set((wanted.length > 0 ? wanted : serving).flatMap(troublesOf))]
      const [stuck] = troubles
      const running = wanted.filter(({ health }) => health === 'healthy')
      return {
        service,
        unit: 'container',
        name: `container/${(newest ?? all[0])?.name}`,
        desired: Math.max(1, wanted.length),
        ready: running.length,
        updated: wanted.filter(({ image }) => image.id === newest?.image.id).length,
        restarts: wanted.reduce((sum, { restarts }) => sum + restarts, 0),
        troubles,
        ...(stuck === undefined ? {} : { stuck }),
        paused: wanted.some(({ state }) => state === 'paused'),
        ownedBy: null,
        madeBy: newest ? makerOf(newest) : null,
        templateIsOurs: newest !== undefined && newest.mark !== null,
        servedBy: null,
        managedBy: [],
        current: newest ? (current ?? null) : null,
        previous: newest ? earlier : [],
        changed: newest ? changeTo(newest, earlier[0] ?? null) : null,
      }
    },

    /** What runs beside these services. */
    sharers(services: readonly string[]): Sharers {
      const members = services.flatMap(of)
      const others = hosts.names
        .filter((host) => members.some((one) => one.host === host))
        .flatMap(hosts.existing)
        .filter((one) => !members.includes(one) && hosts.isKeptRunning(one))
      const isHidden = ({ host, service }: SimulatedContainer): boolean =>
        service === null && hosts.host(host)?.strangers === 'hidden'
      return {
        sharing: others.flatMap((one) => {
          const { host, name: by, shares } = one
          const isOfThem = members.some(({ id }) => id === shares?.with)
          if (!shares || !isOfThem || isHidden(one)) return []
          return [{ host, id: shares.with, by, what: shares.what }]
        }),
        notLooked: others.filter(isHidden).map(({ host, name }) => {
          return { host, name, because: 'not allowed' }
        }),
      }
    },

    /** Those of its repositories that nothing there serves with. */
    localImages(services: readonly string[]): readonly LocalImage[] {
      return hosts.names.flatMap((host) => {
        const serving = hosts.existing(host).filter(({ role }) => role === 'serving')
        return hosts.images
          .all()
          .filter(({ service }) => services.includes(service))
          .filter(({ id }) => hosts.hasImage(host, id))
          .filter(({ id }) => !serving.some(({ image }) => image.id === id.id))
          .map(({ id, labels }) => ({ host, image: id, labels, builtAt: labels.builtAt }))
      })
    },
  }
}

/** As `docker inspect` shows it: a kept one has the labels of others only where they mean nothing to them. */
export function inspected(hosts: SimulatedHosts, one: SimulatedContainer) {
  const { role, mark, service, specification, keptPolicy } = one
  const isKept = role === 'kept'
  const others = Object.entries(specification.labels).map(
    ([name, value]) => [isKept ? `${KEPT_PREFIX}${name}` : name, value] as const,
  )
  const ours = {
    role,
    mark: mark ?? '',
    service: service ?? '',
    ...(isKept ? { sha256: sha256Of(specification), restart: keptPolicy ?? 'no' } : {}),
  }
  const prefixed = Object.entries(ours).map(([name, value]) => [`${OUR_PREFIX}${name}`, value])
  const { version } = hosts.images.find(one.image)?.labels ?? {}
  const ofImage = version ? [['org.opencontainers.image.version', version]] : []
  const labels: Readonly<Record<string, string>> = Object.fromEntries([
    ...others,
    ...ofImage,
    ...(mark === null ? [] : prefixed),
  ])
  return { labels, restartPolicy: one.restartPolicy }
}

function troublesOf({ name, trouble }: Container): readonly string[] {
  return trouble === null ? [] : [`${name}: ${trouble}`]
}

/** The newest first, each image once: no host keeps any other history. */
function revisionsOf(containers: readonly Container[]): readonly Revision[] {
  const newestFirst = containers.toReversed()
  const eachOnce = newestFirst.filter(
    ({ image }, index) => newestFirst.findIndex((one) => one.image.id === image.id) === index,
  )
  return eachOnce.map(({ image, sha256, createdAt }, index) => ({
    number: eachOnce.length - index,
    uid: image.id,
    templateHash: image.id.replace('sha256:', '').slice(0, 12),
    images: [image.reference],
    content: `${image.id} ${sha256}`,
    needs: [],
    createdAt,
  }))
}

function composeOf(labels: Readonly<Record<string, string>>): Container['compose'] {
  const project = labels['com.docker.compose.project']
  const service = labels['com.docker.compose.service']
  const folder = labels['com.docker.compose.project.working_dir'] ?? null
  return project === undefined || service === undefined ? null : { project, service, folder }
}

function makerOf({ mark }: Pick<Container, 'mark'>): string {
  return mark === null ? 'docker compose' : 'Backout'
}

function changeTo(newest: Container, before: Revision | null): Workload['changed'] {
  const since = { time: newest.createdAt, exact: true }
  const { commit, source, authors, builtAt } = newest.labels
  return {
    service: newest.service,
    images: [newest.image.reference],
    imagesBefore: before && [...before.images],
    kind: 'version',
    since,
    versionSince: since,
    by: makerOf(newest),
    cause: null,
    commit,
    source,
    authors,
    builtAt,
  }
}
