import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { Versions } from '../../../domain/plan/plan.ts'
import { ExpectedAnswer } from '../../../domain/verification/request-settings.ts'
import { healthAsked, healthOf } from '../../../domain/workload/health-page.ts'
import {
  HealthyStatuses,
  isSameVersion,
  toldVersion,
  type ToldVersion,
} from '../../../domain/workload/service-pages.ts'
import { defineStep } from '../../../engine/run/step.ts'
import type { World } from '../../../ports/world.ts'

const Service = z.object({
  name: z.string(),
  health: z.string(),
  /** Left out: any 2xx. */
  healthyStatuses: HealthyStatuses.optional(),
  /** Left out: nothing more. */
  expect: ExpectedAnswer.optional(),
  /** A page that tells the version, and what it may tell: one of its containers’; `null`: none tells. */
  version: z.object({ url: z.string(), oneOf: z.array(z.string()) }).nullable(),
})

const Input = z.object({ services: z.array(Service).min(1) })

type Input = z.infer<typeof Input>

/** The same proof of another state; where it is not known what a service tells then, only of its health. */
function provenFor({ services }: Input, versions: Versions): Input {
  return {
    services: services.map(({ version, ...service }) => {
      const oneOf = versions[service.name]
      return { ...service, version: version && oneOf ? { ...version, oneOf } : null }
    }),
  }
}

/** Only what is asked for is promised. */
function titleOf({ services }: Input): string {
  const all = services.map(({ name }) => name).join(', ')
  const told = services.flatMap(({ name, version }) => (version ? [name] : []))
  if (told.length === services.length) return `Prove that health and version are right: ${all}`
  const health = `Prove that health is right: ${all}`
  return told.length === 0 ? health : `${health}; and the version: ${told.join(', ')}`
}

/** Changes nothing: every service answers healthy, and tells the version that was wanted. */
export const proveServices = defineStep({
  id: 'prove-services',
  input: Input,
  deadlineMs: () => 3 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended; it only looks',
  onUndo: { kind: 'prove', input: provenFor },

  title: titleOf,

  // There is nothing to do, only something to be seen.
  inspect: async () => ({ kind: 'done', begun: false, says: 'nothing is to be done' }),
  apply: async () => ({ kind: 'written' }),

  async verify({ world, signal }, { services }) {
    const found = await Promise.all(services.map((service) => look(world, service, signal)))
    const wrong = found.filter(({ well }) => !well)
    const said = (wrong.length > 0 ? wrong : found).map(({ says }) => says).join('; ')
    return wrong.length > 0 ? { kind: 'not-yet', says: said } : { kind: 'verified', says: said }
  },
})

async function look(
  world: World,
  { name, health, healthyStatuses, expect, version }: z.infer<typeof Service>,
  signal: AbortSignal,
): Promise<{ readonly well: boolean; readonly says: string }> {
  try {
    const [alive, told] = await Promise.all([
      world.endpoints.ask({ url: health, signal, ...healthAsked({ healthyStatuses, expect }) }),
      version && askVersion(world, version.url, signal),
    ])
    const seen = healthOf(alive, { healthyStatuses, expect })
    if (seen.kind !== 'passing') return { well: false, says: `${name}: health is ${seen.says}` }
    if (!version || !told) {
      return { well: true, says: `${name}: healthy; its version was not asked` }
    }
    // Which version runs was proved by its pods; a page that is missing says nothing against it.
    if (told.version === null)
      return { well: true, says: `${name}: healthy, tells no version: ${told.because}` }
    const { version: running } = told
    return version.oneOf.some((wanted) => isSameVersion(wanted, running))
      ? { well: true, says: `${name}: healthy, runs ${running}` }
      : { well: false, says: `${name}: tells ${running}, not ${version.oneOf.join(' or ')}` }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { well: false, says: `${name}: ${error.detail}` }
  }
}

async function askVersion(world: World, url: string, signal: AbortSignal): Promise<ToldVersion> {
  try {
    return toldVersion(await world.endpoints.ask({ url, signal }))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { version: null, because: `its version page: ${error.detail}` }
  }
}
