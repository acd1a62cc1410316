import { Fault } from '../domain/base/fault.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { World } from '../ports/world.ts'

/** The last word of each configured target: `null` when it answered, otherwise why not. */
export type TargetHealth = {
  /** Asks them again, Kubernetes not each time. Throws only when production cannot be opened. */
  look(): Promise<void>
  /** Empty until they were asked for the first time. */
  troubles(): readonly { readonly part: string; readonly trouble: string | null }[]
}

/**
 * Kubernetes answers with several lists: asked seldom, so that nobody's API server
 * is kept busy with them only to hear that it is there.
 */
const LOOKS_PER_KUBERNETES = 5

type Question = (signal: AbortSignal) => Promise<unknown>

export function targetHealth(world: () => Promise<World>, settings: AssessSettings): TargetHealth {
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
      const asked = questionsTo(await world(), settings)
      const seldom = looks % LOOKS_PER_KUBERNETES !== 0
      looks += 1
      troubles = await Promise.all(
        asked.map(async ([part, question]) => {
          const last = troubles.find((one) => one.part === part)
          return part === 'kubernetes' && seldom && last ? last : ask(part, question)
        }),
      )
    },
    troubles: () => troubles,
  }
}

function questionsTo(
  { metrics, cache, database, workloads }: World,
  { deployed }: AssessSettings,
): readonly [string, Question][] {
  const services = deployed?.services ?? []
  const questions: readonly [string, Question | null][] = [
    ['prometheus', metrics && ((signal) => metrics.instant('time()', { signal }))],
    ['redis', cache && ((signal) => cache.ping(signal))],
    ['mongodb', database && ((signal) => database.ping(signal))],
    ['kubernetes', workloads && ((signal) => workloads.list(services, signal))],
  ]
  return questions.flatMap(([part, question]) => (question ? [[part, question]] : []))
}
