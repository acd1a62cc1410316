import type { Surface } from '../../src/domain/incident/surface.ts'
import { describe, expect, test } from 'vitest'
import { inUtc } from '../../src/chat/text/moments.ts'
import { renderSurface, type RenderContext } from '../../src/chat/render.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { surfacesOf } from '../../src/domain/incident/surfaces.ts'
import type { Outcome } from '../../src/domain/plan/run.ts'
import {
  assessment,
  closed,
  declared,
  feasible,
  incidentAfter,
  newestChange,
  opened,
  plan,
  proposed,
  requested,
  ruleOf,
  rulesOver,
  runStarted,
  signed,
  stepDone,
  taken,
} from '../support/builders.ts'
import { assertWithinLimits, renderedIn } from '../support/slack-limits.ts'
import { pressable } from '../support/pressable.ts'

const context: RenderContext = {
  environment: 'production',
  open: () => [],
  approval: ApprovalSettings.parse({ users: ['U0BO', 'U0CY'], groups: ['S0DBA'] }),
  contacts: {
    onCall: [
      { role: 'Primary', name: 'Dee', phone: '+49 30 1234', slack: 'U0DEE' },
      { role: 'Secondary', name: 'Eli' },
    ],
    support: [],
    channels: [],
  },
}

function shown(surface: Surface, events: readonly Event[], changes: Partial<RenderContext> = {}) {
  const view = renderSurface(surface, incidentAfter(...events), { ...context, ...changes })
  assertWithinLimits(view)
  const text = renderedIn(inUtc(view))
    .map((one) => one.text)
    .join('\n')
  return { text, spoken: view.text, titled: JSON.stringify(view.blocks), buttons: pressable(view) }
}

const story: Event[] = [opened, requested, declared]
const open = [...story, ...proposed()]
const oneSigned = [...open, signed('U0BO')]
const allSigned = [...oneSigned, signed('U0CY')]
const kept: Event = { type: 'plan-prepared', plan: 1, what: 'evidence', ok: true, says: '12 files' }
const running = [...allSigned, kept, runStarted]
const started: Event = { type: 'step-started', plan: 1, step: 0 }

function runEnded(outcome: Outcome, says: string): Event {
  return { type: 'run-ended', plan: 1, outcome, says }
}

const succeeded = [
  ...running,
  ...stepDone(0, 'backend: 3 of 3 pods ready'),
  ...stepDone(1, 'backend: healthy, runs v1.9.0', false),
  runEnded('succeeded', 'every step was carried out and verified'),
  { type: 'watch-started', watch: 1, plan: 1 },
] satisfies Event[]

describe('the approval card', () => {
  const decide = ['Approve', 'Deny']
  const denied: Event = { type: 'plan-denied', plan: 1, by: 'U0BO' }
  const withdrawn: Event = { type: 'plan-withdrawn', plan: 1, by: 'U0ANA' }
  const voided: Event = {
    type: 'plan-voided',
    plan: 1,
    because: ['backend: was v2.0.0, is v2.0.1', 'U0BO signed, and may not sign any more'],
  }
  const held: Event = { type: 'run-held', plan: 1, by: 'i-9' }
  const lame: Event = { ...kept, ok: false, says: 'no access to logs' }
  const refused: Event = {
    type: 'plan-prepared',
    plan: 1,
    what: 'rehearsal',
    ok: false,
    says: 'it would be refused: forbidden',
  }

  test.each<[string, readonly Event[], RegExp, readonly string[]]>([
    ['unsigned', open, /\*0 of 2 signatures\*\./, decide],
    [
      'signed once',
      oneSigned,
      /1 of 2 signatures.*\n• <@U0BO> at 03:12:12 UTC, until 03:27/,
      decide,
    ],
    [
      'signed once without Slack',
      oneSigned.map((event) =>
        event.type === 'plan-approved'
          ? { ...event, via: 'page' as const, rightsAsOf: '2026-03-01T02:10:00.000Z' }
          : event,
      ),
      /• <@U0BO> at 03:12:12 UTC, until 03:27:\d\d UTC, on Backout’s page, with rights as of 02:10 UTC/,
      decide,
    ],
    ['signed by all', allSigned, /\*Signed, waiting for evidence\*/, ['Deny']],
    ['signed, evidence kept', [...allSigned, kept], /\*Signed, starting\*/, ['Deny']],
    ['held', [...allSigned, kept, held], /Waits for incident i-9/, ['Deny']],
    ['evidence under way', open, /Evidence: being collected/, decide],
    ['evidence kept', [...open, kept], /Evidence: 12 files/, decide],
    ['evidence failed', [...open, lame], /⚠️ Evidence, not as it should be: no access/, decide],
    [
      'rehearsal refused',
      [...open, refused],
      /⚠️ Tried without changing anything.*: it would be refused/,
      decide,
    ],
    ['denied', [...open, denied], /\*Denied\* by <@U0BO> at .* Nothing of it/, ['Plan again']],
    [
      'denied with a reason',
      [...open, { ...denied, reason: 'the *flag* is off' }],
      /\*Denied\* by <@U0BO> at .*\n\*Why:\* the \S*flag\S* is off/,
      ['Plan again'],
    ],
    [
      'void',
      [...open, voided],
      /• backend: was v2.0.0, is v2.0.1\n• <@U0BO> signed/,
      ['Plan again'],
    ],
    ['withdrawn', [...open, withdrawn], /\*Withdrawn\* at .* by <@U0ANA>/, ['Plan again']],
    ['replaced', [...open, withdrawn, ...proposed(plan(), undefined, 2)], /a newer plan/, []],
    ['closed', [...open, withdrawn, closed], /the incident was closed/, []],
    ['running', running, /It is being carried out/, []],
    [
      'carried out',
      succeeded,
      /It was carried out.*\n\*Signed by\*\n• <@U0BO> at 03:12:12 UTC/,
      [],
    ],
  ])('%s says so, and offers what may be done', (_, events, says, buttons) => {
    const card = shown('plan-1', events)
    expect(card.text).toMatch(says)
    expect(card.buttons).toEqual(buttons)
  })

  test('states the effect, what is lost, the way back, the time and the reason', () => {
    const { text, spoken } = shown('plan-1', open)
    expect(text).toContain('• *backend*: v2.0.0 → *v1.9.0*')
    expect(text).toContain('*What is lost:* Nothing is deleted.')
    expect(text).toContain('*Can it be undone:* Yes: back to what runs now.')
    expect(text).toContain('*How long:* not known yet: it has never run here')
    expect(text).toContain('*Why this target:* the last one that ran for a day')
    expect(text).toContain('1. Return backend to v1.9.0\n2. Prove that backend are well')
    expect(text).toContain('A signature is for exactly this plan, 3f9a…c2,')
    expect(text).toContain('Asked to sign: <!subteam^S0DBA>, <@U0BO>, <@U0CY>')
    expect(spoken).toBe('Plan 1 for production: backend back to v1.9.0. 0 of 2 signatures.')
  })

  test('asks once more, with the title and the loss, before it takes a signature', () => {
    expect(shown('plan-1', open).titled).toContain(
      'backend back to v1.9.0. Lost: Nothing is deleted.',
    )
  })

  test('a plan that ran before says how long it took', () => {
    const events = [...story, ...proposed(plan({ expectedMs: 125_000 }))]
    expect(shown('plan-1', events).text).toContain('*How long:* about 2 min 5 s')
  })

  test('asks nobody whose signature would not count', () => {
    expect(shown('plan-1', oneSigned).text).toContain('Asked to sign: <!subteam^S0DBA>, <@U0CY>\n')
    const approval = ApprovalSettings.parse({ users: ['U0ANA', 'U0BO'] })
    expect(shown('plan-1', oneSigned, { approval }).text).toContain('nobody is left who could')
  })

  test('an expired signature is not shown as one', () => {
    const expired: Event = { type: 'approval-expired', plan: 1, by: 'U0BO' }
    expect(shown('plan-1', [...oneSigned, expired]).text).toContain('*0 of 2 signatures*')
  })

  test.each([
    [400, 'about 0 s'],
    [45_000, 'about 45 s'],
    [120_000, 'about 2 min,'],
    [4_320_000, 'about 1 h 12 min'],
  ])('%i ms are told as %s', (expectedMs, words) => {
    expect(shown('plan-1', [...story, ...proposed(plan({ expectedMs }))]).text).toContain(words)
  })

  test('one for twenty services fits, with every service and the buttons', () => {
    const names = Array.from({ length: 20 }, (_, index) => `backend-service-${index}`)
    const big = plan({
      title: `${names.join(' and ')} back to v1.9.0`,
      steps: [
        { id: 'a', title: `Return ${names.map((n) => `${n} to v1.9.0`).join(', ')}`, input: {} },
        { id: 'b', title: `Prove that ${names.join(', ')} are well`, input: {} },
      ],
      changes: names.map((what) => ({
        what,
        from: 'v2.0.0 (revision 43, 7d9f8c6b54)',
        to: 'v1.9.0 (revision 42, 5c6b7a8d99), 3 pods',
      })),
      cautions: names.map((n) => `${n}: Argo CD may put the newer version back. Revert it there.`),
    })
    const card = shown('plan-1', [...story, ...proposed(big)])
    for (const name of names) expect(card.text).toContain(`*${name}*: v2.0.0`)
    expect(card.text).not.toContain('did not fit')
    expect(card.buttons).toEqual(['Show all of it', ...decide])
    expect(card.text).toContain('*Not all of the plan is on this card:* 2 texts are shortened.')
    expect(card.spoken).toContain('back to v1.9.0')
  })

  test.each(['x', '&', '"', '\\', '<!channel>'])('one full of %j keeps its buttons', (piece) => {
    const long = piece.repeat(3000).slice(0, 600)
    const big = plan({
      title: long,
      steps: Array.from({ length: 40 }, () => ({ id: 'a', title: long, input: {} })),
      changes: Array.from({ length: 60 }, () => ({ what: long, from: long, to: long })),
      because: long,
      lost: long,
      undo: long,
      cautions: Array.from({ length: 60 }, () => long),
    })
    const rehearsed: Event = { ...refused, says: long }
    const events = [...story, ...proposed(big), signed('U0BO'), { ...kept, says: long }, rehearsed]
    const card = shown('plan-1', [...events, { ...held, by: long }])
    expect(card.buttons).toEqual(['Show all of it', ...decide])
    expect(card.text).toMatch(/more changes did not fit[^]*more cautions did not fit/)
    expect(card.text).toContain('A signature is for exactly this plan, 3f9a…c2,')
  })

  test('offers no new plan when nobody could sign it', () => {
    const approval = ApprovalSettings.parse({})
    expect(shown('plan-1', [...open, denied], { approval }).buttons).toEqual([])
  })
})

describe('the run card', () => {
  const failing = (how: Omit<Extract<Event, { type: 'step-failed' }>, 'type' | 'plan' | 'step'>) =>
    [
      ...running,
      started,
      { type: 'step-failed', plan: 1, step: 0, ...how },
      runEnded('failed', how.says),
    ] satisfies Event[]
  const failedAs = (applied: 'yes' | 'no' | 'unknown') =>
    failing({ applied, says: 'backend: ImagePullBackOff' })
  const aborted: Event = { type: 'abort-requested', plan: 1, by: 'U0BO' }

  test('gives people what they need so that the result stays, once it has succeeded', () => {
    const after = (text: string) =>
      plan({ afterwards: { says: 'Write this *beside* the file.', text } })
    const told = (text: string, end: readonly Event[]) =>
      shown('run-1', [
        ...story,
        ...proposed(after(text)),
        ...end.filter((one) => !open.includes(one)),
      ]).text
    expect(told('services:\n  a: ``` <!channel>', succeeded)).toMatch(
      /Then:[^]*Write this \*\u200bbeside[^]*```services:\n {2}a: \u02cb+ &lt;!channel&gt;```/,
    )
    expect(told('x'.repeat(2_600), succeeded)).toContain('too long to be shown here')
    const failed = failedAs('no')
    expect(told('services:', failed)).not.toContain('services:')
    expect(told('services:', running)).not.toContain('services:')
  })

  test.each<[string, readonly Event[], RegExp, readonly string[]]>([
    [
      'just begun',
      running,
      /⚪ 1\. \*Return backend to v1\.9\.0\*\nNot begun/,
      ['Stop after this step'],
    ],
    [
      'under way',
      [...running, started],
      /⏳ 1\. .*\nUnder way since 03:12:16/,
      ['Stop after this step'],
    ],
    [
      'with progress',
      [...running, started, { type: 'step-progressed', plan: 1, step: 0, says: '2 of 3 pods' }],
      /Under way .*\. 2 of 3 pods/,
      ['Stop after this step'],
    ],
    [
      'waiting',
      [...running, { type: 'step-waiting', plan: 1, step: 0, because: 'kubernetes: no answer' }],
      /\*Waits:\* kubernetes: no answer/,
      ['Stop after this step'],
    ],
    ['stopping', [...running, aborted], /\*Stopping:\* <@U0BO> asked/, []],
    ['succeeded', succeeded, /✅ 1\. .*\nDone in 1 s\. backend: 3 of 3 pods ready/, ['Undo']],
    [
      'failed, written',
      failedAs('yes'),
      /What step 1 wrote is not taken back\./,
      ['Undo', 'Plan again'],
    ],
    ['failed, not written', failedAs('no'), /Nothing was written\.\n\*Next/, ['Plan again']],
    [
      'failed, and taken back by itself',
      failing({
        applied: 'no',
        says: 'unhealthy; the old one serves again',
        takenBack: true,
      }),
      /the old one serves again[^]*What was written was taken back\.\n\*Next[^]*What it wrote was taken back\./,
      ['Plan again'],
    ],
    [
      'failed, and only tried',
      failing({ applied: 'no', says: 'a login is not proved', onlyTried: true }),
      /not proved[^]*Nothing was written but to try\.\n\*Next[^]*It wrote only to try; what it could not clean up is named\./,
      ['Plan again'],
    ],
    [
      'failed, not known',
      failedAs('unknown'),
      /It is \*not known\* whether step 1 took effect\.\n\*Next:\* look by hand what is there/,
      ['Undo', 'Plan again'],
    ],
    [
      'stopped',
      [...running, aborted, runEnded('aborted', 'stopped before the first step')],
      /\*Stopped:\* before the first step\.\nNothing was written/,
      ['Plan again'],
    ],
    [
      'stopped in the middle of a step',
      [
        ...running,
        started,
        aborted,
        { type: 'step-failed', plan: 1, step: 0, applied: 'yes', says: 'stopped at 1 of 3' },
        runEnded('aborted', 'stopped at 1 of 3'),
      ],
      /⏹️ 1\. .*\nStopped in 2 s\. Something was written\./,
      ['Undo', 'Plan again'],
    ],
    [
      'not begun, since the gate closed',
      [...running, runEnded('gate-closed', 'a signature expired; U0BO signed, and may not')],
      /\*Nothing was written\.\* What.*:\n• a signature expired\n• <@U0BO> signed, and/,
      ['Plan again'],
    ],
    ['of a closed incident', [...failedAs('yes'), closed], /\*Failed:\*/, []],
  ])('%s says so, and offers what may be done', (_, events, says, buttons) => {
    const card = shown('run-1', events)
    expect(card.text).toMatch(says)
    expect(card.buttons).toEqual(buttons)
  })

  test('success says what was not proved, and that the watch looks at it', () => {
    const { text } = shown('run-1', succeeded)
    expect(text).toMatch(
      /\*Not proved:\* that the errors are gone\. The 5xx ratio covers five minutes/,
    )
    expect(text).toContain('The watch in this thread looks at it.')
    expect(text).toContain('Done in 1 s, wrote nothing. backend: healthy, runs v1.9.0')
  })

  test('a failed step whose effect is not known says so where the step stands', () => {
    expect(shown('run-1', failedAs('unknown')).text).toContain(
      'Failed in 1 s. *It is not known whether it took effect.*',
    )
  })

  test('what has been taken back is not offered to be taken back again', () => {
    const undo = { kind: 'undo', plan: 1 } as const
    const second = succeeded.concat(
      proposed(plan(), undo, 2),
      signed('U0BO', undefined, 2),
      { type: 'run-started', plan: 2 },
      ...[0, 1].flatMap((step): Event[] => [
        { type: 'step-started', plan: 2, step },
        { type: 'step-succeeded', plan: 2, step, applied: true, says: 'done' },
      ]),
      { type: 'run-ended', plan: 2, outcome: 'succeeded', says: '' },
    )
    expect(shown('run-1', second).buttons).toEqual([])
  })
})

describe('the headline', () => {
  test.each<[string, readonly Event[], RegExp]>([
    [
      'a plan asked for',
      open.slice(0, -1),
      /Progress:\* Plan 1: being prepared\n[^]*Next:\* Wait for/,
    ],
    [
      'one signature',
      oneSigned,
      /Plan 1: 1 of 2 signatures\n.*\n.*Approved so far by:\* <@U0BO>\n/,
    ],
    [
      'one more to go',
      oneSigned,
      /Next:\* Read plan 1 in the thread and sign it: 1 more signature\./,
    ],
    ['a run', [...running, started], /Progress:\* Rolling back: step 1 of 2\n/],
    [
      'a run, whose effect nobody has seen yet',
      [...running, started],
      /Now:\* Plan 1 is being carried out, so what was measured before counts no longer\.\n/,
    ],
    [
      'a plan that came to nothing',
      [
        opened,
        requested,
        taken,
        declared,
        ...proposed(),
        { type: 'plan-denied', plan: 1, by: 'U0BO' },
      ],
      /Next:\* Decide what to do instead: plan 1 was not carried out\. The thread says why\./,
    ],
    ['success', succeeded, /Done: backend back to v1\.9\.0, watching: not yet stable\n/],
    [
      'failure',
      [...running, runEnded('failed', 'backend: ImagePullBackOff')],
      /Rolling back failed at step 1 of 2: backend: ImagePullBackOff\n/,
    ],
    [
      'a run that failed when it had written, and is watched',
      [
        ...running,
        started,
        { type: 'step-failed', plan: 1, step: 0, applied: 'yes', says: 'somebody deployed v2.1.0' },
        runEnded('failed', 'somebody deployed v2.1.0'),
        { type: 'watch-started', watch: 1, plan: 1 },
      ],
      /Next:\* Read in the thread how far plan 1 came, and decide\. Production is watched meanwhile\./,
    ],
    [
      'a plan that was denied after the rollback, without forgetting the rollback',
      [
        ...succeeded,
        ...proposed(plan(), { kind: 'undo', plan: 1 }, 2),
        { type: 'plan-denied', plan: 2, by: 'U0BO' },
      ],
      /Plan 2: denied\n\*Carried out last:\* plan 1, backend back to v1\.9\.0\n\*Now:\* Not yet stable since [^]*Next:\* Wait until it is stable/,
    ],
  ])('follows %s', (_, events, says) => {
    expect(shown('headline', events).text).toMatch(says)
  })
})

describe('whoever signed a plan that somebody else takes away', () => {
  const withdrawn: Event = { type: 'plan-withdrawn', plan: 1, by: 'U0ANA' }

  test.each<[string, readonly Event[], RegExp]>([
    ['with a newer one', proposed(plan(), undefined, 2), /Next: read plan 2 in this thread/],
    ['by closing', [closed], /The incident was closed\. Nothing of the plan was carried out/],
  ])('%s is called, and nobody else is', (_, events, next) => {
    const gone = incidentAfter(...oneSigned, withdrawn, ...events)
    const note: Surface = `note-${oneSigned.length + 1}`
    expect(surfacesOf(gone)).toContain(note)
    const { text } = shown(note, [...oneSigned, withdrawn, ...events])
    expect(text).toMatch(/↩️ <@U0BO> Plan 1, which you signed, was withdrawn by <@U0ANA>/)
    expect(text).toMatch(next)
    expect(surfacesOf(incidentAfter(...open, withdrawn, ...events))).not.toContain(
      `note-${open.length + 1}`,
    )
  })
})

describe('what a plan brings, as it was measured last', () => {
  const [old, bad] = [['shop/backend:v1.9.0'], ['shop/backend:v2.0.0']]
  const told = { what: 'backend', from: 'v1.9.0', to: 'v2.0.0', images: { from: old, to: bad } }
  const back = { ...told, from: 'v2.0.0', to: 'v1.9.0', images: { from: bad, to: old } }
  const measured = (images: string[], decision: 'do-not' | 'roll-back', at: string): Event[] => [
    { type: 'assessment-requested', by: 'U0BO' },
    {
      type: 'assessment-taken',
      assessment: assessment({
        at,
        decision,
        changes: [newestChange('backend', { images })],
        ...(decision === 'roll-back' ? { rules: [matched], reasons: [matched.rule] } : {}),
      }),
    },
  ]
  const matched = {
    ...ruleOf(rulesOver([]), 'errors-critical'),
    matched: true,
    because: '5xx 62.0 %, rule above 50 %',
  }
  const first = measured(bad, 'roll-back', '2026-11-22T03:00:00.000Z')
  const second = measured(old, 'do-not', '2026-11-22T03:20:00.000Z')

  test('an undo that brings the bad version back says how bad it was', () => {
    const events = [opened, ...first, declared, ...second]
    const undo = plan({ title: 'undo plan 1 and return backend to v2.0.0', changes: [told] })
    const { text } = shown('plan-1', [...events, ...proposed(undo)])
    expect(text).toContain(
      '⚠️ *What runs now did well* when it was measured last: Do not roll back: nothing measured calls for it (03:20:00 UTC).',
    )
    expect(text).toContain(
      '⚠️ *What this brings was bad* when it was measured last: Roll back: 5xx 62.0 %, rule above 50 % (03:00:00 UTC).',
    )
  })

  test('a rollback says that what it brings did well, if that was measured', () => {
    const events = [opened, ...second, declared, ...first]
    const { text } = shown('plan-1', [...events, ...proposed(plan({ changes: [back] }))])
    expect(text).toContain('*What this brings did well* when it was measured last: Do not')
    expect(text).not.toContain('What runs now did well')
  })

  test('what was never measured, or cannot be told apart, is not claimed', () => {
    const events = [opened, ...first, declared]
    const same = { ...told, images: { from: bad, to: bad } }
    for (const changes of [[same], [{ ...told, images: { from: bad, to: old } }]]) {
      const { text } = shown('plan-1', [...events, ...proposed(plan({ changes }))])
      expect(text).not.toMatch(/when it was measured last/)
    }
  })

  test('and is no news once it is carried out', () => {
    const events = [opened, ...second, declared, ...first]
    const ran = [...proposed(plan({ changes: [told] })), { type: 'run-started', plan: 1 } as const]
    expect(shown('plan-1', [...events, ...ran]).text).not.toMatch(/measured last/)
  })
})

test('an undo does not read as if it led to where the undone plan led', () => {
  const undo = plan({ title: 'undo plan 1: backend back to v1.9.0' })
  const events = [...succeeded, ...proposed(undo, { kind: 'undo', plan: 1 }, 2)]
  expect(shown('plan-2', events).spoken).toContain('undo plan 1 (backend back to v1.9.0)')
})

describe('a verdict from before the rollback', () => {
  const seen = assessment({ verdict: 'degraded' })
  const before = [
    opened,
    requested,
    { type: 'assessment-taken', assessment: seen } as const,
    ...succeeded.slice(2),
  ]

  test('is not what is now: the watch after it is', () => {
    const { text, titled } = shown('headline', before)
    expect(text).toMatch(/\*Now:\* Not yet stable since [\d:]+ UTC, being watched\./)
    expect(text).not.toContain('Do not roll back')
    expect(text).not.toContain('Way back')
    expect(titled).toContain('👀 production: not yet stable. Declared as: ')
    const details = shown('thread-card', before).text
    expect(details).toContain('As it was before plan 1.')
    expect(details).not.toContain('Production is degraded.')
  })

  test('and one from afterwards is the verdict', () => {
    const again = shown('headline', [
      ...before,
      { type: 'assessment-requested', by: 'U0BO' },
      { type: 'assessment-taken', assessment: assessment({ at: '2026-11-22T04:00:00.000Z' }) },
    ])
    expect(again.text).toMatch(/\*Now:\* Do not roll back: .*, measured at 04:00:00 UTC\./)
    // A rollback would lead forward again.
    expect(again.text).not.toContain('Way back')
  })
})

describe('the thread card', () => {
  const assessed = (can: boolean, known = true): Event[] => [
    ...story,
    {
      type: 'assessment-taken',
      assessment: assessment({ procedures: [{ ...feasible('kubernetes', can), known }] }),
    },
  ]
  test.each<[string, readonly Event[], boolean]>([
    ['before the assessment', story, true],
    ['a rollback is possible', assessed(true), true],
    ['a rollback is not possible', assessed(false), false],
    ['it is not known whether one is possible', assessed(false, false), true],
    ['a plan waits', [...assessed(true), ...proposed()], false],
    ['a plan is carried out', running, false],
    ['a plan failed', [...running, runEnded('failed', 'no')], true],
    ['the incident is closed', [...assessed(true), closed], false],
  ])('%s: a rollback is offered to be prepared: %#', (_, events, offered) => {
    expect(shown('thread-card', events).buttons.includes('Prepare rollback')).toBe(offered)
  })

  test('says where the plan stands, and why none can be prepared', () => {
    expect(shown('thread-card', oneSigned).text).toContain(
      '*Plan 1:* its card is below, and says where it stands.',
    )
    expect(shown('thread-card', assessed(false)).text).toContain(
      '*No rollback can be prepared now:* kubernetes: because.',
    )
    expect(shown('thread-card', story, { approval: ApprovalSettings.parse({}) }).text).toContain(
      'No approvers are configured',
    )
  })

  test('has a line of the timeline for what happened to the plan', () => {
    const { text } = shown('thread-card', succeeded)
    expect(text).toContain('03:12:15 UTC  Plan 1 was begun')
    expect(text).toContain('Done: Return backend to v1.9.0')
    expect(text).toContain('Plan 1 was carried out')
  })
})
