import { needsCare } from '../domain/incident/next-action.ts'
import { isGateOpen } from '../domain/plan/plan-state.ts'
import type { Engine, EngineDeps } from './engine-types.ts'
import { intentDecider, refusalTeller } from './decide-intent.ts'
import { incidentLoop, type IncidentLoop } from './incident-loop.ts'
import { incidentLog, type IncidentLog } from './journal/incident-log.ts'
import { following } from './journal/following.ts'
import { holdAnew } from './journal/hold-anew.ts'
import { shownAsItHappens } from './journal/shown-as-it-happens.ts'
import { journalTold } from './journal/journal-told.ts'
import { knownIncidents, type KnownIncidents } from './journal/known-incidents.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { AT_ONCE, breathing } from './breathing.ts'
import { openerTogether } from './open-together.ts'
import { acknowledgementsOf } from './outbox/acknowledgements.ts'
import { couriersOf } from './outbox/couriers.ts'
import { publisher } from './publish/publish.ts'
import { alertRecorder } from './record-alerts.ts'
import { intentRecorder } from './record-intent.ts'
import { reportReminder } from './report-reminder.ts'
import { askable, rightsOf, type AllRights } from './rights-outside.ts'
import { acceptanceTeller } from './tell-accepted.ts'
import { worksOf } from './works.ts'

/*
 * What holds here, whatever crashes. Code and tests cite these by number.
 *
 * J1  What is about to be done is durable before it is done; its result is appended after it is verified.
 * J2  (incident, sequence) is unique. An append names the event it saw last; a loser reads again and decides again.
 * J3  State is a fold. An event illegal in that state throws; a corrupt journal stops the incident and calls a human.
 * J4  Something started without a result is carried on by looking first. An unknown outcome is never retried blind.
 * J5  Safety comes from guards at the target. A lease only saves work: two engines at once must be harmless.
 * J6  Waiting is a state, not a suspended promise. Deadlines are absolute times in the journal.
 * J7  No first write, and no first step after those that make way, unless at that moment the signatures that
 *     the plan requires, of distinct people authorised now, unexpired, carry the digest recomputed from the
 *     world. After a signed time to finish no further step begins.
 * J8  A click is durable before it is acknowledged; a message says nothing the journal does not hold.
 * J9  Every outward call has a deadline and an abort signal. A slow dependency never delays an
 *     acknowledgement or another incident.
 * J10 Unknown is a value. No default, no catch, no missing series ever turns into healthy, success or zero.
 */

/**
 * What changed this shortly before the last event there is, may not have been shown before we ended:
 * its cards are brought up to date, whether or not anything else is owed.
 */
const MAY_BE_UNSHOWN_MS = 24 * 60 * 60_000

/** So many incidents are told of a restart in one transaction. */
const TOLD_AT_ONCE = 100

export function startEngine(deps: EngineDeps): Engine {
  const stopping = new AbortController()
  const stopped = stopping.signal
  const nextTurn = () => deps.sleep(0, stopped)
  const told = deps.told ?? journalTold(deps)
  const incidents = incidentLog(deps.journal, deps.clock, nextTurn, told.unreadable)
  const others = following({ incidents, told })
  const breathe = deps.breathe ?? breathing(AT_ONCE, nextTurn)
  const known = knownIncidents({ ...deps, incidents, breathe })
  const teller = refusalTeller(deps)
  const messages = publisher({
    ...deps,
    incidents,
    stopped,
    breathe,
    cannotPost: (id, fault) => teller.cannotPost(incidents.inMemory(id), fault),
  })
  const onCards = shownAsItHappens(incidents, messages.refresh)
  const outward = couriersOf({ ...deps, incidents: onCards, stopped })
  const show = (id: string): void => [messages, outward].forEach((one) => one.refresh(id))
  const noting = shownAsItHappens(incidents, show)
  const beside = { ...deps, incidents: noting, stopped }
  const answers = acknowledgementsOf(beside)
  const rights = rightsOf(deps)
  const { plans, runs, works } = worksOf({ ...beside, known, rights, released: runOpen })
  const acceptances = acceptanceTeller({ ...deps, incidents, stopped })
  const loop: IncidentLoop = incidentLoop({
    ...deps,
    incidents,
    stopped,
    show,
    decide: intentDecider({
      ...deps,
      incidents,
      rights,
      tell: teller.tell,
      tellAccepted: acceptances.tell,
      whyImpossible: plans.whyImpossible,
      recheck: (id, plan) => loop.recheck(id, plan),
      wakeRuns: runs.wake,
    }),
    works,
    recheck: plans.recheck,
  })
  const reports = reportReminder({ ...deps, incidents, known, run: loop.run })

  function runOpen(): void {
    for (const { id } of incidents.open()) loop.run(id)
  }

  async function takeUpNews(): Promise<void> {
    for (const id of await others.incidents()) loop.run(id)
  }

  async function lookOn(): Promise<void> {
    await others.incidents()
    await known.readOpen()
  }

  const ticking = oneAtATime(tick)

  async function tick(): Promise<void> {
    // What others have appended is known before anything is done or shown.
    await takeUpNews()
    loop.retryStalled()
    // In one turn, which costs little: looks that are due together are one look, and one transaction.
    runOpen()
    for (const { id, plans: theirs } of incidents.open()) {
      for (const { number } of theirs.filter(isGateOpen)) {
        await breathe()
        loop.recheck(id, number)
      }
    }
    await reports.remind()
    messages.retry()
    outward.retry()
    answers.ask()
  }

  async function resume(): Promise<void> {
    await takeUpNews()
    const open = await known.readOpen()
    await inBatches(open, TOLD_AT_ONCE, async (incident) => {
      await holdAnew(noting, incident, deps.environment)
      await incidents.append(incident.id, () => [{ type: 'backout-restarted' }])
    })
    // All that is read is read by now: the cards, of which there are more, come after it.
    const recent = await known.recent(MAY_BE_UNSHOWN_MS)
    for (const id of new Set([...open, ...recent.filter(needsCare)].map((one) => one.id))) {
      loop.run(id)
    }
    messages.catchUp(recent.map(({ id }) => id))
    for (const { id } of recent) outward.refresh(id)
  }

  return {
    ...recordersOf({ ...deps, incidents, known, stopped }),
    wake: loop.run,
    follow: others.news,
    lookOn,
    resume,
    tick: () => ticking.run(EVERYTHING),
    ...questionsTo({ known, incidents, rights }),
    idle,
    async stop() {
      stopping.abort()
      await idle()
    },
  }

  async function idle(): Promise<void> {
    while (loop.busy || ticking.busy) await Promise.all([loop.settled(), ticking.settled()])
    // What was sent outward, and what came of it, is told on cards.
    await Promise.all([outward.settled(), answers.settled()])
    await messages.settled()
    await acceptances.settled()
  }
}

/** What everybody may ask. */
function questionsTo({
  known,
  incidents,
  rights,
}: {
  readonly known: KnownIncidents
  readonly incidents: IncidentLog
  readonly rights: AllRights
}) {
  return {
    load: known.load,
    declared: known.newest,
    lately: known.lately,
    open: incidents.open,
    unreadable: () => [...incidents.unreadable().keys()],
    ...askable(rights),
    inThread: known.inThread,
  } satisfies Partial<Engine>
}

/** Whatever makes durable what others want. */
function recordersOf(deps: Parameters<typeof alertRecorder>[0]) {
  return { ...intentRecorder(deps), ...alertRecorder(deps), ...openerTogether(deps) }
}

/** So many together: what they append is one transaction of the journal. */
async function inBatches<Item>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < items.length; from += size) {
    await Promise.all(items.slice(from, from + size).map(work))
  }
}

/** What a tick is for. */
const EVERYTHING = 'everything'
