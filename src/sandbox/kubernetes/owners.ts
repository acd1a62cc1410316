import { isSetTo, ownerTarget, type Owner, type OwnerName } from '../../domain/plan/owner.ts'
import type { Owners } from '../../ports/owners.ts'
import { answering } from '../simulated-availability.ts'
import type { Cluster } from './cluster.ts'
import { identity } from '../metrics/noise.ts'
import type { Stage } from '../production.ts'
import { templateOf } from './templates.ts'

/** What somebody has put over the services: it keeps them at this version, where it keeps one. */
export type SimulatedOwner = OwnerName & {
  readonly version: string | null
  readonly keptBy?: string
  readonly scales?: string
}

/** An owner lets a change of somebody else stand for so long. */
const healsAfterMs = 5_000

/** Each kind keeps its setting in its own form. */
const SETTINGS = {
  Application: { works: { prune: true, selfHeal: true }, suspended: null },
  Kustomization: { works: null, suspended: true },
  HelmRelease: { works: null, suspended: true },
  ScaledObject: { works: null, suspended: 'true' },
} as const

/** The name under which it writes. */
const WRITES_AS = {
  Application: 'argocd-controller',
  Kustomization: 'kustomize-controller',
  HelmRelease: 'helm-controller',
  ScaledObject: 'keda',
} as const

export type SimulatedOwners = ReturnType<typeof simulatedOwners>

/** The programs that write to the Deployments by themselves, as long as nobody suspends them. */
export function simulatedOwners(
  stage: Pick<Stage, 'now' | 'seed'>,
  cluster: Cluster,
  services: readonly string[],
) {
  const owners = new Map<string, SimulatedOwner & { readonly setting: Owner['setting'] }>()
  let strangeSinceMs: number | null = null

  const isStrange = ({ version }: SimulatedOwner): boolean =>
    version !== null &&
    services.some((service) => cluster.find(service)?.revisions[0]?.version !== version)
  const isSuspended = (owner: SimulatedOwner & Pick<Owner, 'setting'>): boolean =>
    isSetTo(owner, SETTINGS[owner.kind].suspended)

  return {
    put(owner: SimulatedOwner): void {
      owners.set(ownerTarget(owner), { ...owner, setting: SETTINGS[owner.kind].works })
    },

    find(name: OwnerName): Owner | undefined {
      const found = owners.get(ownerTarget(name))
      if (!found) return undefined
      const { kind, namespace, version, keptBy = null, scales = null, setting } = found
      return {
        kind,
        namespace,
        name: found.name,
        uid: identity(stage.seed, ownerTarget(name)),
        setting,
        whenSuspended: SETTINGS[kind].suspended,
        suspended: isSuspended(found),
        keptBy,
        scales,
        wantsOther: version === null || kind !== 'Application' ? null : isStrange(found),
        lookedAt: kind === 'Application' ? new Date(stage.now()).toISOString() : null,
        atWork: false,
      }
    },

    set(name: OwnerName, setting: Owner['setting']): void {
      const found = owners.get(ownerTarget(name))
      if (found) owners.set(ownerTarget(name), { ...found, setting })
    },

    /** They look at the cluster whenever somebody does. */
    heal(): void {
      const active = [...owners.values()].filter((one) => !isSuspended(one) && isStrange(one))
      const nowMs = stage.now()
      strangeSinceMs = active.length > 0 ? (strangeSinceMs ?? nowMs) : null
      if (strangeSinceMs === null || nowMs - strangeSinceMs < healsAfterMs) return
      for (const { kind, version } of active) {
        if (version === null) continue
        for (const service of services) {
          const template = { version, template: templateOf(service, version) }
          cluster.change(service, { template, by: WRITES_AS[kind] })
        }
      }
      strangeSinceMs = null
    },
  }
}

/** The port over them. */
export function sandboxOwners(stage: Stage, simulated: SimulatedOwners): Owners {
  const answer = answering('kubernetes', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().kubernetes, signal, what)
  return {
    list: (names, signal) => ask(signal, () => names.flatMap((name) => simulated.find(name) ?? [])),
    write: ({ owner, uid, from, to }, { dryRun, signal }) =>
      ask(signal, () => {
        const now = simulated.find(owner)
        const stands = now?.uid === uid && isSetTo(now, from)
        if (!stands) return { kind: 'changed-meanwhile' } as const
        if (!dryRun) simulated.set(owner, to)
        return { kind: 'written' } as const
      }),
  }
}
