import { describe, expect } from 'vitest'
import { it as story } from '../support/bot-story.ts'
import { shippedSettings } from '../support/bot.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { countOf, journaled } from './journaled.ts'
import { answerTo, card, cards, declare, opened, planned, sign, told, words } from './reading.ts'
import type { Declared } from './reading.ts'

/** As a team writes it: a login, and an upload that is removed again. */
const VERIFICATION = `
verification:
  items:
    usersLogIn:
      kind: chain
      steps:
        - &login
          service: backend
          path: /api/login
          method: POST
          writes: false
          body: { json: { user: check, password: "\${CHECK_PASSWORD}" } }
          save: { token: $.token }
    uploadsWork:
      kind: chain
      steps:
        - *login
        - service: backend
          path: /api/files
          method: POST
          headers: { Authorization: "Bearer \${saved.token}" }
          body: { file: { field: file, name: "\${check.id}.txt", text: "a check" } }
          save: { id: $.id }
      cleanUp:
        service: backend
        path: /api/files/\${saved.id}
        method: DELETE
        headers: { Authorization: "Bearer \${saved.token}" }
`
const PASSWORD = 'tr0ub4dor-and-3'

const it = story.override('told', {
  scenario: 'errors-62',
  settings: shippedSettings({
    'verification:\n  deadlineSeconds: 10\n': VERIFICATION.replace('${CHECK_PASSWORD}', PASSWORD),
  }),
})

let declared: Declared

describe('before there is an incident', () => {
  it('verify answers whoever asks, and tries nothing that writes', async ({ ana }) => {
    const said = await answerTo(ana, 'verify')
    expect(said).toMatch(/The list of the runbook:\* \d+ of 12 verified/)
    expect(said).toMatch(/✅ \*All services are running:\*/)
    expect(said).toMatch(/❌ \*No 5xx errors in last 5 minutes:\* .*expected at most 0\/s/)
    expect(said).toMatch(/❌ \*Users can log in:\* POST \/api\/login: HTTP 500/)
    expect(said).toMatch(/⬜ \*File uploads work:\* only tried in an incident: it writes/)
    expect(said).toMatch(/Health, backend:\* HTTP 200/)
  })
})

describe('after a rollback', () => {
  it('the list is measured by itself, and two items wait for a person', async ({
    slack,
    ana,
    bo,
    cy,
  }) => {
    declared = await declare(slack, ana)
    const plan = await planned(slack, ana, declared)
    await sign(slack, bo, plan)
    await sign(slack, cy, plan)
    const { incident } = declared
    await card(slack, 'run-1', incident, /was carried out/, 40_000)
    const { reads, spoken } = await card(
      slack,
      'verification',
      incident,
      /10 of 12 verified/,
      20_000,
    )
    expect(spoken).toBe('10 of 12 verified, 2 wait for a person.')
    expect(reads).toMatch(/✅ \*All services are running\*: backend 3 of 3 ready/)
    expect(reads).toMatch(/✅ \*Users can log in\*: POST \/api\/login: HTTP 200 in \d+ ms/)
    expect(reads).toMatch(/✅ \*File uploads work\*: .*, then POST \/api\/files: HTTP 201/)
    expect(reads).not.toContain('Not cleaned up')
    expect(reads).toMatch(/⬜ \*Data is accessible\*: a person looks/)
  }, 90_000)

  it('a person ticks one, and only one press counts', async ({ slack, bot, bo, cy }) => {
    const { incident } = declared
    const list = await card(slack, 'verification', incident)
    const seen = list.message
    const button = { label: 'Verified', value: `${incident}/data-accessible` }
    await bo.click(INCIDENTS, list.ts, button, { seen })
    const { reads } = await card(slack, 'verification', incident, /11 of 12 verified/)
    expect(reads).toMatch(/✅ \*Data is accessible\*: seen by <@U0BO>, [\d:]+ UTC/)
    const again = () => cy.click(INCIDENTS, list.ts, button, { seen })
    expect(await told(cy, again)).toMatch(/ticked already/)
    expect(countOf(journaled(bot, incident), 'verification-ticked')).toBe(1)
  })

  it('asked for by command, it is measured again on the same card, and said where', async ({
    slack,
    bot,
    ana,
  }) => {
    const { incident } = declared
    const before = countOf(journaled(bot, incident), 'verification-taken')
    const said = await told(ana, () => ana.command(INCIDENTS, '/rollback verify'))
    expect(said).toMatch(/It is being verified|The list of the runbook is verified in the thread/)
    const { reads } = await card(slack, 'verification', incident, ({ reads: now }) => {
      return /Asked for by <@U0ANA>/.test(now) && /11 of 12 verified/.test(now)
    })
    expect(reads).not.toMatch(/^Verifying/)
    expect(await cards(slack, 'verification', incident)).toHaveLength(1)
    expect(countOf(journaled(bot, incident), 'verification-taken')).toBeGreaterThan(before)
  })

  it('closing asks about what is open, and the closed incident names it', async ({
    slack,
    ana,
  }) => {
    const { incident, thread } = declared
    const form = await opened(ana, thread, 'Close incident', 'close-incident')
    expect(words(form['blocks'])).toContain('Not verified: Search functionality works.')
    await ana.submit({ outcome: 'resolved' })
    const { reads } = await card(slack, 'headline', incident, /\*Closed\*/)
    expect(reads).toContain('Not verified: Search functionality works.')
    const pressable = /^(Verified|Verify again)$/m
    await card(slack, 'verification', incident, (list) => !pressable.test(list.reads))
  })

  it('no secret of a check is told, logged or kept', async ({ slack, bot }) => {
    const { incident } = declared
    const all = JSON.stringify(await slack.chat.all(INCIDENTS))
    const kept = JSON.stringify(journaled(bot, incident))
    for (const secret of [PASSWORD, 'simulated-session']) {
      expect(all).not.toContain(secret)
      expect(kept).not.toContain(secret)
      expect(bot.output()).not.toContain(secret)
    }
  })
})
