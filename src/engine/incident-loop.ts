import type { Incident } from '../domain/incident/incident.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import { isOfNewerVersion } from '../domain/incident/newer-version.ts'
import { nextAction, type Rules, type Work } from '../domain/incident/next-action.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { keyOf, partsOf } from './plan-key.ts'

/** Does something for an incident, or for one of its plans. */
type DoWork = (id: string, plan: number) => Promise<void>

export type IncidentLoop = {
  /** Asks what the incident is owed, and sees to it, until only a person or the clock can. Returns at once. */
  run(id: string): void
  /** What is being signed is held against the world once more. */
  recheck(id: string, plan: number): void
  /** Whatever an error has stopped is tried again. */
  retryStalled(): void
  /** Resolves when nothing runs. */
  settled(): Promise<void>
  readonly busy: boolean
}

/** Asks each incident for its next action and does it; what takes time is done beside the loop (J9). */
export function incidentLoop(deps: {
  readonly incidents: IncidentLog
  readonly decide: (incident: Incident, received: ReceivedIntent) => Promise<void>
  readonly works: { readonly [Kind in Work['kind']]: DoWork }
  readonly recheck: DoWork
  readonly show: (id: string) => void
  readonly clock: Clock
  readonly rules: Rules
  readonly log: Log
  readonly stopped: AbortSignal
}): IncidentLoop {
  const { incidents, log, stopped } = deps
  const stalled = new Set<string>()
  const advancing = oneAtATime(async (id) => {
    try {
      stalled.delete(id)
      await advance(id)
    } catch (error) {
      stall(id, error)
    }
  })
  const works = {
    assess: working(deps.works.assess),
    look: working(deps.works.look),
    verify: working(deps.works.verify),
    'write-report': working(deps.works['write-report']),
    checkpoint: working(deps.works.checkpoint),
    'resolve-plan': working(deps.works['resolve-plan']),
    'collect-evidence': working(deps.works['collect-evidence']),
    rehearse: working(deps.works.rehearse),
    prepare: working(deps.works.prepare),
    run: working(deps.works.run),
  } satisfies Record<Work['kind'], unknown>
  const rechecking = working(deps.recheck)
  const everything = [advancing, rechecking, ...Object.values(works)]

  /** Runs `work` for an incident or one of its plans, one at a time; what it then asks for follows. */
  function working(work: DoWork) {
    return oneAtATime(async (key) => {
      const [id, plan] = partsOf(key)
      try {
        const { sequence } = await incidents.load(id)
        await work(id, plan)
        // Nothing new was written: nothing new is asked for.
        if ((await incidents.load(id)).sequence !== sequence) advancing.run(id)
      } catch (error) {
        stall(id, error)
      }
    })
  }

  function stall(id: string, error: unknown): void {
    // It stays that until this version is replaced, and was told where it was found.
    if (isOfNewerVersion(error)) return
    stalled.add(id)
    if (incidents.unreadable().has(id)) return
    log.error('an incident stalled and will be tried again', { incident: id, error })
  }

  async function advance(id: string): Promise<void> {
    while (!stopped.aborted) {
      const incident = await incidents.load(id)
      deps.show(id)
      const action = nextAction(incident, deps.clock.now(), deps.rules)
      switch (action.kind) {
        case 'decide':
          await deps.decide(incident, action.received)
          break
        case 'record':
          await incidents.append(id, ({ sequence }) =>
            sequence === incident.sequence ? action.events : null,
          )
          break
        case 'work':
          for (const work of action.works) {
            works[work.kind].run('plan' in work ? keyOf(id, work.plan) : id)
          }
          return
        case 'wait':
          return
        default:
          return action satisfies never
      }
    }
  }

  return {
    run: advancing.run,
    recheck: (id, plan) => rechecking.run(keyOf(id, plan)),
    retryStalled() {
      for (const id of stalled) advancing.run(id)
    },
    async settled() {
      await Promise.all(everything.map((one) => one.settled()))
    },
    get busy() {
      return everything.some(({ busy }) => busy)
    },
  }
}
