import { every } from '../../adapters/cron/every.ts'
import { readinessNote } from '../../chat/cards/readiness-note.ts'
import type { Config } from '../../config/load-config.ts'
import { isAnyRunning, type Incident } from '../../domain/incident/incident.ts'
import type { View } from '../../domain/base/view.ts'
import { deploySeen } from '../../domain/readiness/deploys.ts'
import { KeptReadiness } from '../../domain/readiness/news.ts'
import type { Workload } from '../../domain/workload/workload.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Conversations, People } from '../../ports/conversations.ts'
import type { KeptTexts } from '../../ports/kept.ts'
import type { Log } from '../../ports/log.ts'
import type { World } from '../../ports/world.ts'
import { keptAs } from '../read-kept.ts'
import { keepReadiness, type Readiness } from './keep-readiness.ts'

type Deps = {
  readonly world: () => Promise<World>
  readonly people: People
  readonly conversations: Conversations
  readonly shownIn: (view: View) => View
  readonly open: () => readonly Incident[]
  readonly kept: KeptTexts
  /** Where another process acts, it tells the news. */
  readonly acts: () => boolean
  readonly clock: Clock
  readonly log: Log
  readonly atSecond?: number
}

const load = () => import('./look-at-readiness.ts')

/** Whether the ways back would work, as the settings want it known. What looks is loaded when it is first needed. */
export function readinessOf(config: Config, deps: Deps): Readiness {
  const { settings } = config
  const { world, people, clock, log, conversations } = deps
  const { readiness, environment, slack } = settings
  return keepReadiness({
    settings: readiness,
    channel: readiness.channel ?? slack.channels[0] ?? '',
    stored: keptAs(deps.kept, 'readiness', { schema: KeptReadiness, of: 'the ways back' }),
    async look(signal) {
      const [{ lookAtReadiness }, over] = await Promise.all([load(), world()])
      return lookAtReadiness(config, { world: over, people, clock }, signal)
    },
    async whyLeft(left, signal) {
      const [{ whyVersionLeft }, over] = await Promise.all([load(), world()])
      return whyVersionLeft(config, over, left, signal)
    },
    tells: deps.acts,
    isBusy: () => deps.open().some(isAnyRunning),
    everyMinute: (turn) => every(60, 'readiness', turn, log, deps.atSecond),
    render: (news) => deps.shownIn(readinessNote(news, environment)),
    conversations,
    clock,
    log,
  })
}

/** Tells of a deploy from list to list of what runs the services. */
export function tellsOfDeploys(tell: () => void): (workloads: readonly Workload[]) => void {
  let seen: ReturnType<typeof deploySeen>['seen'] = new Map()
  return (workloads) => {
    const found = deploySeen(seen, workloads)
    seen = found.seen
    if (found.isDeploy) tell()
  }
}
