import { IllegalEvent } from '../../../src/domain/incident/illegal-event.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Event } from '../../../src/domain/incident/event.ts'
import { applyEvent, foldIncident } from '../../../src/domain/incident/fold.ts'
import { isOpen, newIncident } from '../../../src/domain/incident/incident.ts'
import { letterEvents } from '../../support/letters.ts'
import { post } from '../../support/status-posts.ts'
import {
  atMs,
  closed,
  declared,
  incidentAfter,
  journaled,
  opened,
  place,
  received,
  requested,
  taken,
} from '../../support/builders.ts'
import { alert, ended } from '../../support/alerts.ts'
import {
  abortRequested,
  asked as planAsked,
  evidenceKept,
  finished,
  peopleAsked,
  peoplesTurn,
  planApproved,
  planDenied,
  planProposed,
  planRequested,
  planVoided,
  planWithdrawn,
  proposed,
  rehearsed,
  rollback,
  runEnded,
  running,
  runStarted,
  secondWatch,
  signed,
  stepFailed,
  stepStarted,
  stepSucceeded,
  watchEnded,
  watchLooked,
  watchStarted,
  watchTurned,
} from '../../support/plan-story.ts'

const asked: Event = { type: 'intent-received', received: received({ kind: 'check-again' }) }
const accepted: Event = { type: 'intent-accepted', delivery: 'delivery-1' }
const refused: Event = {
  type: 'intent-refused',
  delivery: 'delivery-1',
  reason: 'guest',
  detail: null,
}
const page = { kind: 'page', key: 'declared:trigger:pagerduty' } as const
const since = new Date(atMs).toISOString()
const calling: Event = {
  type: 'outbox-claimed',
  ...page,
  to: { pager: 'pagerduty', deed: 'trigger', occasion: 'declared', since },
}
const calledFor: Event = {
  type: 'outbox-delivered',
  ...page,
  receipt: { acceptedAt: since, since, id: 'd', link: null, tells: true },
}
const answered: Event = { type: 'page-acknowledged', key: page.key, by: 'Ana', at: since }
const leak: Event = {
  type: 'symptom-reported',
  by: 'U0ANA',
  symptom: 'cross-organisation-leak',
}
const leakRetracted: Event = { ...leak, type: 'symptom-retracted' }
const surface = 'headline' as const
const posting: Event = { type: 'message-posting', surface, place }
const posted: Event = { type: 'message-posted', surface, channel: 'C0INCIDENTS', ts: '1.2' }
const lost: Event = { type: 'message-lost', surface, because: 'somebody deleted it' }
const alertFired: Event = { type: 'alert-fired', by: 'alert:A', alert: alert('A') }
const alertEnded: Event = { type: 'alert-ended', by: 'alert:A', alert: ended('A') }
const restarted: Event = { type: 'backout-restarted' }
const reopened: Event = { type: 'incident-reopened', by: 'U0BO' }
const checkpoint: Event = {
  type: 'checkpoint-taken',
  checkpoint: { of: 'closed', position: 4, hash: 'a'.repeat(64) },
}

const tick: Event = { type: 'item-ticked', item: 'on-call-alerted', by: 'U0ANA' }
const VERIFIED = [
  { id: 'health', title: 'Health checks passing', by: 'backout' as const },
  { id: 'login', title: 'Users can log in', by: 'person' as const },
]
const toVerify: Event = {
  type: 'verification-requested',
  by: 'U0ANA',
  cause: 'asked',
  items: VERIFIED,
  measured: ['health'],
}
const verified: Event = {
  type: 'verification-taken',
  results: [{ item: 'health', kind: 'health', verdict: 'passed', says: 'HTTP 200', tookMs: 4 }],
}
const seen = (item: string): Event => {
  return { type: 'verification-ticked', item, title: 'Users can log in', by: 'U0ANA' }
}
const stage = 'investigating'
const edited: Event = { type: 'status-draft-edited', stage, by: 'U0ANA', text: 'We look into it' }
const statusDecided: Event = { type: 'status-decided', stage, by: 'U0ANA', decision: 'published' }
const statusPost = post()
const publishing: Event = { type: 'status-publishing', stage, by: 'U0ANA', post: statusPost }
const overdue: Event = { type: 'status-overdue', stage }
const infeasible: Event = { type: 'plan-infeasible', plan: 1, because: 'nothing is kept' }
const leadTaken: Event = { type: 'lead-taken', by: 'U0ANA' }
const leadHandedOver: Event = { type: 'lead-taken', by: 'U0BO', from: 'U0ANA' }
const EARLIER = '2026-11-22T02:30:00.000Z'
const added: Event = { type: 'moment-added', by: 'U0ANA', at: EARLIER, text: 'The pager rang' }
const wanted: Event = { type: 'report-requested', by: 'U0ANA' }
const written: Event = { type: 'report-written', report: 1, ok: true, says: '3 files' }
const missed: Event = { type: 'report-missed' }
const published: Event = { type: 'report-published', by: 'U0ANA' }
const askedAgain: Event = { type: 'plan-asked-again', plan: 1, by: 'U0CY' }
const cautioned: Event = { type: 'plan-cautioned', plan: 1, cautions: ['Argo CD keeps backend'] }
const expired: Event = { type: 'approval-expired', plan: 1, by: 'U0BO' }
const called: Event = { type: 'signatures-missing', plan: 1, call: 1 }
const held: Event = { type: 'run-held', plan: 1, by: 'i-2' }
const waiting: Event = { type: 'step-waiting', plan: 1, step: 0, because: 'no answer' }
const progressed: Event = { type: 'step-progressed', plan: 1, step: 0, says: '1 of 3 pods' }
const approvedByBo = planApproved('U0BO', 'bo')
const begun = [...running, stepStarted()]
const watching = [opened, declared, watchStarted]

/** Every type of event after a history that it can follow. */
const message = { kind: 'message', key: 'headline' } as const
const claimed: Event = { type: 'outbox-claimed', ...message, to: place }
const delivered: Event = {
  type: 'outbox-delivered',
  ...message,
  receipt: { channel: 'C0INCIDENTS', ts: '1.2' },
}
const unknown: Event = { type: 'outbox-unknown', ...message, because: 'no answer' }
const notTaken: Event = { type: 'outbox-refused', ...message, because: 'no such channel' }
const released: Event = { type: 'outbox-released', ...message, because: 'somebody deleted it' }

const sent = { kind: 'status-post', key: stage } as const
const postClaimed: Event = { type: 'outbox-claimed', ...sent, to: statusPost }
const postRefused: Event = { type: 'outbox-refused', ...sent, because: 'no such component' }
const postWaits: Event = { type: 'outbox-released', ...sent, because: 'it is away' }
const postThere: Event = {
  type: 'outbox-delivered',
  ...sent,
  receipt: { id: 'p-1', link: null, at: '2026-11-22T03:12:07.000Z' },
}

const mailed = letterEvents()

const legal: readonly [history: readonly Event[], event: Event][] = [
  [[], asked],
  [[asked], accepted],
  [[asked], refused],
  [[], opened],
  [[opened], leak],
  [[opened, leak], leakRetracted],
  [[opened], alertFired],
  [[opened, alertFired], alertFired],
  [[opened, alertFired], alertEnded],
  [[opened, declared, alertFired, closed], alertEnded],
  [[opened], requested],
  [[opened, requested], requested],
  [[opened, requested], taken],
  [[opened], declared],
  [[opened, requested, taken], declared],
  [[opened, declared], closed],
  [[opened, declared, requested], closed],
  [[opened, declared], leadTaken],
  [[opened, declared], added],
  [[opened, declared, closed], added],
  [[opened, declared], wanted],
  [[opened, declared, closed, wanted], wanted],
  [[opened, declared, closed, wanted], written],
  [[opened, declared, closed], missed],
  [[opened, declared, closed, missed], published],
  [[opened, declared, leadTaken], leadHandedOver],
  [[opened], posting],
  [[opened, posting], posted],
  [[opened, posting, posted], lost],
  [[opened, posting, posted, lost], posting],
  [[opened, declared], publishing],
  [[opened, declared, publishing, postClaimed, postRefused], publishing],
  [[opened, declared, publishing, postClaimed, postRefused], edited],
  [[opened, declared, publishing, postClaimed], postThere],
  [[opened, declared], overdue],
  [[opened, declared], mailed.sending],
  [[opened, declared, mailed.sending], mailed.claimed],
  [[opened, declared, mailed.sending, mailed.claimed], mailed.there],
  [[opened, declared, mailed.sending, mailed.claimed, mailed.refused], mailed.sending],
  [[opened, declared, mailed.sending, mailed.claimed, mailed.unknown], mailed.sending],
  [[opened], claimed],
  [[opened, claimed], delivered],
  [[opened, claimed], unknown],
  [[opened, claimed, delivered], released],
  [[opened, claimed], notTaken],
  [[opened, declared, calling, calledFor], answered],
  [[opened, declared, closed], checkpoint],
  [[opened, declared, closed, checkpoint, reopened, closed], checkpoint],
  [[opened, declared, closed], reopened],
  [[opened, declared], { type: 'incident-edited', by: 'U0BO', edit: { title: 'It is slow' } }],
  [[opened, declared], { type: 'fix-deployed', by: 'U0BO' }],
  [
    [opened, declared],
    {
      type: 'resumed-elsewhere',
      owner: { kind: 'Application', namespace: 'argocd', name: 'shop' },
    },
  ],
  [[opened, declared], restarted],
  [[opened, declared], planRequested()],
  [[...proposed], { type: 'preparation-progressed', plan: 1, says: 'half of it', progress: null }],
  [running, planRequested(rollback, 2)],
  [[...planAsked, infeasible], planRequested(rollback, 2)],
  [[...proposed, planDenied], planRequested(rollback, 2)],
  [finished, planRequested(rollback, 2)],
  [planAsked, infeasible],
  [planAsked, planProposed()],
  [planAsked, askedAgain],
  [proposed, askedAgain],
  [proposed, cautioned],
  [proposed, evidenceKept],
  [proposed, rehearsed],
  [proposed, approvedByBo],
  [[...proposed, approvedByBo], approvedByBo],
  [[...proposed, approvedByBo], expired],
  [[...proposed, approvedByBo, expired], approvedByBo],
  [proposed, planDenied],
  [proposed, planVoided],
  [running, planVoided],
  [proposed, planWithdrawn],
  [planAsked, planWithdrawn],
  [proposed, called],
  [signed, held],
  [signed, runStarted],
  [[...signed, held], runStarted],
  [running, stepStarted()],
  [running, waiting],
  [begun, waiting],
  [begun, progressed],
  [begun, stepSucceeded()],
  [running, stepSucceeded(0, false)],
  [[...begun, stepSucceeded()], stepStarted(1)],
  [begun, stepFailed()],
  [begun, stepFailed(0, 'unknown')],
  [running, stepFailed(0, 'no')],
  [peoplesTurn, peopleAsked],
  [running, abortRequested],
  [[...running, planVoided], runEnded('gate-closed')],
  [[...begun, stepFailed()], runEnded('failed')],
  [[opened, declared], watchStarted],
  [[...watching, watchEnded], secondWatch],
  [watching, watchLooked(1, 'healthy')],
  [[...watching, watchLooked(1, 'degraded')], watchTurned],
  [watching, watchEnded],
  [[opened, declared], toVerify],
  [[opened, declared, toVerify], toVerify],
  [[opened, declared, toVerify], verified],
  [[opened, declared, toVerify], seen('login')],
  [[opened, declared], tick],
  [[opened, declared], edited],
  [[opened, declared, edited], edited],
  [[opened, declared, edited], statusDecided],
]

/** Every event that a history excludes, and the words it is refused with. */
const illegal: readonly [history: readonly Event[], event: Event, why: RegExp][] = [
  [[opened, declared], answered, /nobody was called/],
  [[opened, declared, calling], answered, /nobody was called/],
  [[opened, declared, calling, calledFor, answered], answered, /acknowledged twice/],
  [[opened, declared], reopened, /not closed/],
  [[opened], { type: 'incident-edited', by: 'U0BO', edit: {} }, /not declared/],
  [[], accepted, /nobody asked delivery-1/],
  [[], refused, /nobody asked delivery-1/],
  [[asked, accepted], accepted, /nobody asked delivery-1/],
  [[asked, refused], accepted, /nobody asked delivery-1/],
  [[opened], opened, /opened twice/],
  [[leak], leak, /reported twice/],
  [[], alertFired, /not open/],
  [[opened, declared, closed], alertFired, /not open/],
  [[opened], alertEnded, /it never fired here/],
  [[opened], taken, /nobody asked for it/],
  [[opened, requested, taken], taken, /nobody asked for it/],
  [[opened, requested, declared, closed], taken, /nobody asked for it/],
  [[opened, declared], declared, /declared twice/],
  [[opened, declared, closed], declared, /declared twice/],
  [[opened], closed, /not open/],
  [[opened, declared, closed], closed, /not open/],
  [[opened, declared], planRequested(rollback, 2), /expected plan 1/],
  [planAsked, planRequested(), /expected plan 2/],
  [
    [...running, planRequested(rollback, 2), planProposed({}, 2)],
    { type: 'run-started', plan: 2 },
    /plan 1 is being carried out on the same target/,
  ],
  [[opened, declared], planProposed(), /there is no such plan/],
  [[opened, declared], approvedByBo, /there is no such plan/],
  [proposed, planApproved('U0BO', 'bo', 2), /there is no such plan/],
  [proposed, infeasible, /it was resolved already/],
  [proposed, planProposed(), /it was resolved already/],
  [[...planAsked, infeasible], infeasible, /it was resolved already/],
  [[...planAsked, infeasible], planProposed(), /it was resolved already/],
  [[...planAsked, planWithdrawn], planProposed(), /it was resolved already/],
  [planAsked, evidenceKept, /it is not proposed/],
  [planAsked, rehearsed, /it is not proposed/],
  [planAsked, approvedByBo, /its gate is not open/],
  [[...proposed, planDenied], approvedByBo, /its gate is not open/],
  [[...proposed, planVoided], approvedByBo, /its gate is not open/],
  [[...proposed, planWithdrawn], approvedByBo, /its gate is not open/],
  [running, approvedByBo, /its gate is not open/],
  [finished, approvedByBo, /its gate is not open/],
  [proposed, { ...approvedByBo, digest: 'digest-2' } as Event, /another digest was signed/],
  [proposed, expired, /it was never given/],
  [[...proposed, approvedByBo, expired], expired, /it was never given/],
  [planAsked, planDenied, /its gate is not open/],
  [[...proposed, planDenied], planDenied, /its gate is not open/],
  [running, planDenied, /its gate is not open/],
  [planAsked, planVoided, /it is not open/],
  [[...proposed, planVoided], planVoided, /it is not open/],
  [[...proposed, planDenied], planVoided, /it is not open/],
  [finished, planVoided, /it is not open/],
  [[...proposed, planWithdrawn], planWithdrawn, /it is not open/],
  [[opened], added, /not declared/],
  [[opened], wanted, /not declared/],
  [[opened, declared], written, /nobody asked for it/],
  [[opened, declared, wanted, written], written, /nobody asked for it/],
  [[opened, declared, wanted, written, wanted], written, /expected report 2/],
  [[opened, declared, closed, missed], missed, /people were told already/],
  [[opened, declared, closed, published], published, /published twice/],
  [[opened], leadTaken, /not open/],
  [[opened, declared, closed], leadTaken, /not open/],
  [[opened, declared], leadHandedOver, /somebody else leads it/],
  [[opened, declared, leadTaken], leadTaken, /somebody else leads it/],
  [[...proposed, planWithdrawn], askedAgain, /it does not wait any more/],
  [running, askedAgain, /it does not wait any more/],
  [planAsked, cautioned, /it is not open/],
  [running, cautioned, /it is not open/],
  [running, planWithdrawn, /it is not open/],
  [running, called, /its gate is not open/],
  [[...proposed, planDenied], called, /its gate is not open/],
  [running, held, /its gate is not open/],
  [planAsked, runStarted, /its gate is not open/],
  [running, runStarted, /its gate is not open/],
  [finished, runStarted, /its gate is not open/],
  [[...proposed, planDenied], runStarted, /its gate is not open/],
  ...[stepStarted(), waiting, progressed, stepSucceeded(), stepFailed(), abortRequested, runEnded()]
    .flatMap((event) => [
      [signed, event, /it is not being carried out/] as const,
      [finished, event, /it is not being carried out/] as const,
    ])
    .map(([history, event, why]): [readonly Event[], Event, RegExp] => [history, event, why]),
  [running, stepStarted(1), /not that step’s turn/],
  [begun, stepSucceeded(1, false), /not that step’s turn/],
  [[...begun, stepSucceeded()], stepFailed(), /not that step’s turn/],
  [begun, { ...waiting, step: 7 }, /not that step’s turn/],
  [begun, stepStarted(), /it was started already/],
  [running, progressed, /it was not started/],
  [running, stepSucceeded(), /it was not started/],
  [running, stepFailed(), /it was not started/],
  [running, stepFailed(0, 'unknown'), /it was not started/],
  [[...running, abortRequested], abortRequested, /it is being stopped already/],
  [watching, secondWatch, /a watch is under way/],
  [[opened, declared], secondWatch, /it is not the next one/],
  [[...watching, watchEnded], watchStarted, /it is not the next one/],
  ...[watchLooked(1, 'healthy'), watchTurned, watchEnded]
    .flatMap((event) => [
      [[opened, declared], event] as const,
      [[...watching, watchEnded], event] as const,
      [[...watching, watchEnded, secondWatch], event] as const,
    ])
    .map(([history, event]): [readonly Event[], Event, RegExp] => [
      history,
      event,
      /nobody watches that/,
    ]),
  [[opened, declared], verified, /nobody asked for it/],
  [[opened, declared, toVerify, verified], verified, /nobody asked for it/],
  [[opened, declared, toVerify, closed], verified, /nobody asked for it/],
  [[opened, declared], seen('login'), /nobody asked for it/],
  [[opened, declared, toVerify], seen('coffee'), /nobody asked for it/],
  [[opened, declared, toVerify], seen('health'), /no person is asked/],
  [[opened, declared, toVerify, seen('login')], seen('login'), /no person is asked/],
  [[opened, declared, tick], tick, /ticked twice/],
  [[opened], edited, /nobody was asked/],
  [[opened], statusDecided, /nobody was asked/],
  [[opened, declared, publishing], publishing, /it is on its way/],
  [[opened, declared, publishing, postClaimed], publishing, /it is on its way/],
  [[opened, declared, publishing, postClaimed, postWaits], publishing, /it is on its way/],
  [[opened, declared, publishing, postClaimed, postThere], publishing, /nobody was asked/],
  [[opened], overdue, /nobody was asked/],
  [[opened, declared, mailed.sending], mailed.sending, /it is on its way/],
  [[opened, declared, mailed.sending, mailed.claimed, mailed.waits], mailed.sending, /on its way/],
  [[opened, declared, mailed.sending, mailed.claimed, mailed.there], mailed.sending, /on its way/],
  [[opened], checkpoint, /not owed/],
  [[opened, declared, closed, checkpoint], checkpoint, /not owed/],
  [[opened, declared, statusDecided], edited, /nobody was asked/],
  [[opened, declared, statusDecided], statusDecided, /nobody was asked/],
]

describe('an event', () => {
  test.each(
    legal.map(
      ([history, event]) => [history.map(({ type }) => type), event.type, history, event] as const,
    ),
  )('after %j: %s', (_history, _type, history, event) => {
    const incident = incidentAfter(...history, event)
    expect(incident.sequence).toBe(history.length + 1)
  })

  test.each(
    illegal.map(
      ([history, event, why]) =>
        [history.map(({ type }) => type), event.type, history, event, why] as const,
    ),
  )('after %j no %s', (_history, type, history, event, why) => {
    const fold = () => incidentAfter(...history, event)
    expect(fold).toThrow(IllegalEvent)
    expect(fold).toThrow(why)
    expect(fold).toThrow(`i-1 event ${history.length + 1} (${type})`)
  })

  test('of every type is tried above', () => {
    const tried = new Set(legal.map(([, { type }]) => type))
    const all = Event.options.flatMap((option) =>
      'shape' in option ? option.shape.type.value : (option.options[0]?.shape.type.value ?? []),
    )
    expect([...tried].toSorted()).toEqual(all.toSorted())
  })

  test.each([
    ['twice', 1],
    ['after a gap', 3],
    ['before its time', 0],
  ])('that comes %s is refused', (_what, sequence) => {
    const incident = incidentAfter(opened)
    const [one] = journaled([requested])
    if (!one) throw new Error('one event was asked for')
    expect(() => applyEvent(incident, { ...one, sequence })).toThrow(/expected event 2/)
  })
})

describe('an incident', () => {
  test('is what happened to it', () => {
    const incident = incidentAfter(asked, accepted, opened, leak, requested, taken, declared)
    expect(incident).toMatchObject({
      id: 'i-1',
      sequence: 7,
      opened: { by: 'U0ANA', place, at: new Date(atMs + 2_000).toISOString() },
      symptoms: ['cross-organisation-leak'],
      assessment: { decision: 'do-not' },
      assessmentDueSince: null,
      declared: { by: 'U0ANA', title: '5xx above 50 %', severity: 'critical' },
      closed: null,
      undecided: [],
    })
    expect(incident.timeline.map(({ event }) => event.type)).toEqual([
      'incident-opened',
      'symptom-reported',
      'assessment-taken',
      'incident-declared',
    ])
  })

  test('owes an assessment since it was first asked for, not since it was last', () => {
    const incident = incidentAfter(opened, requested, requested, requested)
    expect(incident.assessmentDueSince).toBe(new Date(atMs + 1_000).toISOString())
  })

  test('owes none any more once it is closed', () => {
    expect(incidentAfter(opened, declared, requested, closed).assessmentDueSince).toBeNull()
  })

  test('is open from its declaration until it is closed', () => {
    expect(isOpen(incidentAfter(opened))).toBe(false)
    expect(isOpen(incidentAfter(opened, declared))).toBe(true)
    expect(isOpen(incidentAfter(opened, declared, closed))).toBe(false)
  })

  test('knows a message it is about to send from one that stands there, and forgets a lost one', () => {
    expect(incidentAfter(posting).outbox.message.headline).toMatchObject({
      kind: 'claimed',
      to: place,
    })
    expect(incidentAfter(posting, posted).outbox.message.headline).toEqual({
      kind: 'delivered',
      receipt: { channel: 'C0INCIDENTS', ts: '1.2' },
      at: new Date(atMs + 1_000).toISOString(),
    })
    expect(incidentAfter(posting, posted, lost).outbox.message).toEqual({})
  })
})

/** Any events, in any order: what can follow is kept, the rest is left out. */
const History = fc
  .array(fc.constantFrom(...legal.map(([, event]) => event), leak, requested), { maxLength: 30 })
  .map((events) =>
    events.reduce<Event[]>((kept, event) => {
      try {
        incidentAfter(...kept, event)
        return [...kept, event]
      } catch (error) {
        if (error instanceof IllegalEvent) return kept
        throw error
      }
    }, []),
  )

test('folding a prefix and then the rest is folding the whole: nothing is remembered elsewhere', () => {
  fc.assert(
    fc.property(History, fc.nat(), (events, cut) => {
      const all = journaled(events)
      const at = all.length === 0 ? 0 : cut % (all.length + 1)
      const before = foldIncident('i-1', all.slice(0, at))
      expect(before.sequence).toBe(at)
      expect(all.slice(at).reduce(applyEvent, before)).toEqual(foldIncident('i-1', all))
    }),
  )
})

test('folding leaves the incident it started from as it was', () => {
  fc.assert(
    fc.property(History, (events) => {
      let incident = newIncident('i-1')
      for (const event of journaled(events)) {
        const before = structuredClone(incident)
        const after = applyEvent(incident, event)
        expect(incident).toEqual(before)
        incident = after
      }
    }),
  )
})

test('an event survives the journal: what is read back is what was written', () => {
  fc.assert(
    fc.property(fc.constantFrom(...legal.map(([, event]) => event)), (event) => {
      expect(Event.parse(JSON.parse(JSON.stringify(event)))).toEqual(event)
    }),
  )
})
