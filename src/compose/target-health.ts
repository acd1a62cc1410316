import { Fault } from '../domain/base/fault.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { Workload } from '../domain/workload/workload.ts'
import type { World } from '../ports/world.ts'

/** The last word of each configured target: `null` when it answered, otherwise why not. */
export type TargetHealth = {
  /** Asks them again, what runs the services not each time. Throws only when production cannot be opened. */
  look(): Promise<void>
  /** Empty until they were asked for the first time. */
  troubles(): readonly { readonly part: string; readonly trouble: string | null }[]
}

/**
 * They answer with whole lists: asked seldom, so that nobody's API server or Engine is kept busy with them only
 * to hear that it is there.
 */
const LISTS: ReadonlySet<string> = new Set(['kubernetes', 'docker'])
const LOOKS_PER_LIST = 5

type Question = (signal: AbortSignal) => Promise<unknown>

export function targetHealth(
  world: () => Promise<World>,
  settings: AssessSettings,
  /** Told of every list of what runs the services. */
  saw: (workloads: readonly Workload[]) => void = () => undefined,
): TargetHealth {
  let troubles: Awaited<ReturnType<typeof ask>>[] = []
  let looks = 0

  async function ask(part: string, question: Question) {
    try {
      await question(AbortSignal.timeout(settings.deadlineMs))
      return { part, trouble: null }
    } catch (error) {
      return { part, trouble: error instanceof Fault ? error.detail : String(error) }
    }
  }

  return {
    async look() {
      const asked = questionsTo(await world(), settings, saw)
      const seldom = looks % LOOKS_PER_LIST !== 0
      looks += 1
      troubles = await Promise.all(
        asked.map(async ([part, question]) => {
          const last = troubles.find((one) => one.part === part)
          return LISTS.has(part) && seldom && last ? last : ask(part, question)
        }),
      )
    },
    troubles: () => troubles,
  }
}

function questionsTo(
  { metrics, cache, database, deployments, containers }: World,
  { deployed }: AssessSettings,
  saw: (workloads: readonly Workload[]) => void,
): readonly [string, Question][] {
  const services = deployed?.services ?? []
  const questions: readonly [string, Question | null][] = [
    ['prometheus', metrics && ((signal) => metrics.instant('time()', { signal }))],
    ['redis', cache && ((signal) => cache.ping(signal))],
    ['mongodb', database && ((signal) => database.ping(signal))],
    [
      'kubernetes',
      deployments && (async (signal) => saw(await deployments.list(services, signal))),
    ],
    ['docker', containers && ((signal) => containers.list(services, signal))],
  ]
  return questions.flatMap(([part, question]) => (question ? [[part, question]] : []))
}
