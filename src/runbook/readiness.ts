import { Fault } from '../domain/base/fault.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import { procedureRequest } from '../domain/plan/about-request.ts'
import { nextRequest } from '../domain/plan/next-request.ts'
import type { PlanRequest } from '../domain/plan/plan-request.ts'
import type { Draft, Resolved } from '../domain/plan/plan.ts'
import type { ProcedureName } from '../domain/plan/requests.ts'
import type { SignatureRule } from '../domain/plan/signature-rule.ts'
import type { Leg, ReadinessCheck } from '../domain/readiness/readiness.ts'
import type { Left } from '../domain/readiness/standing.ts'
import type { World } from '../ports/world.ts'
import { askedOnce } from './parts/asked-once.ts'
import { signaturesFor } from './parts/part.ts'
import { rehearsal } from './parts/rehearse.ts'
import type { RunbookSettings } from './parts/settings.ts'
import { actionFor, infeasible, type Circumstances, type Registry } from './procedure.ts'
import { REGISTRY } from './registry.ts'
import { stepIn } from './runbook.ts'

/** A way back as it would be planned now, tried up to its last write. */
export type TriedWay = {
  readonly procedure: ProcedureName
  readonly services: readonly string[]
  readonly does: string | null
  readonly legs: readonly Leg[]
  readonly checks: readonly ReadinessCheck[]
  /** All that it needs to its end, whatever has to be signed first. */
  readonly signatures: readonly SignatureRule[]
  /** A rollout of its services is under way: what is wrong with it may be over soon. */
  readonly moving: boolean
}

const PLAN_MS = 10_000
const REHEARSE_MS = 20_000

/** The services that go back one by one, where that can be chosen. */
const SERVICES: Partial<Record<ProcedureName, (settings: RunbookSettings) => readonly string[]>> = {
  kubernetes: ({ kubernetes }) => kubernetes?.services ?? [],
  docker: ({ docker }) => docker?.services ?? [],
}

/**
 * Makes the plans that people would get if they asked now, of every procedure and of each of its services, and tries
 * them: what they say is the procedure's own answer. Nothing is written. Never throws a `Fault`: what could not be
 * asked is not known (J10).
 */
export function triesWaysBack(settings: RunbookSettings, registry: Registry = REGISTRY) {
  const stepOf = (id: string) => stepIn(registry, id)

  function trialOver(world: World, stopped: AbortSignal) {
    const within = (ms: number) => AbortSignal.any([stopped, AbortSignal.timeout(ms)])
    const circumstances = (signal: AbortSignal): Circumstances => {
      return { world, settings, plans: [], beganAt: null, signal, stepOf }
    }

    async function resolved(request: PlanRequest): Promise<Resolved> {
      const signal = within(PLAN_MS)
      try {
        const action = actionFor(request.kind, registry)
        if (!action) return infeasible('not configured')
        return await untilAborted(action(request, circumstances(signal)), signal)
      } catch (error) {
        const because = `could not look: ${whyNot(error, signal, PLAN_MS)}`
        return { kind: 'infeasible', because, known: false }
      }
    }

    async function tried(
      procedure: ProcedureName,
      services: readonly string[],
      found: Resolved,
    ): Promise<TriedWay> {
      const draft = found.kind === 'feasible' ? found.draft : null
      const [rehearsed, own] = await Promise.all([
        draft ? rehearsalCheck(draft) : [],
        ownChecks(procedure, draft),
      ])
      return {
        procedure,
        services,
        does: draft?.title ?? null,
        legs: draft ? legsOf(draft) : [],
        checks: [planCheck(found), ...rehearsed, ...own],
        signatures: signaturesFor(procedure, settings),
        moving: false,
      }
    }

    async function rehearsalCheck({ steps }: Draft): Promise<readonly ReadinessCheck[]> {
      const signal = within(REHEARSE_MS)
      try {
        const { kind, says } = await untilAborted(rehearsal(steps, world, signal, stepOf), signal)
        const because = says || 'there is nothing to try before it is done'
        const state = { refused: 'not-ready', 'not-known': 'unknown' } as const
        return [
          {
            name: 'rehearsal',
            state: kind === 'refused' || kind === 'not-known' ? state[kind] : 'ready',
            because,
          },
        ]
      } catch (error) {
        const because = `it could not be tried: ${whyNot(error, signal, REHEARSE_MS)}`
        return [{ name: 'rehearsal', state: 'unknown', because }]
      }
    }

    async function ownChecks(
      procedure: ProcedureName,
      draft: Draft | null,
    ): Promise<readonly ReadinessCheck[]> {
      const signal = within(PLAN_MS)
      const checks = registry.waysBack[procedure]?.checks
      try {
        return (await checks?.(draft, circumstances(signal))) ?? []
      } catch (error) {
        const because = `could not look: ${whyNot(error, signal, PLAN_MS)}`
        return [{ name: 'plan', state: 'unknown', because }]
      }
    }

    return { resolved, tried }
  }

  return {
    /** Every way back of these procedures, what would go back together first. */
    async waysBack(
      world: World,
      procedures: readonly ProcedureName[],
      stopped: AbortSignal,
    ): Promise<readonly TriedWay[]> {
      const { resolved, tried } = trialOver(askedOnce(world), stopped)
      const each = procedures.map(async (name): Promise<readonly TriedWay[]> => {
        const services = SERVICES[name]?.(settings) ?? []
        const found = await resolved(nextRequest(procedureRequest(name, {}), []))
        const together = servicesIn(found).filter((one) => services.includes(one))
        if (services.length === 0) return [await tried(name, [], found)]
        const ways: TriedWay[] = together.length > 0 ? [await tried(name, together, found)] : []
        for (const service of services.filter((one) => !together.includes(one))) {
          // oxlint-disable-next-line no-await-in-loop -- nobody waits for it, and a target is not to be kept busy
          const alone = await resolved(procedureRequest(name, { service }))
          // oxlint-disable-next-line no-await-in-loop -- as above
          ways.push(await tried(name, [service], alone))
        }
        return ways
      })
      return settled((await Promise.all(each)).flat(), world, stopped)
    },

    /** Why a version cannot be reached any more that somebody asks for; `null`: it can, or that is not known. */
    async whyLeft(
      world: World,
      { procedure, service, version: toVersion }: Left,
      stopped: AbortSignal,
    ): Promise<string | null> {
      const request = procedureRequest(procedure, { service, toVersion })
      const found = await trialOver(world, stopped).resolved(request)
      return found.kind === 'infeasible' && found.known ? found.because : null
    },
  }
}

/** While somebody deploys, nothing that a plan lacks is lost yet: it is not known (J10). */
async function settled(
  ways: readonly TriedWay[],
  { workloads }: World,
  stopped: AbortSignal,
): Promise<readonly TriedWay[]> {
  const isDoubtful = ({ checks }: TriedWay) => checks.some(({ state }) => state === 'not-ready')
  if (!workloads || !ways.some(isDoubtful)) return ways
  const services = [...new Set(ways.flatMap((way) => way.services))]
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(PLAN_MS)])
  // That it cannot be asked now is said by the plans themselves.
  const list = await workloads.list(services, signal).catch(faultsAsNone)
  const rolling = list
    .filter(({ updated, desired, paused }) => updated < desired && !paused)
    .map(({ service }) => service)
  return ways.map((way) => {
    const its = rolling.filter((one) => way.services.length === 0 || way.services.includes(one))
    if (!isDoubtful(way) || its.length === 0) return way
    const why = `a rollout of ${its.join(', ')} is under way`
    const checks = way.checks.map((check): ReadinessCheck => {
      const isOpen = check.state === 'not-ready' && check.name !== 'backups'
      return isOpen ? { ...check, state: 'unknown', because: `${why}; ${check.because}` } : check
    })
    return { ...way, checks, moving: true }
  })
}

function faultsAsNone(error: unknown): readonly [] {
  if (error instanceof Fault) return []
  throw error
}

function planCheck(found: Resolved): ReadinessCheck {
  if (found.kind === 'feasible') {
    return { name: 'plan', state: 'ready', because: found.draft.because }
  }
  const { because, known, needless } = found
  if (needless) {
    return { name: 'plan', state: 'unknown', because: `there is nothing to take back: ${because}` }
  }
  return { name: 'plan', state: known ? 'not-ready' : 'unknown', because }
}

function legsOf({ changes, versions = {} }: Draft): readonly Leg[] {
  return changes.flatMap(({ what, images, to }) => {
    return images ? [{ service: what, ...images, version: versions[what]?.[0] ?? to }] : []
  })
}

function servicesIn(found: Resolved): readonly string[] {
  return found.kind === 'feasible' ? legsOf(found.draft).map(({ service }) => service) : []
}

function whyNot(error: unknown, { aborted }: AbortSignal, ms: number): string {
  if (error instanceof Fault) return error.detail
  return aborted ? `no answer within ${ms / 1000} s` : `looking itself failed: ${String(error)}`
}
