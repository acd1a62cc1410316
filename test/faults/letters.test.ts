import { describe, expect, onTestFinished, test } from 'vitest'
import { smtpMailer } from '../../src/adapters/smtp/mailer.ts'
import { letterTo } from '../../src/domain/incident/letters.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import { atRest, surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { renderedIn } from '../support/slack-limits.ts'
import { smtpTestServer, type SmtpTestServer } from '../support/smtp-server.ts'

const MINUTE_MS = 60_000
const CUSTOMERS = [
  { name: 'Enterprise', to: ['ops@acme.example', 'cto@initech.example'] },
  { name: 'Partners', to: ['noc@partner.example'] },
]

function mailerTo({ port }: Pick<SmtpTestServer, 'port'>) {
  return smtpMailer({
    server: { host: '127.0.0.1', port, tls: false, login: null, allowUnencrypted: true },
    sender: { from: 'status@pipeshub.example', replyTo: null },
  })
}

async function over(server: SmtpTestServer, death: Death = null) {
  const around = surroundings({ mail: { mailer: mailerTo(server), customers: CUSTOMERS } })
  const { engine, life } = around.startProcess(death)
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  const id = receipt.kind === 'received' ? receipt.incident : ''
  await wished(engine, id, 'd2', { kind: 'declare' })
  await wished(engine, id, 'd3', { kind: 'edit', edit: { severity: 'critical' } })
  return { around, engine, life, id }
}

/** A critical incident that is declared, and the mail server. */
async function critical() {
  const server = await smtpTestServer()
  onTestFinished(() => server.stop())
  const story = await over(server)
  onTestFinished(() => story.around.end())
  return { server, ...story }
}

async function wished(engine: Engine, id: string, ...of: Parameters<typeof wish>): Promise<void> {
  await engine.receive(id, wish(...of))
  engine.wake(id)
  await engine.idle()
}

async function incidentOf(engine: Engine, id: string): Promise<Incident> {
  const incident = await engine.load(id)
  if (!incident) throw new Error('there is no incident')
  return incident
}

/** What the button of this list would send, as the checklist in Slack has it. */
function pressOf({ slack }: Surroundings, name: string) {
  const card = slack.messages.findLast(({ key }) => key.startsWith('checklist:'))
  const blocks = JSON.stringify(card?.view.blocks ?? [])
  const block = card?.view.blocks.find((one) => {
    const text = JSON.stringify(one)
    return text.includes(name) && text.includes('send-letter')
  })
  const found = /"value":"[^"/]*\/([0-9a-f]{12})\/([0-9a-f]{32})"/.exec(JSON.stringify(block ?? ''))
  const [, list, digest] = found ?? []
  if (!list || !digest) throw new Error(`no letter to ${name} can be sent: ${blocks}`)
  return { kind: 'send-letter', list, digest } as const
}

function cardIn({ slack }: Surroundings): string {
  const card = slack.messages.findLast(({ key }) => key.startsWith('checklist:'))
  return card
    ? renderedIn(card.view)
        .map(({ text }) => text)
        .join('\n')
    : ''
}

/** So much later, with a tick in every ten seconds. */
async function later(around: Surroundings, engine: Engine, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    around.pass(10_000)
    engine.tick()
    // oxlint-disable-next-line no-await-in-loop -- one tick after the other
    await engine.idle()
  }
}

describe('Send', () => {
  test('mails what stood on the card to that list, once, and the card says so', async () => {
    const { server, around, engine, id } = await critical()
    await wished(engine, id, 's1', pressOf(around, 'Enterprise'), 'U0BO')
    expect(server.letters.map(({ to }) => to)).toEqual([CUSTOMERS[0]?.to])
    expect(server.letters[0]?.raw).toMatch(
      /Subject: Issue affecting [^]*Dear customer,[^]*We will write to you again/,
    )
    expect(cardIn(around)).toMatch(/Enterprise: sent to 2 addresses by <@U0BO> at /)
    expect(cardIn(around)).toMatch(/\*Partners\* \(1 address\): not written to/)
    // That it was sent is no tick: a person says that they are told.
    expect(cardIn(around)).toMatch(/⬜ Notify key customers/)
    await later(around, engine, 5 * MINUTE_MS)
    expect(server.letters).toHaveLength(1)
  })

  test('is one mail, however many press at once', async () => {
    const { server, around, engine, id } = await critical()
    const press = pressOf(around, 'Enterprise')
    await Promise.all([
      engine.receive(id, wish('s1', press, 'U0BO')),
      engine.receive(id, wish('s2', press, 'U0CY')),
    ])
    engine.wake(id)
    await engine.idle()
    expect(server.letters).toHaveLength(1)
    expect(around.slack.told.map(({ user }) => user)).toEqual(['U0CY'])
    expect(around.slack.told[0]?.view.text).toMatch(/Nothing was sent twice/)
  })

  test('is one mail, however many processes there are', async () => {
    const { server, around, engine, id } = await critical()
    const { engine: other } = around.startProcess()
    await other.load(id)
    const press = pressOf(around, 'Enterprise')
    await engine.receive(id, wish('s1', press, 'U0BO'))
    server.next({ at: 'end', waitsMs: 50 })
    for (const one of [engine, other, engine, other]) one.wake(id)
    await Promise.all([engine.idle(), other.idle()])
    for (const one of [engine, other]) one.tick()
    await Promise.all([engine.idle(), other.idle()])
    expect(server.letters).toHaveLength(1)
    expect(letterTo(await incidentOf(engine, id), press.list)?.state.kind).toBe('delivered')
  })

  test('is for approvers and publishers, and for nobody else', async () => {
    const { server, around, engine, id } = await critical()
    const press = pressOf(around, 'Enterprise')
    await wished(engine, id, 's1', press, 'U0DEE')
    expect(around.slack.told[0]?.view.text).toMatch(/^Only approvers, and those named under/)
    expect(server.commands).toEqual([])
    await wished(engine, id, 's2', press, 'U0PUB')
    expect(server.letters).toHaveLength(1)
  })

  test('is not for a letter that changed under the finger', async () => {
    const { server, around, engine, id } = await critical()
    const press = pressOf(around, 'Enterprise')
    await wished(engine, id, 'r1', {
      kind: 'plan',
      request: { kind: 'kubernetes', toVersion: null },
    })
    await wished(engine, id, 's1', press, 'U0BO')
    expect(around.slack.told.at(-1)?.view.text).toMatch(/^The letter, or who gets it, has changed/)
    expect(server.commands).toEqual([])
  })

  test('is not for a lesser incident, a closed one, or one whose customers are told', async () => {
    const { server, around, engine, id } = await critical()
    const press = pressOf(around, 'Enterprise')
    await wished(engine, id, 'e1', { kind: 'edit', edit: { severity: 'medium' } })
    await wished(engine, id, 's1', press, 'U0BO')
    await wished(engine, id, 'e2', { kind: 'edit', edit: { severity: 'critical' } })
    await wished(engine, id, 't1', { kind: 'tick', item: 'customers-told' })
    await wished(engine, id, 's2', press, 'U0BO')
    await wished(engine, id, 'c1', { kind: 'close' })
    await wished(engine, id, 's3', press, 'U0BO')
    expect(around.slack.told.filter(({ user }) => user === 'U0BO')).toHaveLength(3)
    expect(server.commands).toEqual([])
  })
})

describe('a mail server that', () => {
  test('refuses is named with its reason, and written to again when a person wants it', async () => {
    const { server, around, engine, id } = await critical()
    server.next({ at: 'mail', says: '550 5.7.1 not from you' })
    await wished(engine, id, 's1', pressOf(around, 'Enterprise'), 'U0BO')
    await later(around, engine, 5 * MINUTE_MS)
    expect(server.letters).toEqual([])
    expect(cardIn(around)).toMatch(/🚫 refused: the mail server refuses: 550 5\.7\.1 not from you/)
    await wished(engine, id, 's2', pressOf(around, 'Enterprise'), 'U0BO')
    expect(server.letters).toHaveLength(1)
    expect(server.letters[0]?.raw).toMatch(/Message-ID: <[^>]*\.2@pipeshub\.example>/)
  })

  test('asks to wait gets it later, by itself, once', async () => {
    const { server, around, engine, id } = await critical()
    server.next({ at: 'end', says: '451 4.3.0 greylisted' })
    await wished(engine, id, 's1', pressOf(around, 'Enterprise'), 'U0BO')
    expect(cardIn(around)).toMatch(/⏳ not sent yet: the mail server asks to wait: 451/)
    await later(around, engine, MINUTE_MS)
    expect(server.letters).toHaveLength(1)
    expect(cardIn(around)).toMatch(/Enterprise: sent to 2 addresses/)
  })

  test('loses its answer is not written to again by itself, and a person says what to do', async () => {
    const { server, around, engine, id } = await critical()
    server.next({ at: 'end', drops: true })
    await wished(engine, id, 's1', pressOf(around, 'Enterprise'), 'U0BO')
    await later(around, engine, 10 * MINUTE_MS)
    expect(server.letters).toHaveLength(1)
    expect(cardIn(around)).toMatch(/❓ not known whether it arrived:.*log of the mail server first/)
    const [name] = /Message-ID that begins with (\S+)\./.exec(cardIn(around))?.slice(1) ?? []
    expect(server.letters[0]?.raw).toContain(`Message-ID: <${name}@pipeshub.example>`)
    await wished(engine, id, 's2', pressOf(around, 'Enterprise'), 'U0BO')
    expect(server.letters).toHaveLength(2)
  })

  test('is away until the incident is over gets nothing any more', async () => {
    const { server, around, engine, id } = await critical()
    server.next(...Array.from({ length: 9 }, () => ({ at: 'mail', says: '451 later' }) as const))
    await wished(engine, id, 's1', pressOf(around, 'Enterprise'), 'U0BO')
    await wished(engine, id, 'c1', { kind: 'close' })
    await later(around, engine, 60 * MINUTE_MS)
    expect(server.letters).toEqual([])
    // Opened again, nothing goes out that nobody has pressed for.
    await wished(engine, id, 'r1', { kind: 'reopen' })
    await later(around, engine, 60 * MINUTE_MS)
    expect(server.letters).toEqual([])
    expect(cardIn(around)).toMatch(/the incident was closed before it could be sent/)
  })
})

describe('a process that dies while somebody sends', async () => {
  /** One process with this death, and another one later. */
  async function withDeath(death: Death) {
    const server = await smtpTestServer()
    const { around, engine: first, id } = await over(server)
    const press = pressOf(around, 'Enterprise')
    await first.stop()

    const { engine, life } = around.startProcess(death)
    await engine.load(id)
    const received = engine.receive(id, wish('s1', press, 'U0BO'))
    await Promise.race([received, diedIn(life)])
    engine.wake(id)
    await atRest(engine, life)

    around.pass(4 * MINUTE_MS)
    const second = around.startProcess()
    await second.engine.resume()
    // A press that never reached the journal was not acknowledged: the person sees that, and presses again.
    await second.engine.receive(id, wish('s1', press, 'U0BO'))
    second.engine.wake(id)
    await second.engine.idle()
    await later(around, second.engine, 2 * MINUTE_MS)
    const left = {
      effects: life.effects,
      died: life.dead,
      letters: server.letters.length,
      state: letterTo(await incidentOf(second.engine, id), press.list)?.state.kind,
    }
    around.end()
    await server.stop()
    return left
  }

  const unharmed = await withDeath(null)

  test('each of its effects was tried', () => {
    expect(unharmed.effects.length).toBeGreaterThan(5)
    expect(unharmed).toMatchObject({ letters: 1, state: 'delivered' })
  })

  test.each(deathsBetween(unharmed.effects))(
    'at effect $at, $when: it was sent once, or nobody knows and nothing is sent again',
    async (death) => {
      const { died, letters, state } = await withDeath(death)
      expect(died).toBe(true)
      expect(letters).toBeLessThanOrEqual(1)
      // Never said to be sent where it is not.
      if (state === 'delivered') expect(letters).toBe(1)
      else expect(state).toBe('unknown')
    },
  )
})

async function diedIn(life: { readonly dead: boolean }): Promise<void> {
  while (!life.dead) await new Promise((next) => setImmediate(next))
}
