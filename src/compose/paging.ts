import { signRequest } from '../chat/cards/sign-request.ts'
import { whoCanSign } from '../chat/parts/plan-words.ts'
import { callWords, leadWords } from '../chat/text/page-words.ts'
import type { Config } from '../config/load-config.ts'
import type { View } from '../domain/base/view.ts'
import { planOf, postedAs, type Incident } from '../domain/incident/incident.ts'
import type { Courier } from '../engine/outbox/couriers.ts'
import { pageCourier } from '../engine/outbox/page-courier.ts'
import { signCourier } from '../engine/outbox/sign-courier.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations, People } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { Pager } from '../ports/pager.ts'
import { sleep } from './sleep.ts'

type Deps = {
  readonly pagers: readonly Pager[]
  readonly conversations: Conversations
  readonly people: People
  readonly log: Log
  readonly shownIn: (view: View) => View
  readonly clock: Clock
  readonly incident: (id: string) => Promise<Incident | null>
}

/** How long a call waits for the address of a thread that is only being opened: a part of its deadline. */
const LINK = { times: 6, everyMs: 250 } as const

/** Who is called and asked outside of the incident's thread. Beside it: the thread goes on without. */
export function outsideCouriers({ settings }: Config, deps: Deps): readonly Courier[] {
  const { environment, paging } = settings
  const { pagers } = deps
  const pages = pageCourier({
    pagers,
    environment,
    occasions: paging.occasions,
    clock: deps.clock,
    words: {
      call: (incident, occasion) => callWords(incident, occasion, environment),
      lead: leadWords,
    },
    linkTo: (id, signal) => inTime(threadLink(id, deps, signal)),
  })
  return [
    ...(pagers.length > 0 ? [pages] : []),
    ...(paging.directMessages ? [directMessages(settings, deps)] : []),
  ]
}

function directMessages(
  { approval, environment }: Config['settings'],
  { conversations, people, shownIn, log }: Deps,
): Courier<'direct-message'> {
  return signCourier({
    conversations,
    people,
    log,
    among(incident, plan, candidates) {
      const state = planOf(incident, plan)
      if (!state || candidates.length === 0) return []
      return whoCanSign(state, incident, approval, candidates)
    },
    whom(incident, plan, call) {
      const state = planOf(incident, plan)
      const configured = approval.escalation[call - 1]?.tell ?? []
      return state ? whoCanSign(state, incident, approval, configured) : []
    },
    render: (incident, plan, url) => shownIn(signRequest(incident, plan, { environment, url })),
  })
}

async function threadLink(
  id: string,
  { incident, conversations }: Deps,
  signal: AbortSignal,
): Promise<string | null> {
  for (let time = 0; time < LINK.times && !signal.aborted; time += 1) {
    // oxlint-disable-next-line no-await-in-loop -- it is looked for until it is there
    const found = await incident(id)
    const posted = found && postedAs(found, 'headline')
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (posted) return conversations.linkTo(posted)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await sleep(LINK.everyMs, signal)
  }
  return null
}

/** Slack may be away: that is no reason to call nobody. */
function inTime(link: Promise<string | null>): Promise<string | null> {
  const late = sleep(LINK.times * LINK.everyMs, new AbortController().signal).then(() => null)
  return Promise.race([link, late]).catch(() => null)
}
