import type { Surface } from '../../src/domain/incident/surface.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { dict, dicts, isDict, str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

/** What people see of an incident, and how they get there. */
export type Card = {
  readonly incident: string
  readonly ts: string
  /** All that stands on it. */
  readonly reads: string
  /** What a notification and a screen reader say. */
  readonly spoken: string
  /** As it was when it was read: to click in an old rendering. */
  readonly message: Dict
}

const ANSWERED = /(Roll back|A person decides|Do not roll back): /

/** Everything a person can read in these blocks: texts, labels and what is to be picked. */
export const words = (blocks: unknown): string => {
  const found: string[] = []
  collect(blocks, found)
  return found.join('\n')
}

const collect = (value: unknown, found: string[]): void => {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found)
  } else if (isDict(value)) {
    if (value['type'] === 'mrkdwn' || value['type'] === 'plain_text') found.push(str(value['text']))
    else for (const item of Object.values(value)) collect(item, found)
  }
}

/** What Slack reads for links, mentions and alerts: not the plain texts. */
export const rendered = (message: Dict): string => {
  const found = [str(message['text'])]
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (!isDict(value)) return
    if (value['type'] === 'mrkdwn') found.push(str(value['text']))
    Object.values(value).forEach(visit)
  }
  visit(message['blocks'])
  return found.join('\n')
}

const asCard = (message: Dict, surface: Surface): Card | undefined => {
  const id = str(dicts(message['blocks'])[0]?.['block_id'])
  const incident = id.startsWith(`${surface}:`) ? id.slice(surface.length + 1).split('#')[0] : ''
  if (!incident) return undefined
  return {
    incident,
    ts: str(message['ts']),
    reads: words(message['blocks']),
    spoken: str(message['text']),
    message,
  }
}

/** Every message that stands there for this part of an incident, of all incidents if not of one. */
export const cards = async (
  slack: Slack,
  surface: Surface,
  incident?: string,
  channel = INCIDENTS,
): Promise<Card[]> =>
  (await slack.chat.all(channel))
    .flatMap((message) => asCard(message, surface) ?? [])
    .filter((card) => incident === undefined || card.incident === incident)

/** The one card, once it reads like that. */
export const card = (
  slack: Slack,
  surface: Surface,
  incident: string,
  reads: RegExp | ((card: Card) => boolean) = () => true,
  timeoutMs = 20_000,
  channel = INCIDENTS,
): Promise<Card> =>
  until(
    async () => {
      const found = (await cards(slack, surface, incident, channel)).at(-1)
      const fits = found && (reads instanceof RegExp ? reads.test(found.reads) : reads(found))
      return fits ? found : undefined
    },
    `the ${surface} of ${incident} to read ${String(reads)}`,
    timeoutMs,
  )

/** Types it, and waits for the card with an answer. */
export const assess = async (
  slack: Slack,
  person: Person,
  line = '/rollback assess',
  timeoutMs = 20_000,
  channel = INCIDENTS,
): Promise<Card> => {
  const answers = () => cards(slack, 'assessment-card', undefined, channel)
  const before = new Set((await answers()).map(({ ts }) => ts))
  await person.command(channel, line)
  return until(
    async () =>
      (await answers()).find(({ ts, spoken }) => !before.has(ts) && ANSWERED.test(spoken)),
    `an answer to ${line}`,
    timeoutMs,
  )
}

export type Declared = Card & { readonly headline: Card; readonly thread: Card }

/** Assesses, clicks Declare, and waits for headline and thread. */
export const declare = async (
  slack: Slack,
  person: Person,
  line?: string,
  channel = INCIDENTS,
): Promise<Declared> => {
  const assessed = await assess(slack, person, line, undefined, channel)
  const { incident } = assessed
  await person.click(channel, assessed.ts, 'Declare incident')
  const headline = await card(slack, 'headline', incident, undefined, undefined, channel)
  const declared = /declared the incident/
  const thread = await card(slack, 'thread-card', incident, declared, undefined, channel)
  return { ...assessed, headline, thread }
}

/** Asks for the plan of a rollback, and waits until it can be signed. */
export const planned = async (
  slack: Slack,
  person: Person,
  { incident, thread }: Declared,
  channel = INCIDENTS,
): Promise<Card> => {
  await person.click(channel, thread.ts, 'Prepare rollback')
  return card(slack, 'plan-1', incident, /0 of 2/, undefined, channel)
}

/** Signs it; asked whether they have read it, they say so. Resolves when the card shows it. */
export const sign = async (
  slack: Slack,
  person: Person,
  plan: Card,
  channel = INCIDENTS,
): Promise<void> => {
  const before = person.ephemerals().length
  const press = () => person.click(channel, plan.ts, 'Approve', { seen: plan.message })
  const signed = async () => {
    const now = await slack.chat.find(channel, plan.ts)
    return new RegExp(`• <@${person.id}> (signed )?at `).test(words(now?.['blocks']))
  }
  await press()
  const answer = await until(
    async () => ((await signed()) ? 'signed' : person.ephemerals()[before]?.text),
    `${person.id} to have signed, or to be told why not`,
    20_000,
  )
  if (answer === 'signed') return
  if (!/faster than the card/.test(answer)) throw new Error(`${person.id} was told: ${answer}`)
  await press()
  await until(signed, `the signature of ${person.id}`, 20_000)
}

/** Presses a button that opens this form, and has it in front: an older one may lie below. */
export const opened = async (
  person: Person,
  { ts }: Pick<Card, 'ts'>,
  label: string,
  callbackId: string,
  channel = INCIDENTS,
): Promise<Dict> => {
  await person.click(channel, ts, label)
  return until(async () => {
    const form = await person.modal()
    return form['callback_id'] === callbackId && form
  }, `the form of ${label}`)
}

/** Presses Close incident, and says that it is resolved. */
export const closeIncident = async (
  person: Person,
  thread: Pick<Card, 'ts'>,
  channel = INCIDENTS,
): Promise<void> => {
  await opened(person, thread, 'Close incident', 'close-incident', channel)
  await person.submit({ outcome: 'resolved' })
}

/** Presses Deny, and says why if they say it. */
export const deny = async (person: Person, plan: Card, reason = ''): Promise<void> => {
  await person.click(INCIDENTS, plan.ts, 'Deny', { seen: plan.message })
  await person.modal()
  await person.submit(reason === '' ? {} : { reason })
}

/** What runs, as `/rollback deployments` tells it: "v1.9.0", or nothing at all. */
export const running = async (person: Person): Promise<Record<string, string>> => {
  const answer = await answerTo(person, 'deployments')
  const each = answer.matchAll(/\*(\w+)\* \([\w/-]+\)\n([^]*?)Runs (\S+)\. Before/g)
  return Object.fromEntries(
    [...each].map(([, service = '', state = '', version = '']) => [
      service,
      state.startsWith('Scaled to zero') ? 'nothing' : version,
    ]),
  )
}

/** What is said once in the incident's thread, in a message of its own. */
export const noted = (
  slack: Slack,
  { headline }: Pick<Declared, 'headline'>,
  reads: RegExp,
  timeoutMs = 20_000,
): Promise<string> =>
  until(
    async () =>
      (await slack.chat.all(INCIDENTS))
        .filter(({ thread_ts: thread }) => thread === headline.ts)
        .map(({ blocks }) => words(blocks))
        .findLast((said) => reads.test(said)),
    `the thread to say ${String(reads)}`,
    timeoutMs,
  )

export const V2 = { backend: 'v2.0.0', frontend: 'v2.0.0' }
export const V1 = { backend: 'v1.9.0', frontend: 'v1.9.0' }

/** Presses *Approve* with that value on that message, as a request that Slack has never offered them. */
export const pressApprove = (
  slack: Slack,
  person: Person,
  at: { readonly channel: string; readonly ts: string; readonly value: string },
): Promise<string> =>
  told(person, () =>
    person.forge({
      type: 'block_actions',
      user: { id: person.id, team_id: slack.workspace.teamId },
      team: { id: slack.workspace.teamId },
      api_app_id: slack.workspace.app.appId,
      trigger_id: `1.${Math.random()}.t`,
      channel: { id: at.channel },
      container: { type: 'message', message_ts: at.ts, channel_id: at.channel },
      actions: [{ type: 'button', action_id: 'approve-plan', block_id: 'b', value: at.value }],
    }),
  )

/** What only this person was told in answer to this. */
export const told = async (person: Person, act: () => Promise<unknown>): Promise<string> => {
  const before = person.ephemerals().length
  await act()
  const answer = await until(
    () => person.ephemerals()[before],
    `${person.id} to be told something`,
    20_000,
  )
  if (answer.text.trim() === '') throw new Error(`no text for a screen reader: ${words(answer)}`)
  return words(answer.blocks)
}

/** What only this person is told when they type this in #incidents. */
export const answerTo = (person: Person, line: string): Promise<string> =>
  told(person, () => person.command(INCIDENTS, `/rollback ${line}`))

/** How many times a card says that the bot looked at production. */
export const looks = ({ reads }: Card): string => /Looked at ([\d:]+)/.exec(reads)?.[1] ?? ''

export const valueOf = (message: Dict, actionId: string): string =>
  str(
    dicts(message['blocks'])
      .flatMap((block) => dicts(block['elements']))
      .find((element) => element['action_id'] === actionId)?.['value'],
  ) || str(dict(message)['value'])
