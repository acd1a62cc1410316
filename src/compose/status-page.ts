import { statusPost } from '../chat/cards/status-post.ts'
import type { Config } from '../config/load-config.ts'
import { canonicalJson } from '../domain/text/canonical-json.ts'
import type { DraftPost } from '../engine/engine-types.ts'
import type { Courier } from '../engine/outbox/couriers.ts'
import { statusCourier } from '../engine/outbox/status-courier.ts'
import type { Clock } from '../ports/clock.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type { StatusPages } from '../ports/status-pages.ts'
import { hash } from './hash.ts'
import { openedOnce } from './opened-once.ts'
import { sleep } from './sleep.ts'

type Set = NonNullable<Config['settings']['communication']['statusPage']>

/** The public status page, as the settings name it; `null`: there is none, and people publish by hand. */
export function statusPageOf(
  config: Config,
  clock: Clock,
): { readonly drafted: DraftPost; readonly courier: Courier<'status-post'> } | null {
  const { environment: env, settings } = config
  const set = settings.communication.statusPage
  if (!set) return null
  const { components, impact, provider } = set
  const { environment } = settings
  return {
    drafted: (incident, stage) => {
      const post = statusPost(stage, incident, { environment, components, impact })
      return { post, digest: hash(canonicalJson(post)).slice(0, 32) }
    },
    courier: statusCourier({
      open: openedOnce(() => openStatusPages(set, env, clock)),
      canBeAsked: provider !== 'webhook' || env.BACKOUT_STATUS_WEBHOOK_FIND_URL !== undefined,
    }),
  }
}

/** What talks to it is loaded when it is first needed. */
export async function openStatusPages(
  set: Set,
  env: Config['environment'],
  { now }: Clock,
): Promise<StatusPages> {
  switch (set.provider) {
    case 'statuspage': {
      const { atlassianStatuspage } = await import('../adapters/status-page/statuspage.ts')
      return atlassianStatuspage({
        apiUrl: set.apiUrl,
        page: set.page ?? '',
        apiKey: env.BACKOUT_STATUSPAGE_API_KEY ?? '',
        notifies: set.notifySubscribers,
        components: set.components,
        endpoints: await statusEndpoints(),
        now,
        sleep,
      })
    }
    case 'webhook': {
      const { statusWebhook } = await import('../adapters/status-page/webhook.ts')
      return statusWebhook({
        url: env.BACKOUT_STATUS_WEBHOOK_URL ?? '',
        token: env.BACKOUT_STATUS_WEBHOOK_TOKEN ?? null,
        findUrl: env.BACKOUT_STATUS_WEBHOOK_FIND_URL ?? null,
        endpoints: await statusEndpoints(),
        now,
      })
    }
    case 'markdown': {
      const { markdownFolder } = await import('../adapters/status-page/markdown.ts')
      return markdownFolder({ folder: set.folder ?? '', link: set.link ?? null, now })
    }
    default:
      return set.provider satisfies never
  }
}

/** Below the deadline of a call, so that an address where nobody listens is told from a lost answer. */
const CONNECT_TIMEOUT_MS = 4_000

async function statusEndpoints(): Promise<Endpoints> {
  const { httpEndpoints } = await import('../adapters/http/endpoints.ts')
  return httpEndpoints({ dependency: 'status page', connectTimeoutMs: CONNECT_TIMEOUT_MS })
}
