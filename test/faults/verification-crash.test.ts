import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { configuredItems, VerificationSettings } from '../../src/domain/verification/settings.ts'
import { openVerification } from '../../src/domain/verification/verification.ts'
import { atRest, surroundings } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { folded, incidentOf, ROLLBACK, tell } from '../support/rollback-story.ts'

const service = 'backend'
const headers = { Authorization: 'Bearer ${saved.token}' }
const LOGIN = {
  service,
  path: '/api/login',
  method: 'POST',
  writes: false,
  body: { json: { user: 'check' } },
  save: { token: '$.token' },
}
const FILE = '/api/files/${saved.id}'

/** As they ship, with an upload that cleans up behind itself. */
const verification = configuredItems(
  VerificationSettings.parse({
    items: {
      uploadsWork: {
        kind: 'chain',
        steps: [
          LOGIN,
          {
            service,
            path: '/api/files',
            method: 'POST',
            headers,
            body: { json: { name: '${check.id}' } },
            save: { id: '$.id' },
          },
        ],
        cleanUp: { service, path: FILE, method: 'DELETE', headers },
      },
    },
  }),
)

const STORY = [
  ...ROLLBACK,
  { by: 'U0BO', intent: () => ({ kind: 'tick-verified' as const, item: 'search-works' }) },
]

/** One process with this death, and a second one that lives and is told the rest: what is left. */
async function whatIsLeft(death: Death) {
  const around = surroundings({ verification })
  const first = around.startProcess(death)
  const reached = await tell(around, first, 0, ROLLBACK)
  const signed = first.life.calls
  const told = first.life.dead ? reached : await tell(around, first, reached, STORY)
  const second = around.startProcess()
  await second.engine.resume()
  await atRest(second.engine, second.life)
  await tell(around, second, told, STORY)
  // Until five minutes are over: whatever is due by itself has had its time.
  for (const seconds of [10, 10, 330]) {
    around.pass(seconds * 1_000)
    second.engine.tick()
    await second.engine.idle()
  }
  const id = await incidentOf(around)
  const events = (await around.journal.read(id)).map(({ event }) => event)
  const incident = await folded(around)
  const keys = around.slack.messages.map(({ key }) => key)
  const left = {
    effects: first.life.effects,
    signed,
    died: first.life.dead,
    cards: keys.filter((key) => key.startsWith('verification:')).length,
    twice: keys.length - new Set(keys).size,
    due: incident?.verification?.due,
    open: incident && openVerification(incident).map((item) => item.id),
    askedFor: incident?.verification?.askedFor,
    requested: events.filter(({ type }) => type === 'verification-requested').length,
    taken: events.filter(({ type }) => type === 'verification-taken').length,
    ticked: events.filter(({ type }) => type === 'verification-ticked').length,
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return left
}

describe('what is verified, by a process that is killed before or after whatever it changes', async () => {
  const unharmed = await whatIsLeft(null)
  const deaths = deathsBetween(unharmed.effects.filter((at) => at > unharmed.signed - 12))

  test('without a death: measured once, ticked once, on one card', () => {
    console.log(`crash points of a verification: ${deaths.length}`)
    expect(deaths.length).toBeGreaterThan(12)
    expect(unharmed).toMatchObject({
      died: false,
      cards: 1,
      twice: 0,
      due: null,
      open: ['users-log-in', 'data-accessible'],
      askedFor: ['rolled-back/1'],
      requested: 1,
      taken: 1,
      ticked: 1,
      proof: 'intact',
    })
  })

  test.each(deaths)(
    'call $at, $when: it is measured again, and the end is the same (J1, J4)',
    async (death) => {
      const left = await whatIsLeft(death)
      expect(left.died).toBe(true)
      expect(left).toMatchObject({
        cards: 1,
        twice: 0,
        due: null,
        open: unharmed.open,
        askedFor: unharmed.askedFor,
        requested: 1,
        taken: 1,
        ticked: 1,
        proof: 'intact',
      })
    },
  )
})
