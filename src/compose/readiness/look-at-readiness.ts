import type { Config } from '../../config/load-config.ts'
import { toIso } from '../../domain/base/instant.ts'
import type { Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { pagersIn } from '../../domain/incident/paging-settings.ts'
import {
  inSum,
  type CheckName,
  type ReadinessCheck,
  type Reading,
} from '../../domain/readiness/readiness.ts'
import { signersCheck } from '../../domain/readiness/signers.ts'
import type { Left } from '../../domain/readiness/standing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { People } from '../../ports/conversations.ts'
import type { World } from '../../ports/world.ts'
import { triesWaysBack } from '../../runbook/readiness.ts'
import { checkPaging } from '../doctor-paging.ts'
import { openStatusPages } from '../status-page.ts'
import { waysBackIn } from '../ways-back.ts'
import { signersPresent } from './signers-present.ts'

type Asked = {
  readonly world: World
  readonly people: People
  readonly clock: Clock
}

const BESIDE_MS = 10_000

/** One look at everything that a rollback would need. Writes nothing. Never throws a `Fault`. */
export async function lookAtReadiness(
  config: Config,
  { world, people, clock }: Asked,
  signal: AbortSignal,
): Promise<{ readonly reading: Reading; readonly moving: boolean }> {
  const at = toIso(clock.now())
  const { approval } = config.settings
  const within = AbortSignal.any([signal, AbortSignal.timeout(BESIDE_MS)])
  const [ways, present, paging, page] = await Promise.all([
    triesWaysBack(config.runbook).waysBack(world, waysBackIn(config), signal),
    signersPresent(approval, people, within),
    beside('paging', checksOfPaging(config, within)),
    beside('status-page', checksOfPage(config, clock, within)),
  ])
  const waysBack = ways.map(({ signatures, procedure, does, services, legs, ...way }) => {
    const checks = [...way.checks, signersCheck(signatures, present, approval)]
    const told = { procedure, does, services: [...services], legs: [...legs], checks }
    return { ...told, ...inSum(checks), checkedAt: at }
  })
  const reading = { at, waysBack, beside: [...paging, ...page] }
  return { reading, moving: ways.some(({ moving }) => moving) }
}

/** Why a version cannot be reached any more; `null`: it can, or that is not known. */
export function whyVersionLeft(
  config: Config,
  world: World,
  left: Left,
  signal: AbortSignal,
): Promise<string | null> {
  return triesWaysBack(config.runbook).whyLeft(world, left, signal)
}

/** Nobody has to have one: then there is nothing to check. */
async function checksOfPaging(config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  return pagersIn(config.settings.paging).length > 0 ? checkPaging(config, signal) : []
}

async function checksOfPage(
  { settings, environment }: Config,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { statusPage } = settings.communication
  if (!statusPage) return []
  const pages = await openStatusPages(statusPage, environment, clock)
  return pages.check(signal)
}

/** In one line; none where nothing was checked. */
async function beside(
  name: CheckName,
  asked: Promise<readonly Check[]>,
): Promise<readonly ReadinessCheck[]> {
  try {
    const checks = await asked
    const wrong = checks.filter(({ state }) => state === 'wrong')
    const said = wrong.length > 0 ? wrong : checks
    if (said.length === 0) return []
    const because = [...new Set(said.map(({ found }) => found))].join('; ')
    return [{ name, state: wrong.length > 0 ? 'not-ready' : 'ready', because }]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ name, state: 'unknown', because: error.detail }]
  }
}
