import type { KeptRevision, Manager } from '../../ports/deployment-state.ts'
import { identity, suffix } from '../metrics/noise.ts'
import { FLAG, type Production } from '../production.ts'
import type { SimulatedConfigMaps } from './config-maps.ts'
import type { SimulatedPod } from './rolling.ts'
import { imageOf } from '../release.ts'
import { contentOf, restarted, sameTemplate, templateIn } from './templates.ts'

const usualReplicas: Readonly<Record<string, number>> = { backend: 3, frontend: 2 }
const daysMs = 24 * 60 * 60_000

/** Who deploys here when nobody else is named. */
export const pipeline = 'ci-bot'

const released = (cause: string): Asked => ({ by: pipeline, cause })

type Asked = { readonly by: string; readonly cause?: string | null }

/** Kubernetes keeps no others. */
export function wholeSecond(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString()
}

export type SimulatedRevision = KeptRevision & {
  readonly version: string
  /** When it was last asked for, by whom and why. */
  readonly askedAtMs: number
  readonly askedBy: string
  readonly cause: string | null
}

export type SimulatedDeployment = {
  readonly service: string
  readonly uid: string
  readonly generation: number
  readonly replicas: number
  readonly paused: boolean
  readonly ownedBy: string | null
  readonly managedBy: readonly Manager[]
  readonly lastWrite: string | null
  readonly lockedImages: readonly string[]
  /** The newest first. The first one is what is asked for. */
  readonly revisions: readonly SimulatedRevision[]
  /** Those of the past and of the future included. */
  readonly pods: readonly SimulatedPod[]
}

/** What somebody can want of a Deployment. */
export type Desired = Partial<
  Pick<
    SimulatedDeployment,
    'replicas' | 'paused' | 'ownedBy' | 'managedBy' | 'lastWrite' | 'lockedImages'
  >
> & {
  readonly template?: { readonly version: string; readonly template: unknown }
  /** Whose wish it is, and why; a pipeline's when that is not said. */
  readonly by?: string
  readonly cause?: string | null
}

export type ClusterStage = {
  readonly now: () => number
  readonly seed: number
  readonly deployedAtMs: number
  readonly facts: () => Production
  readonly configMaps: Pick<SimulatedConfigMaps, 'nameWith' | 'valueAt'>
}

/** Deployments as they are at the beginning, and the revisions that changes make. */
export function revisionsOf(stage: ClusterStage) {
  const { seed, deployedAtMs, facts, configMaps } = stage
  const made = (service: string, version: string): unknown =>
    templateIn(facts(), service, version, configMaps.nameWith(FLAG))

  const revision = (
    service: string,
    of: { readonly version: string; readonly template: unknown },
    number: number,
    createdAtMs: number,
    { by, cause = null }: Asked,
  ): SimulatedRevision => {
    const { version, template } = of
    const isPlain = sameTemplate(template, made(service, version))
    const name = isPlain ? `${service} ${version}` : `${service} ${version} ${number}`
    return {
      ...of,
      number,
      uid: identity(seed, name),
      templateHash: suffix(seed, `${name} template`, 10),
      images: [imageOf(service, version)],
      sha256: contentOf(template),
      content: contentOf(restarted(template, 0)),
      needs: [{ kind: 'ConfigMap', name: `${service}-${version}` }],
      createdAt: wholeSecond(createdAtMs),
      askedAtMs: createdAtMs,
      askedBy: by,
      cause,
    }
  }

  const podName = (service: string, { templateHash }: SimulatedRevision, serial: number): string =>
    `${service}-${templateHash}-${suffix(seed, `${service} pod ${serial}`, 5)}`

  const fresh = (service: string): SimulatedDeployment => {
    const { version, previousVersion } = facts()
    const of = (one: string) => ({ version: one, template: made(service, one) })
    const asked = revision(service, of(version), 44, deployedAtMs, released('fix login'))
    const days = (count: number): number => deployedAtMs - count * daysMs
    const earlier = [
      revision(service, of(previousVersion), 43, days(6), released('faster search')),
      revision(service, of('v1.8.3'), 42, days(19), released('new upload form')),
    ].filter(({ uid }, index, all) => uid !== asked.uid && all[index - 1]?.uid !== uid)
    const replicas = usualReplicas[service] ?? 2
    return {
      service,
      uid: identity(seed, `deployment ${service}`),
      generation: 57,
      replicas,
      paused: false,
      ownedBy: null,
      managedBy: [],
      lastWrite: null,
      lockedImages: [],
      revisions: [asked, ...earlier],
      pods: Array.from({ length: replicas }, (_, serial) => ({
        name: podName(service, asked, serial),
        revision: asked.uid,
        version,
        bornAtMs: deployedAtMs,
        readyAtMs: deployedAtMs,
        endsAtMs: Infinity,
        goneAtMs: Infinity,
      })),
    }
  }

  /** A template that some revision has makes that one the newest again; another makes a new one. */
  const asked = (
    { service, revisions }: SimulatedDeployment,
    desired: NonNullable<Desired['template']>,
    whose: Asked,
  ): SimulatedRevision[] => {
    const [newest] = revisions
    const same = revisions.find(({ template }) => sameTemplate(template, desired.template))
    if (same && same === newest) return [...revisions]
    const number = Math.max(...revisions.map((one) => one.number)) + 1
    const [askedAtMs, { by: askedBy, cause = null }] = [stage.now(), whose]
    const first = same
      ? { ...same, number, askedAtMs, askedBy, cause }
      : revision(service, desired, number, askedAtMs, whose)
    return [first, ...revisions.filter((one) => one !== same)]
  }

  return { fresh, asked, podName }
}
