import type { HomeView } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import { homeView, refusedHomeView, type TargetCount } from '../chat/answers/home.ts'
import { refusalOf } from '../domain/incident/decide.ts'
import { Fault } from '../domain/base/fault.ts'
import type { PersonKind } from '../domain/base/person.ts'
import type { Log } from '../ports/log.ts'
import { threadLinks } from './thread-links.ts'
import type { Answering } from './answer.ts'

/** Shows a person the home page: at once with what is known, then with the health of the targets. */
export function homeOpener(
  deps: Answering & {
    readonly client: WebClient
    readonly now: () => number
    readonly log: Log
    readonly whoIs: (user: string) => Promise<PersonKind>
    /** As the Slack that it goes to can show it. */
    readonly shownIn: (view: HomeView) => HomeView
  },
): (user: string) => Promise<void> {
  const { client, environment, open, log, readiness } = deps
  const publish = (user: string, targets: TargetCount, links?: ReadonlyMap<string, string>) =>
    client.views.publish({
      user_id: user,
      view: deps.shownIn(
        homeView({
          environment,
          open: open(),
          targets,
          ...(links ? { links } : {}),
          ...(readiness ? { readiness: { reading: readiness.shown(), nowMs: deps.now() } } : {}),
        }),
      ),
    })

  return async (user) => {
    try {
      const refusal = refusalOf(await deps.whoIs(user))
      if (refusal) {
        await client.views.publish({ user_id: user, view: refusedHomeView(refusal) })
        return
      }
      await publish(user, { kind: 'asking' })
      const asked = [scrapeTargetHealth(deps), threadLinks(open(), deps.linkTo)] as const
      await publish(user, ...(await Promise.all(asked)))
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
