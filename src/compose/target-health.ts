import { Fault } from '../domain/fault.ts'
import type { AssessSettings } from '../domain/settings.ts'
import type { World } from '../ports/world.ts'

/** The last word of each configured target: `null` when it answered, otherwise why not. */
export type TargetHealth = {
  /** Asks all of them again. Never throws. */
  look(): Promise<void>
  /** Empty until they were asked for the first time. */
  troubles(): readonly { readonly part: string; readonly trouble: string | null }[]
}

type Question = (signal: AbortSignal) => Promise<unknown>

export function targetHealth(world: () => Promise<World>, settings: AssessSettings): TargetHealth {
  let troubles: Awaited<ReturnType<typeof ask>>[] = []

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
      troubles = await Promise.all(asked.map(([part, question]) => ask(part, question)))
    },
    troubles: () => troubles,
  }
}

function questionsTo(
  { metrics, cache, database, workloads }: World,
  { kubernetes }: AssessSettings,
): readonly [string, Question][] {
  const services = kubernetes?.services ?? []
  const questions: readonly [string, Question | null][] = [
    ['prometheus', metrics && ((signal) => metrics.instant('time()', { signal }))],
    ['redis', cache && ((signal) => cache.ping(signal))],
    ['mongodb', database && ((signal) => database.ping(signal))],
    ['kubernetes', workloads && ((signal) => workloads.list(services, signal))],
  ]
  return questions.flatMap(([part, question]) => (question ? [[part, question]] : []))
}
