import type { Listening } from '../adapters/slack/intake.ts'
import { listen } from '../adapters/slack/listen.ts'
import { connectSlack } from '../adapters/slack/connect.ts'
import { slackConversations } from '../adapters/slack/conversations.ts'
import { slackPeople } from '../adapters/slack/people.ts'
import { replyAddresses } from '../adapters/slack/reply-addresses.ts'
import { evidenceModal } from '../chat/answers/evidence-modal.ts'
import { planModal } from '../chat/answers/plan-modal.ts'
import { statusDraft } from '../chat/cards/status-draft.ts'
import { inUtc } from '../chat/text/moments.ts'
import type { Config } from '../config/load-config.ts'
import { isRehearsal } from '../config/ready-to-run.ts'
import { refusalOf } from '../domain/incident/decide.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { homeOpener } from './home.ts'
import type { Readiness } from './readiness/keep-readiness.ts'
import type { LateReleaseWatch } from './release-watch/late-release-watch.ts'
import { waysBackIn } from './ways-back.ts'

/** Slack, reached as the settings say, and what is asked of it and said in it. Not yet connected. */
export function slackOf(
  { environment: env, settings }: Config,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
) {
  const slack = connectSlack({
    botToken: env.SLACK_BOT_TOKEN ?? '',
    apiUrl: env.SLACK_API_URL ?? null,
    mode:
      settings.slack.mode === 'socket'
        ? { kind: 'socket', appToken: env.SLACK_APP_TOKEN ?? '' }
        : {
            kind: 'http',
            signingSecret: env.SLACK_SIGNING_SECRET ?? '',
            port: env.SLACK_HTTP_PORT,
          },
    log,
    now: clock.now,
  })
  const replies = replyAddresses(clock.now)
  const conversations = slackConversations({
    client: slack.messages,
    replies,
    newEditId: () => crypto.randomUUID().slice(0, 8),
    us: slack.identified,
    log,
  })
  const people = slackPeople(slack.questions, slack.identified)
  return { slack, replies, conversations, people, shownIn: shownBy(env) }
}

/** What is told of a moment: local-slack would show Slack's date format as it is written. */
function shownBy(env: Config['environment']): <Shown>(shown: Shown) => Shown {
  return isRehearsal(env) ? inUtc : (shown) => shown
}

/** A form has to be open three seconds after the click: a zone that comes later is not waited for. */
const ZONE_MS = 1_000

export const loadAnswers = () => import('./answer.ts')

type Hearing = ReturnType<typeof slackOf> & {
  readonly engine: Engine
  readonly now: () => number
  readonly world: () => Promise<World>
  readonly readiness: Readiness
  readonly releases: Pick<LateReleaseWatch, 'shown'>
  readonly enrolling: Listening['enrolling']
  readonly log: Log
}

/** Whatever people type, press and submit: made durable, or answered. */
export function hearPeople(
  config: Config,
  {
    slack,
    replies,
    conversations,
    people,
    shownIn,
    engine,
    now,
    world,
    readiness,
    releases,
    enrolling,
    log,
  }: Hearing,
): void {
  const { settings } = config
  const { whoIs } = engine
  const { questions: client } = slack
  const answering = {
    world,
    settings: config.assess,
    verification: config.verification,
    environment: settings.environment,
    contacts: settings.contacts,
    incident: engine.load,
    declared: engine.declared,
    open: engine.open,
    linkTo: conversations.linkTo,
    readiness,
    releases,
  }

  const receive: Listening['receive'] = async ({ incident, received }) => {
    const receipt = await engine.receive(incident, received)
    // What follows is not what a person waits for: after the acknowledgement (J9).
    if (receipt.kind === 'received') setImmediate(engine.wake, receipt.incident)
    return receipt
  }

  listen({
    app: slack.app,
    client,
    conversations,
    replies,
    log,
    channels: settings.slack.channels,
    services: settings.services.map(({ name }) => name),
    procedures: waysBackIn(config),
    receive,
    incidentIn: engine.inThread,
    incident: engine.load,
    openIncidents: engine.open,
    statusDraft: (incident, stage) => statusDraft(stage, incident, settings.environment),
    whoIs,
    zoneOf: async (user) => {
      const zone = people.zoneOf(user, AbortSignal.timeout(ZONE_MS))
      return (await zone.catch(() => null)) ?? 'UTC'
    },
    now,
    refusePerson: refusalOf,
    answer: async (command) => shownIn(await (await loadAnswers()).answer(command, answering)),
    everyRule: (assessment) => shownIn(evidenceModal(assessment)),
    wholePlan: (...of) => shownIn(planModal(...of)),
    enrolling,
    openHome: homeOpener({ ...answering, client, now, log, whoIs, shownIn }),
  })
}
