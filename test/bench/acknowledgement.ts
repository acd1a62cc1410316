import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { dataFolder, startBot, startDemoSlack } from '../support/bot.ts'
import type { Bot } from '../support/bot.ts'
import { findElement } from '../support/slack/elements.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import { blockActionsPayload } from '../support/slack/payloads.ts'
import type { Slack } from '../support/slack/slack.ts'
import { atMost, exactly, ms, ratioWithin } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { quantile } from './pairs.ts'
import { BARE_BOLT, slackEnvironment, startNode } from './processes.ts'
import { writeOpenIncidents } from './open-incidents.ts'

export const OPEN_INCIDENTS = 100
export const BURST = 20
const PAIRS = 25
/** 5 % of the three seconds after which a person sees that the click failed. */
const MOST_MS = 150
const CHECKED_BURSTS = 5
/** Longer than an edit of a card is held back: nothing is to come any more. */
const QUIET_MS = 1_500
const LOCKED_MS = 300
const LOCKED_TIMES = 5

type Click = { readonly payload: Dict; readonly delivery: string }

/**
 * From the envelope's being sent to its acknowledgement, at Slack. The bot makes the click durable in
 * between; the baseline does nothing. Both are connected to the same Slack; one at a time is asked.
 */
export const acknowledgement = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const data = dataFolder()
  const journal = join(data, 'journal.sqlite')
  await writeOpenIncidents(journal, OPEN_INCIDENTS)
  const bot = resources.use(await startBot({ slack, scenario: 'errors-62', data }))
  const [ours = 0] = await slack.sockets.waitFor(1)
  const bare = startNode([BARE_BOLT], slackEnvironment(slack))
  resources.defer(() => bare.end('SIGKILL'))
  const [, theirs = 0] = await slack.sockets.waitFor(2, 20_000)
  await quiet(slack)
  const newClicks = await clicker(slack)

  const all = { ours: [] as number[], theirs: [] as number[] }
  /** The slowest of a burst. */
  const burst = (socket: number, into: number[]) => async () => {
    const clicks = newClicks()
    const times = await Promise.all(clicks.map((click) => timeToAck(slack, socket, click)))
    // The baseline leaves nothing to be done.
    if (socket === ours) await quiet(slack)
    into.push(...times)
    return Math.max(...times)
  }
  const compared = await ratioWithin({
    what: `slowest acknowledgement of a burst of ${BURST} clicks, against a bare Bolt app`,
    gate: 3,
    pairs: PAIRS,
    sides: { subject: burst(ours, all.ours), baseline: burst(theirs, all.theirs) },
    again: () => {
      all.ours.length = 0
      all.theirs.length = 0
    },
  })
  const p99 = quantile(all.ours, 0.99)
  return [
    atMost({
      what: `acknowledgement with ${OPEN_INCIDENTS} incidents open, p99`,
      measured: p99,
      gate: MOST_MS,
      unit: 'ms',
      details: [
        `ours ${shown(all.ours)}`,
        `bare Bolt ${shown(all.theirs)}`,
        `${((100 * p99) / 3_000).toFixed(1)} % of Slack’s 3 s; ${all.ours.length} clicks each, the warm-up’s too`,
        onWhatDisk(data),
      ],
    }),
    compared,
    ...(await durableFirst(slack, bot, ours, newClicks)),
  ]
}

/** No acknowledgement without its row, read by another connection; and none while nothing can be written. */
const durableFirst = async (
  slack: Slack,
  bot: Bot,
  socket: number,
  newClicks: () => readonly Click[],
): Promise<readonly Outcome[]> => {
  using database = new DatabaseSync(bot.journal)
  const row = database.prepare('SELECT 1 FROM events WHERE delivery = ?')
  let early = 0
  for (let time = 0; time < CHECKED_BURSTS; time += 1) {
    const checked = newClicks().map(async (click) => {
      await timeToAck(slack, socket, click)
      if (row.get(click.delivery) === undefined) early += 1
    })
    await Promise.all(checked)
    await quiet(slack)
  }

  let whileLocked = 0
  for (let time = 0; time < LOCKED_TIMES; time += 1) {
    const [click] = newClicks()
    if (!click) throw new Error('no click')
    let locked = true
    database.exec('BEGIN IMMEDIATE')
    const acknowledged = timeToAck(slack, socket, click).then(() => {
      if (locked) whileLocked += 1
    })
    await pause(LOCKED_MS)
    locked = false
    database.exec('ROLLBACK')
    await acknowledged
    await quiet(slack)
  }
  return [
    exactly({
      what: `acknowledged before the click was in the journal, of ${CHECKED_BURSTS * BURST}`,
      measured: early,
      gate: 0,
    }),
    exactly({
      what: `acknowledged while the journal could not be written, of ${LOCKED_TIMES}`,
      measured: whileLocked,
      gate: 0,
      details: [`another process held the journal’s write lock for ${LOCKED_MS} ms each time`],
    }),
  ]
}

export const timeToAck = async (
  slack: Slack,
  socket: number,
  { payload }: Click,
): Promise<number> => {
  const sentMs = performance.now()
  const { acked } = await slack.sockets.deliver({ type: 'interactive', payload, to: socket })
  if (!acked) throw new Error('a click was not acknowledged within 3 s')
  return performance.now() - sentMs
}

/** "Check again" on the next twenty incidents' cards, as Slack would send it. */
export const clicker = async (slack: Slack): Promise<() => readonly Click[]> => {
  const { workspace, triggers, responses } = slack
  // Of each incident the card in its thread; the headline has the button too.
  const messages = (await slack.chat.all(INCIDENTS)).filter(
    (message) =>
      message['thread_ts'] !== undefined &&
      JSON.stringify(message['blocks'] ?? []).includes('"check-again"'),
  )
  if (messages.length !== OPEN_INCIDENTS) {
    throw new Error(`${messages.length} cards for ${OPEN_INCIDENTS} incidents`)
  }
  let next = 0
  return () =>
    Array.from({ length: BURST }, () => {
      const message = messages[next % messages.length] ?? {}
      next += 1
      const target = { user: ANA, channel: INCIDENTS }
      const triggerId = triggers.mint(ANA)
      const payload = blockActionsPayload(workspace, {
        ...target,
        message,
        action: findElement(dicts(message['blocks']), 'check-again'),
        triggerId,
        responseUrl: responses.mint({ ...target, messageTs: str(message['ts']) }),
      })
      return { payload, delivery: `press:${triggerId}` }
    })
}

/** Until the bot has done all that a burst of clicks makes it do. */
export const quiet = async (slack: Slack): Promise<void> => {
  let before = -1
  while (slack.calls().length !== before) {
    before = slack.calls().length
    await pause(QUIET_MS)
  }
}

export const shown = (times: readonly number[]): string =>
  [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${ms(quantile(times, share))}`).join(', ')

/** statfs(2). */
const TMPFS = 0x01021994

const onWhatDisk = (folder: string): string =>
  statfsSync(folder).type === TMPFS
    ? 'the journal is in memory (tmpfs): its fsync costs nothing here; set TMPDIR to a folder on disk'
    : 'the journal is on a disk'
