import type {
  Containers,
  ContainerWritten,
  EndedRun,
  ImageAtHost,
  ImageId,
} from '../../ports/containers.ts'
import { file, pieces } from '../evidence/evidence.ts'
import { linesSince, logLines } from '../logs.ts'
import type { Availability, Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import { healthyAfterMs } from './container-life.ts'
import { containerViews, inspected } from './container-views.ts'
import type { SimulatedHosts } from './hosts.ts'
import type { SimulatedContainer } from './simulated-container.ts'
import { sha256Of } from './specification.ts'
import { written } from './written.ts'

const PLATFORM = 'linux/amd64'
const LAYER_BYTES = 48_000_000
const IMAGE_BYTES = 213_000_000
const CHANGES_BYTES = 1_400_000

/** The port over the simulated hosts. */
export function sandboxContainers(stage: Stage, hosts: SimulatedHosts): Containers {
  const answer = answering('docker', stage)
  const availability = (host: string): Availability => stage.production().hosts[host] ?? 'answering'
  const at = <T>(host: string, signal: AbortSignal, what: () => T): Promise<T> =>
    answer(availability(host), signal, what)
  /** All of them, or none: what one did not say is not known. */
  const everywhere = <T>(signal: AbortSignal, what: () => T): Promise<T> => {
    const all = hosts.names.map(availability)
    return answer(all.find((one) => one !== 'answering') ?? 'answering', signal, what)
  }
  const views = containerViews(hosts)
  const serving = (service: string): readonly SimulatedContainer[] =>
    views.of(service).filter(({ role, runs }) => role === 'serving' && runs.length > 0)

  return {
    list: (services, signal) =>
      everywhere(signal, () => services.flatMap((one) => views.workload(one) ?? [])),
    sightings: (services, signal) =>
      everywhere(signal, () => services.flatMap(views.of).map(views.container)),
    sharers: (services, signal) => everywhere(signal, () => views.sharers(services)),
    variableOf: (services, name, signal) =>
      everywhere(signal, () =>
        services.flatMap(views.of).map(({ id, specification: { environment } }) => {
          const value = environment[name] ?? null
          return { id, value, from: value === null ? null : 'container' }
        }),
      ),
    localImages: (services, signal) => everywhere(signal, () => views.localImages(services)),

    keptImages: (services, signal) =>
      everywhere(signal, () =>
        hosts.names
          .flatMap(hosts.changes.on)
          .filter(({ service }) => services.includes(service))
          .map(({ atMs, ...image }) => {
            return { ...image, createdAt: new Date(atMs).toISOString(), bytes: CHANGES_BYTES }
          }),
      ),

    logs: (service, { tail, sinceSeconds, signal }) =>
      everywhere(signal, () =>
        serving(service).map((one) => ({
          source: `${one.host}/${one.name}`,
          lines: linesSince(stage, linesOf(stage, hosts, one), sinceSeconds).slice(-tail),
        })),
      ),

    imageAt: (host, image, signal) => at(host, signal, () => imageAt(hosts, host, image)),

    atRegistry: (host, image, signal) => at(host, signal, () => hosts.images.atRegistry(image)),

    freeBytes: (host, signal) => at(host, signal, () => hosts.host(host)?.freeBytes ?? null),

    follow: (services, tell, signal) =>
      new Promise((resolve) => {
        const deaf = hosts.listen(({ kind, one }) => {
          const { host, service, id, name } = one
          // What an outage hides is not told later.
          if (service === null || !services.includes(service)) return
          if (availability(host) !== 'answering') return
          const happening = { host, service, id, name, kind, at: isoOf(stage.now()) }
          const run = kind === 'ended' ? lastRunOf(hosts, one, service) : null
          tell(run ? { ...happening, run } : happening)
        })
        const end = (): void => {
          deaf()
          resolve()
        }
        if (signal.aborted) end()
        else signal.addEventListener('abort', end, { once: true })
      }),

    write: (write, signal): Promise<ContainerWritten> =>
      at(write.host, signal, () => written(hosts, write)),

    pull: (host, image, report, signal) =>
      at(host, signal, () => {
        if (!hosts.images.isPublished(image)) {
          return { kind: 'refused', because: `manifest for ${image.digest} not found` } as const
        }
        for (const part of [0, 0.5, 1]) report({ done: part * LAYER_BYTES, total: LAYER_BYTES })
        hosts.host(host)?.removedImages.delete(image.id)
        return { kind: 'there', id: image.id } as const
      }),

    async *evidence(service, signal) {
      const found = await everywhere(signal, () => views.of(service))
      for (const one of found) {
        const place = `${service}/${one.host}/${one.name}`
        const { image, id, name, createdAtMs, specification } = one
        yield file(`${place}/container.json`, {
          Id: id,
          Name: `/${name}`,
          Image: image.id,
          Created: new Date(createdAtMs).toISOString(),
          State: hosts.life(one),
          Config: {
            Image: image.reference,
            Env: Object.keys(specification.environment).map((key) => `${key}=[redacted]`),
            Labels: inspected(hosts, one).labels,
          },
          RestartPolicy: one.restartPolicy,
        })
        if (one.runs.length === 0) continue
        const log = `${linesOf(stage, hosts, one).join('\n')}\n`
        yield { name: `${place}/output.log`, text: pieces(log) }
      }
    },
  }
}

function imageAt(hosts: SimulatedHosts, host: string, image: ImageId): ImageAtHost {
  const isThere = hosts.hasImage(host, image)
  return {
    host,
    id: isThere ? image.id : null,
    platform: isThere ? PLATFORM : null,
    hostPlatform: PLATFORM,
    volumes: isThere ? hosts.images.declaredBy(hosts.images.find(image)?.version ?? '') : [],
    bytes: isThere ? IMAGE_BYTES : null,
  }
}

/** One that ends again and again by itself has many, and none is told. */
function lastRunOf(
  hosts: SimulatedHosts,
  one: SimulatedContainer,
  service: string,
): EndedRun | null {
  const { host, id, image, role, specification, runs } = one
  const run = runs.at(-1)
  const labels = hosts.images.find(image)?.labels
  if (!run || !labels || role === 'kept' || hosts.behaviour(one).kind === 'exits') return null
  const [startedAt, endedAt] = [isoOf(run.startedAtMs), isoOf(run.endedAtMs)]
  return { service, host, id, image, labels, sha256: sha256Of(specification), startedAt, endedAt }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** What it has written since it was last started. */
function linesOf(
  stage: Stage,
  hosts: SimulatedHosts,
  { name, version, service, runs }: SimulatedContainer,
): readonly string[] {
  const run = runs.at(-1)
  if (!run || version === null || service === null) return []
  const { startedAtMs: bornAtMs, endedAtMs: endsAtMs } = run
  const isWell = hosts.images.behaviour(version).kind === 'well'
  const readyAtMs = isWell ? bornAtMs + healthyAfterMs : bornAtMs
  return logLines(stage, service, { name, version, bornAtMs, readyAtMs, endsAtMs })
}
