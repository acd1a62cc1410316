import { Fault } from '../../domain/base/fault.ts'
import type { Draft } from '../../domain/plan/plan.ts'
import { compared } from '../../domain/workload/compare-url.ts'
import { imageVersion, type LedgerEntry } from '../../domain/workload/ledger.ts'
import type { NewestChange } from '../../domain/workload/newest-change.ts'
import { recordedChange } from '../../domain/workload/with-history.ts'
import type { Container, ImageAtHost, ImageId, Remembered } from '../../ports/containers.ts'
import type { ReleaseLedger } from '../../ports/release-ledger.ts'
import type { World } from '../../ports/world.ts'
import { cachePart } from '../parts/cache.ts'
import { draftOf, NOTHING, partOf, type Part } from '../parts/part.ts'
import { proofPart } from '../parts/proof.ts'
import { containersOf } from '../parts/require-port.ts'
import { infeasible, wayBack, type Circumstances, type Judged, type WayBack } from '../procedure.ts'
import { LOST_BESIDE_VOLUMES } from './beside-volumes.ts'
import { afterwardsSaid, imageLine, shouldSay } from './by-hand.ts'
import { targetOf } from './containers-of.ts'
import { declaredByOne } from './declared-volumes.ts'
import { imagesReachable } from './images-reachable.ts'
import { whyNotOn } from './images.ts'
import { inMemory } from './in-memory.ts'
import { overrideFile } from './override-file.ts'
import { glanceAt, lookToMakeAnew } from './to-make-anew.ts'
import { judgeWays, type Way, type Ways } from './judge.ts'
import { slowStopsBeside } from './slow-stop.ts'
import { swapContainers } from './steps/swap-containers.ts'
import type { SwapChange } from './swap-change.ts'
import { cautionsOf, endedBy, ifNotWell } from './way-cautions.ts'

const NOT_CONFIGURED = infeasible('not configured')

/**
 * Every configured container back to the image that ran before, then the cache. Nothing is started of the services that
 * are stopped meanwhile.
 */
const containers = (stopped: readonly string[]): WayBack<'docker', Found, Part> => ({
  async glance(circumstances) {
    return circumstances.world.containers
      ? judged({ toVersion: null, stopped }, circumstances, { remembered: true })
      : NOT_CONFIGURED
  },

  look: (request, circumstances) => judged({ ...request, stopped }, circumstances),

  beside: async (circumstances) =>
    circumstances.settings.docker ? cachePart(circumstances) : NOTHING,

  draft({ ways, stay, takesBack, pulls, entries, said }, cache, { settings }) {
    const { readyWithinMs = 0, settleMs = 0 } = settings.docker ?? {}
    const swapped = partOf(
      swapContainers,
      { changes: ways.map(changeOf), readyWithinMs, settleMs },
      { targets: ways.map(({ container }) => targetOf(container)) },
    )
    const changes = swapped.changes.map((change) => {
      const these = ways.filter((one) => one.container.service === change.what)
      const container = these[0]?.container
      const image = these[0]?.to.image
      const details = image ? shouldSay(containersIn(these), imageLine(image)) : []
      const changed = container && changeThatMade(container, entries)
      const told = changed ? { takesBack: compared(changed, settings.services) } : {}
      return { ...change, details: [...details], ...told }
    })
    const targets = [...new Set(ways.map(({ to }) => imageVersion(to)))]
    const services = [...new Set(ways.map(({ container }) => container.service))]
    const words = {
      title: `${services.join(' and ')} back to ${targets.join(' and ')}`,
      because: reasons(ways),
      lost: lostBy(cache),
      undo: 'Yes: containers of the same images, settings and volumes as now, as a plan with its own signatures.',
      ...afterwardsOf(ways),
      ...(pulls.length > 0 ? { preparation: `Pull ${pulls.map(inWords).join(', ')}` } : {}),
      cautions: [
        ...(takesBack ? [takesBack.says] : []),
        ...stay,
        ...cache.cautions,
        ...ways.flatMap(cautionsOf),
        ...slowStopsBeside(endedBy(ways)),
        ...inMemory(endedBy(ways)),
        ...said,
        ...ifNotWell(endedBy(ways), { isOneOf: ways.some(({ isStopped }) => isStopped) }),
        ...afterwardsSaid(containersIn(ways), { what: 'result', old: 'image' }),
      ],
    }
    const proof = proofPart(settings, { versions: swapped.versions, without: [] })
    return draftOf('docker', words, [{ ...swapped, changes }, cache, proof], settings)
  },
})

export const docker = wayBack({ ...containers([]), checks: imagesReachable })

/** The same within a plan that stops these services for it. */
export function dockerWhileStopped(stopped: readonly string[]) {
  return wayBack(containers(stopped))
}

function containersIn(ways: readonly Way[]): readonly Container[] {
  return ways.map(({ container }) => container)
}

function afterwardsOf(ways: readonly Way[]): Pick<Draft, 'afterwards'> {
  const file = overrideFile(ways.map(({ container, to: { image } }) => ({ container, image })))
  return file ? { afterwards: file } : {}
}

type Found = Ways & {
  /** What was recorded of all of them. */
  readonly entries: readonly LedgerEntry[]
  /** What each of the ways leads to, as its host has it. */
  readonly images: readonly ImageAtHost[]
  /** What has to be pulled first. */
  readonly pulls: readonly SwapChange[]
  /** What a closer look tells of them, and what it could not, each in a sentence. */
  readonly said: readonly string[]
}

async function judged(
  { stopped, ...wish }: Parameters<typeof judgeWays>[1] & { readonly stopped: readonly string[] },
  { world, settings, plans, signal, began }: Circumstances,
  how?: Remembered,
): Promise<Judged<Found>> {
  if (!settings.docker) return NOT_CONFIGURED
  const { services, releaseWindowMs } = settings.docker
  const hosts = containersOf(world)
  const [{ seen, unknown }, entries] = await Promise.all([
    how ? glanceAt(hosts, services, signal, how) : lookToMakeAnew(hosts, services, signal),
    ledgerOf(world).entries(services),
  ])
  const team = { services, containers: seen, entries, releaseWindowMs, began, stopped }
  const found = judgeWays(team, wish, plans)
  if (found.kind === 'infeasible') return found
  const imageAt = (host: string, image: ImageId) => hosts.imageAt(host, image, signal, how)
  const reached = await reachable(found, entries, imageAt)
  if (how || reached.kind === 'infeasible') return reached
  const declared = await declaredByOne(reached.found, imageAt)
  return { ...reached, found: { ...reached.found, said: [...declared, ...unknown] } }
}

/** An image that is not on its host and cannot be pulled is no way back. */
async function reachable(
  judgement: Exclude<Judged<Ways>, { kind: 'infeasible' }>,
  entries: readonly LedgerEntry[],
  imageAt: (host: string, image: ImageId) => Promise<ImageAtHost>,
): Promise<Judged<Found>> {
  const { ways, stay, takesBack } = judgement.found
  const known = { imageAt, recorded: async () => entries }
  const looked = await Promise.all(
    ways.map(async (way) => {
      const change = changeOf(way)
      const at = await imageAt(change.host, change.to.image)
      const problem = await whyNotOn(change, at, known)
      return { change, problem, at }
    }),
  )
  const gone = looked.flatMap(({ problem }) => problem ?? [])
  if (gone.length > 0) return infeasible(gone.join('; '))
  const pulls = looked.filter(({ at }) => at.id === null).map(({ change }) => change)
  const images = looked.map(({ at }) => at)
  return { ...judgement, found: { ways, stay, takesBack, pulls, images, entries, said: [] } }
}

function changeThatMade(
  { service, image, createdAt, madeBy: by }: Container,
  entries: readonly LedgerEntry[],
): NewestChange | null {
  return recordedChange({ service, imageId: image.id, createdAt, by }, entries)
}

function ledgerOf({ ledger }: World): ReleaseLedger {
  if (ledger) return ledger
  throw new Fault({ kind: 'terminal', dependency: 'docker', detail: 'no release ledger is kept' })
}

function changeOf({ container, to, hadEnded, isStopped }: Way): SwapChange {
  const { service, host, name, id, image, sha256 } = container
  return {
    service,
    host,
    name,
    from: { id, image, version: imageVersion(container), sha256 },
    to: { image: to.image, version: imageVersion(to), kept: null },
    publishes: container.publishesPorts,
    restartPolicy: container.restartPolicy,
    stopSeconds: container.stopSeconds,
    ...(hadEnded ? { hadEnded } : {}),
    ...(isStopped ? { runs: false } : {}),
  }
}

/** Once for all services that go back for the same reason. */
function reasons(ways: readonly Way[]): string {
  return [...Map.groupBy(ways, ({ because }) => because)]
    .map(([because, those]) => {
      const services = [...new Set(those.map(({ container }) => container.service))]
      return `${services.join(' and ')}: ${because}`
    })
    .join('; ')
}

function inWords({ service, host, to }: SwapChange): string {
  return `${service} ${to.version} on ${host}`
}

function lostBy({ steps }: Part): string {
  const but = steps.length > 0 ? ' but cache entries' : ''
  return [
    `Nothing is deleted${but}. What the newer version wrote to databases and volumes stays.`,
    LOST_BESIDE_VOLUMES,
    'The containers get new ids and new logs (what can be read of the old logs is kept as evidence first).',
  ].join(' ')
}
