import type { HomeView } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import {
  homeView,
  refusedHomeView,
  type EnvironmentHome,
  type TargetCount,
} from '../chat/answers/home.ts'
import { refusalOf } from '../domain/incident/decide.ts'
import { Fault } from '../domain/base/fault.ts'
import type { PersonKind } from '../domain/base/person.ts'
import type { Log } from '../ports/log.ts'
import { threadLinks } from './thread-links.ts'
import type { Answering } from './answer.ts'

type Asked = Pick<EnvironmentHome, 'targets' | 'links'>

/** Shows a person the home page: at once with what is known, then with the health of the targets. */
export function homeOpener(deps: {
  /** The first one is home. */
  readonly environments: readonly Answering[]
  readonly client: WebClient
  readonly now: () => number
  readonly log: Log
  readonly whoIs: (user: string) => Promise<PersonKind>
  /** As the Slack that it goes to can show it. */
  readonly shownIn: (view: HomeView) => HomeView
}): (user: string) => Promise<void> {
  const { client, environments, log } = deps
  const publish = (user: string, homes: readonly EnvironmentHome[]) =>
    client.views.publish({ user_id: user, view: deps.shownIn(homeView(homes)) })

  function homeOf(
    { environment, open, unreadable, readiness }: Answering,
    asked: Asked,
  ): EnvironmentHome {
    const nowMs = deps.now()
    return {
      environment,
      open: open(),
      unreadable: unreadable(),
      ...asked,
      ...(readiness ? { readiness: { reading: readiness.shown(), nowMs } } : {}),
    }
  }

  async function askedHome(one: Answering): Promise<EnvironmentHome> {
    const [targets, links] = await Promise.all([
      scrapeTargetHealth(one),
      threadLinks(one.open(), one.linkTo),
    ])
    return homeOf(one, { targets, links })
  }

  return async (user) => {
    try {
      const refusal = refusalOf(await deps.whoIs(user))
      if (refusal) {
        await client.views.publish({ user_id: user, view: refusedHomeView(refusal) })
        return
      }
      const known = environments.map((one) => homeOf(one, { targets: { kind: 'asking' } }))
      await publish(user, known)
      await publish(user, await Promise.all(environments.map(askedHome)))
    } catch (error) {
      log.warn('the home page could not be shown', { user, error })
    }
  }
}

async function scrapeTargetHealth({ world, settings }: Answering): Promise<TargetCount> {
  const { metrics } = await world()
  if (!metrics) return { kind: 'unknown', because: 'Prometheus is not configured' }
  try {
    const targets = await metrics.targets(AbortSignal.timeout(settings.deadlineMs))
    const up = targets.filter(({ health }) => health === 'up').length
    const down = targets
      .filter(({ health }) => health !== 'up')
      .map(({ job, instance }) => `${job} ${instance}`)
    return { kind: 'known', up, all: targets.length, down }
  } catch (error) {
    return { kind: 'unknown', because: error instanceof Fault ? error.detail : String(error) }
  }
}
