import type { KeptRevision, Manager } from '../../ports/deployment-state.ts'
import { identity, suffix } from '../metrics/noise.ts'
import type { Production } from '../production.ts'
import { existsAt, isReadyAt, rolled } from './rolling.ts'
import type { SimulatedPod } from './rolling.ts'
import { imageOf, sameTemplate, templateOf } from './templates.ts'

const usualReplicas: Readonly<Record<string, number>> = { backend: 3, frontend: 2 }
const daysMs = 24 * 60 * 60_000

/** Who deploys here when nobody else is named. */
const pipeline = 'ci-bot'

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
export type Wish = Partial<
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

export type Cluster = ReturnType<typeof simulatedCluster>

/** The Deployments of the services: the bad release is the newest revision, two are before it. */
export function simulatedCluster(
  stage: {
    readonly now: () => number
    readonly seed: number
    readonly deployedAtMs: number
    readonly facts: () => Production
  },
  services: readonly string[],
) {
  const { seed, deployedAtMs, facts } = stage
  const deployments = new Map<string, SimulatedDeployment>()

  const revision = (
    service: string,
    of: { readonly version: string; readonly template: unknown },
    number: number,
    createdAtMs: number,
    { by, cause = null }: Asked,
  ): SimulatedRevision => {
    const { version, template } = of
    const isPlain = sameTemplate(template, templateOf(service, version))
    const name = isPlain ? `${service} ${version}` : `${service} ${version} ${number}`
    return {
      ...of,
      number,
      uid: identity(seed, name),
      templateHash: suffix(seed, `${name} template`, 10),
      images: [imageOf(service, version)],
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
    const of = (one: string) => ({ version: one, template: templateOf(service, one) })
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

  const reset = (): void => {
    for (const service of services) deployments.set(service, fresh(service))
  }
  reset()

  const known = (service: string): SimulatedDeployment => {
    const found = deployments.get(service)
    if (!found) throw new Error(`the sandbox has no Deployment ${service}`)
    return found
  }

  /** A template that some revision has makes that one the newest again; another makes a new one. */
  const asked = (
    { service, revisions }: SimulatedDeployment,
    wish: NonNullable<Wish['template']>,
    whose: Asked,
  ): SimulatedRevision[] => {
    const [newest] = revisions
    const same = revisions.find(({ template }) => sameTemplate(template, wish.template))
    if (same && same === newest) return [...revisions]
    const number = Math.max(...revisions.map((one) => one.number)) + 1
    const [askedAtMs, { by: askedBy, cause = null }] = [stage.now(), whose]
    const first = same
      ? { ...same, number, askedAtMs, askedBy, cause }
      : revision(service, wish, number, askedAtMs, whose)
    return [first, ...revisions.filter((one) => one !== same)]
  }

  return {
    reset,
    all: (): readonly SimulatedDeployment[] => [...deployments.values()],
    find: (service: string): SimulatedDeployment | undefined => deployments.get(service),

    change(service: string, { template, by = pipeline, cause = null, ...settings }: Wish): void {
      const before = known(service)
      const { replicas, paused, lastWrite } = settings
      // As the API server counts: who else manages it stands elsewhere.
      const isCounted = [template, replicas, paused, lastWrite].some((one) => one !== undefined)
      const revisions = template ? asked(before, template, { by, cause }) : before.revisions
      const next = {
        ...before,
        ...settings,
        revisions,
        generation: before.generation + (isCounted ? 1 : 0),
      }
      const [wanted] = revisions
      const pods =
        next.paused || !wanted
          ? before.pods
          : rolled(before.pods, {
              nowMs: stage.now(),
              revision: wanted.uid,
              version: wanted.version,
              replicas: next.replicas,
              starts: !facts().missingVersions.includes(wanted.version),
              nameOf: (serial) => podName(service, wanted, serial),
            })
      deployments.set(service, { ...next, pods })
    },

    /** Somebody deletes what could be returned to. What is asked for would be made again at once. */
    removeRevision(service: string, version: string): void {
      const before = known(service)
      const revisions = before.revisions.filter(
        (one, index) => index === 0 || one.version !== version,
      )
      deployments.set(service, { ...before, revisions })
    },

    isCrashing,

    /** The version that answers requests: that of the oldest Pod that is ready. */
    serving(service: string, atMs: number): string | null {
      const deployment = deployments.get(service)
      if (!deployment) return facts().crashLooping ? null : facts().version
      const ready = deployment.pods.find((pod) => isReadyAt(pod, atMs) && !isCrashing(pod.version))
      return ready?.version ?? null
    },

    runs(version: string, atMs: number): boolean {
      return [...deployments.values()].some(({ pods }) =>
        pods.some((pod) => existsAt(pod, atMs) && pod.version === version),
      )
    },
  }

  function isCrashing(version: string): boolean {
    const { crashLooping, version: faulty } = facts()
    return crashLooping && version === faulty
  }
}
