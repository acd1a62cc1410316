import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { FlagSettings } from '../../../src/runbook/parts/flag-settings.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import type { Placement } from '../../../src/sandbox/docker/hosts.ts'
import type { SimulatedFlag } from '../../../src/sandbox/flag-stores.ts'
import type { ScenarioName } from '../../../src/sandbox/scenario.ts'
import { assessSettings, runbookSettingsOf } from '../../support/contracts/settings.ts'
import { patience } from '../../support/contracts/outside.ts'
import { overSandbox } from './in-sandbox.ts'

const services = ['backend', 'frontend']

export const hostSettings: RunbookSettings = {
  ...runbookSettingsOf(assessSettings),
  kubernetes: null,
  docker: {
    services,
    releaseWindowMs: 30 * 60_000,
    readyWithinMs: 60_000,
    settleMs: 10_000,
  },
}

export const TWO_HOSTS: Placement = { 'shop-1': services, 'shop-2': ['backend'] }

export const rollbackOnHosts: PlanRequest = { kind: 'docker', toVersion: null }

/** A flag that is a variable of the backend, which the simulation has as `VARIABLE`. */
export const flagInContainer: FlagSettings = {
  name: 'MULTI_TENANT_ENABLED',
  safe: 'false',
  values: ['true', 'false'],
  precondition: null,
  places: [{ in: 'docker-env', service: 'backend', env: 'VARIABLE' }],
  readBack: null,
}

/** The runbook over hosts of containers. */
export function onHosts(
  options: {
    readonly settings?: Partial<RunbookSettings>
    readonly scenario?: ScenarioName
    readonly placement?: Placement
    readonly slowestMs?: number
    readonly flags?: Readonly<Record<string, SimulatedFlag>>
  } = {},
) {
  const { settings = {}, ...staged } = options
  const sandbox = overSandbox('docker', { ...hostSettings, ...settings }, staged)
  const { containers, ledger, cache } = sandbox.world
  if (!containers || !ledger || !cache) throw new Error('the sandbox has everything')
  const sightings = () => containers.sightings(services, patience())
  return {
    ...sandbox,
    ledger,
    sightings,
    /** What stands on the hosts, without how time passes by it. */
    async standing() {
      const { keys } = await cache.count(hostSettings.cache, patience())
      const seen = await sightings()
      return { keys, containers: seen.map((one) => ({ ...one, runningMs: 0, health: 'any' })) }
    },
    /** `pipeshub-backend-1 on shop-1: v1.9.0`, of those that run. */
    async running(): Promise<readonly string[]> {
      return (await sightings())
        .filter(({ role, state }) => role === 'serving' && state === 'running')
        .map(({ host, name, labels }) => `${name} on ${host}: ${labels.version}`)
        .toSorted()
    },
  }
}

export type Hosts = ReturnType<typeof onHosts>

/** Every step over containers, as the first plan that holds it makes it. */
export const everyStepOnHosts: Readonly<
  Record<string, readonly [request: PlanRequest, index: number]>
> = {
  'swap-containers': [rollbackOnHosts, 0],
  'run-containers': [{ kind: 'scale-down', service: 'backend' }, 0],
  'restart-containers': [{ kind: 'restart', service: 'backend' }, 0],
  'remove-kept': [{ kind: 'tidy-up' }, 0],
}

/** Where that step has something to do. */
export async function hostsFor(step: string): Promise<Hosts> {
  const hosts = onHosts()
  if (step !== 'remove-kept') return hosts
  await hosts.carryOut(await hosts.stepOf(rollbackOnHosts), 'i-0/plan-1')
  return hosts
}
