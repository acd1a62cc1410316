import { needsCare, nextAction, type Work } from '../domain/incident/next-action.ts'
import { isGateOpen } from '../domain/plan/plan-state.ts'
import type { Engine, EngineDeps } from './engine-types.ts'
import { intentDecider, refusalTeller } from './decide-intent.ts'
import { incidentLog, shownAsItHappens } from './journal/incident-log.ts'
import { holdAnew } from './journal/hold-anew.ts'
import { knownIncidents } from './journal/known-incidents.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { keyOf, partsOf } from './plan-key.ts'
import { publisher } from './publish/publish.ts'
import { intentRecorder } from './record-intent.ts'
import { observationRecorder } from './record-observations.ts'
import { liveRights } from './rights.ts'
import { stepCarrier } from './run/carry-out.ts'
import { gateCheck } from './run/gate-check.ts'
import { planning } from './run/planning.ts'
import { planRunner } from './run/run-plan.ts'
import { acceptanceTeller } from './tell-accepted.ts'
import { usualMs } from './run/usual-duration.ts'

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

/** How many incidents tell how long a plan usually takes: what was longer ago says little. */
const LATELY = 50

export function startEngine(deps: EngineDeps): Engine {
  const { log, clock } = deps
  const { approval } = deps.rules
  const stopping = new AbortController()
  const stopped = stopping.signal
  const incidents = incidentLog(deps.journal)
  const known = knownIncidents(incidents, deps.journal, log)
  const teller = refusalTeller(deps)
  const messages = publisher({
    ...deps,
    incidents,
    stopped,
    cannotPost: (id, fault) => teller.cannotPost(incidents.inMemory(id), fault),
  })
  const noting = shownAsItHappens(incidents, messages.refresh)
  const beside = { ...deps, incidents: noting, stopped }
  const rights = liveRights({ ...deps, approval })
  const plans = planning({
    ...beside,
    expectedMs: async (kind) => usualMs(kind, await known.newest(LATELY)),
  })
  const runs = planRunner({
    ...beside,
    carryOut: stepCarrier({
      ...beside,
      gateCheck: gateCheck({ planning: plans, rights, approval, clock }),
    }),
    released: () => {
      for (const { id } of incidents.open()) advancing.run(id)
    },
  })
  const acceptances = acceptanceTeller({ ...deps, incidents, stopped })
  const decideIntent = intentDecider({
    ...deps,
    incidents,
    rights,
    tell: teller.tell,
    tellAccepted: acceptances.tell,
    recheck: (id, plan) => rechecking.run(keyOf(id, plan)),
    wakeRuns: runs.wake,
  })
  const stalled = new Set<string>()

  /** Runs `work` for an incident or one of its plans, one at a time; what it then asks for follows. */
  function working(work: (id: string, plan: number) => Promise<void>) {
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

  const advancing = oneAtATime(async (id) => {
    try {
      stalled.delete(id)
      await advance(id)
    } catch (error) {
      stall(id, error)
    }
  })
  // Beside the loop, so that a slow dependency does not hold up a click on the same card (J9).
  const observing = observationRecorder(beside)
  const works = {
    assess: working(observing.assess),
    'collect-evidence': working(observing.collectEvidence),
    look: working(observing.look),
    'resolve-plan': working(plans.resolve),
    rehearse: working(plans.rehearse),
    prepare: working(plans.prepare),
    run: working(runs.run),
  } satisfies Record<Work['kind'], unknown>
  const rechecking = working(plans.recheck)

  function stall(id: string, error: unknown): void {
    stalled.add(id)
    log.error('an incident stalled and will be tried again', { incident: id, error })
  }

  async function advance(id: string): Promise<void> {
    while (!stopped.aborted) {
      const incident = await incidents.load(id)
      messages.refresh(id)
      const action = nextAction(incident, clock.now(), deps.rules)
      switch (action.kind) {
        case 'decide':
          await decideIntent(incident, action.received)
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

  async function follow(): Promise<void> {
    try {
      for (const id of await incidents.follow()) advancing.run(id)
    } catch (error) {
      log.error('the journal cannot be followed', { error })
    }
  }

  const ticking = oneAtATime(async () => {
    // What others have appended is known before anything is done or shown.
    await follow()
    for (const id of stalled) advancing.run(id)
    for (const { id, plans: theirs } of incidents.open()) {
      advancing.run(id)
      for (const { number } of theirs.filter(isGateOpen)) rechecking.run(keyOf(id, number))
    }
    messages.retry()
  })

  async function resume(): Promise<void> {
    await follow()
    for (const incident of await known.readOpen()) {
      const { id } = incident
      await holdAnew(noting, incident, deps.environment)
      await incidents.append(id, () => [{ type: 'backout-restarted' }])
      advancing.run(id)
    }
    const recent = await known.recent(MAY_BE_UNSHOWN_MS)
    for (const { id } of recent.filter(needsCare)) advancing.run(id)
    messages.catchUp(recent.map(({ id }) => id))
  }

  return {
    ...intentRecorder({ ...deps, incidents, known, stopped }),
    wake: advancing.run,
    resume,
    tick: () => ticking.run(EVERYTHING),
    load: known.load,
    declared: known.newest,
    open: incidents.open,
    whoIs: async (user) => (await rights.signer(user)).kind,
    inThread: known.inThread,
    idle,
    async stop() {
      stopping.abort()
      await idle()
    },
  }

  async function idle(): Promise<void> {
    const everything = [advancing, rechecking, ticking, ...Object.values(works)]
    while (everything.some(({ busy }) => busy)) {
      await Promise.all(everything.map((one) => one.settled()))
    }
    await messages.settled()
    await acceptances.settled()
  }
}

/** What a tick is for. */
const EVERYTHING = 'everything'
