import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Desk } from '../../src/adapters/signing-page/desk.ts'
import { signingPage } from '../../src/adapters/signing-page/server.ts'
import { refused } from '../../src/domain/base/refusal.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import { WAITS_MS } from '../../src/domain/second-factor/enrolment.ts'
import { freePort } from '../servers/spawn.ts'
import { dataFolder } from '../support/bot.ts'
import { incidentAfter, opened as opening, requested, taken } from '../support/builders.ts'
import { after, proposed, running } from '../support/plan-story.ts'
import {
  codeAt,
  enrolledIn,
  SIGNING_KEY,
  storeAt,
  type Enrolled,
} from '../support/second-factor.ts'
import { browserAt } from '../support/signing-browser.ts'

const START = Date.parse('2026-11-29T02:10:00Z')
const HALF_MINUTE = 30_000
const EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)> & <b>'

const DIGEST = 'a1'.repeat(32)
const OPEN: Incident = after(
  proposed.map((event) => {
    if (event.type === 'plan-proposed') {
      const { proposal } = event
      return { ...event, proposal: { ...proposal, digest: DIGEST, title: EVIL, lost: EVIL } }
    }
    return event.type === 'incident-declared' ? { ...event, title: EVIL } : event
  }),
)

/** The page over an incident with a plan, two people who enrolled, and a hand on its time. */
async function opened(
  changes: Partial<Desk> = {},
  options: { proxies?: readonly string[]; incident?: Incident } = {},
) {
  const folder = dataFolder()
  const clock = { nowMs: START }
  const [ana, bo] = await enrolledIn(folder, START, ['U0ANA', 'U0BO'])
  if (!ana || !bo) throw new Error('nobody enrolled')
  const store = await storeAt(folder, clock)
  const port = await freePort()
  const wishes: { by: string; intent: Intent }[] = []
  const proved: string[] = []
  const warned: string[] = []
  const incident = options.incident ?? OPEN
  const desk: Desk = {
    environment: 'production',
    approval: ApprovalSettings.parse({ users: ['U0ANA', 'U0BO'] }),
    nameOf: (id) => (id === 'U0BO' ? 'Bo <b>' : null),
    secondFactor: store,
    sessions: store.sessions,
    barred: async () => null,
    open: () => (incident.declared ? [incident] : []),
    unreadable: () => [],
    undeclared: async () => (incident.declared ? [] : [incident]),
    incident: async (id) => (id === incident.id ? incident : null),
    async wish(by, _, intent) {
      wishes.push({ by, intent })
      return { kind: 'granted' }
    },
    proved: async (user) => void proved.push(user),
    log: { info() {}, warn: (what) => void warned.push(what), error() {} },
    ...changes,
  }
  const of = {
    host: '127.0.0.1',
    url: `https://127.0.0.1:${port}`,
    key: SIGNING_KEY,
    tls: null,
    proxies: options.proxies ?? [],
    now: () => clock.nowMs,
    desk,
  }
  const page = await signingPage({ ...of, port })
  /** Another process, with the same store and key. */
  async function another(): Promise<string> {
    const at = `127.0.0.1:${await freePort()}`
    const next = await signingPage({ ...of, url: `https://${at}`, port: Number(at.split(':')[1]) })
    onTestFinished(() => next.stop())
    return `http://${at}`
  }
  onTestFinished(async () => {
    await page.stop()
    await store.close()
  })
  const base = `http://127.0.0.1:${port}`
  const code = ({ secret }: Enrolled) => codeAt(secret, clock.nowMs)
  return { base, another, port, clock, store, ana, bo, wishes, proved, warned, code, incident }
}

type Stage = Awaited<ReturnType<typeof opened>>

/** Ana, signed in, with the plan before her and a fresh code in her hand. */
async function signedIn(stage: Stage) {
  const browser = browserAt(stage.base)
  const list = await browser.signIn(stage.ana.handle, stage.code(stage.ana))
  expect(list.status).toBe(200)
  await browser.ask(`/incident/${stage.incident.id}`)
  stage.clock.nowMs += HALF_MINUTE
  return browser
}

const SIGN = `/incident/${OPEN.id}/sign`

describe('signing on the page', () => {
  test('a fresh code signs exactly what was shown, and says when it was shown', async () => {
    const stage = await opened()
    const browser = await signedIn(stage)
    const page = await browser.send(SIGN, { code: stage.code(stage.ana) })
    expect(page.reads).toMatch(/Your signature counts/)
    const shownAt = new Date(START).toISOString()
    const intent = { kind: 'approve', plan: 1, digest: DIGEST, shownAt }
    expect(stage.wishes).toEqual([{ by: 'U0ANA', intent }])
    expect((await browser.ask(`/incident/${OPEN.id}`)).reads).not.toMatch(/Your signature counts/)
  })

  test('the code that signed in does not sign, and none signs twice', async () => {
    const stage = await opened()
    const browser = browserAt(stage.base)
    const first = stage.code(stage.ana)
    await browser.signIn(stage.ana.handle, first)
    await browser.ask(`/incident/${OPEN.id}`)
    expect((await browser.send(SIGN, { code: first })).reads).toMatch(/has counted already/)
    expect(stage.wishes).toEqual([])
  })

  test('of twenty that send the same code at once, exactly one passes', async () => {
    const stage = await opened()
    const browser = await signedIn(stage)
    const fields = { ...browser.fieldsOf(SIGN), code: stage.code(stage.ana) }
    const body = new URLSearchParams(fields)
    const { cookie } = browser
    await Promise.all(
      Array.from({ length: 20 }, () =>
        fetch(`${stage.base}${SIGN}`, {
          method: 'POST',
          body,
          headers: { cookie },
          redirect: 'manual',
        }),
      ),
    )
    expect(stage.wishes).toHaveLength(1)
  })

  test('nobody signs with a code of somebody else, or what was shown to somebody else', async () => {
    const stage = await opened()
    const ana = await signedIn(stage)
    const hers = ana.fieldsOf(SIGN)
    expect((await ana.send(SIGN, { code: stage.code(stage.bo) })).reads).toMatch(/not the code now/)
    const bo = browserAt(stage.base)
    await bo.signIn(stage.bo.handle, stage.code(stage.bo))
    await bo.ask(`/incident/${OPEN.id}`)
    stage.clock.nowMs += HALF_MINUTE
    const his = { ...bo.fieldsOf(SIGN), shown: hers['shown'] ?? '', code: stage.code(stage.bo) }
    expect((await bo.post(SIGN, his)).reads).toMatch(/shown to somebody else, or of another plan/)
    expect(stage.wishes).toEqual([])
  })

  test.each([
    ['another digest', { digest: 'b2'.repeat(32) }],
    ['another plan', { plan: '2' }],
    ['no seal', { shown: '1.x' }],
    ['no digest', { digest: '' }],
    ['a digest that is none', { digest: '../../x' }],
    ['a plan that is none', { plan: '-1' }],
  ])('what was not shown is not signed, and its code is not spent: %s', async (_, changed) => {
    const stage = await opened()
    const browser = await signedIn(stage)
    const fields = browser.fieldsOf(SIGN)
    await browser.post(SIGN, { ...fields, ...changed, code: stage.code(stage.ana) })
    expect(stage.wishes).toEqual([])
    expect((await stage.store.use('U0ANA', stage.code(stage.ana))).kind).toBe('counts')
  })

  test('a refusal of the gate is said in its words', async () => {
    const stage = await opened({ wish: async () => refused('same-human') })
    const browser = await signedIn(stage)
    const page = await browser.send(SIGN, { code: stage.code(stage.ana) })
    expect(page.reads).toMatch(/Another account with your e-mail address has signed/)
  })

  test('a run is stopped without a code, and a plan is asked for', async () => {
    const stage = await opened({}, { incident: after(running) })
    const browser = await signedIn(stage)
    await browser.send(`/incident/${OPEN.id}/abort`)
    await browser.send(`/incident/${OPEN.id}/plan`)
    expect(stage.wishes.map(({ intent }) => intent.kind)).toEqual(['abort', 'plan'])
  })
})

describe('an incident that nobody has declared', () => {
  const assessed = incidentAfter(opening, requested, taken)

  test('is listed as that, and whoever asks for its plan declares it first', async () => {
    const stage = await opened({}, { incident: assessed })
    const browser = await signedIn(stage)
    expect((await browser.ask('/')).reads).toMatch(/Not declared.*To plan a rollback/)
    await browser.ask(`/incident/${assessed.id}`)
    await browser.send(`/incident/${assessed.id}/plan`)
    expect(stage.wishes).toMatchObject([
      { by: 'U0ANA', intent: { kind: 'declare' } },
      { by: 'U0ANA', intent: { kind: 'plan' } },
    ])
  })

  test('one that cannot be read is named, and not said not to be there', async () => {
    const stage = await opened({ unreadable: () => ['i-9'] }, { incident: assessed })
    const browser = await signedIn(stage)
    expect((await browser.ask('/')).reads).toMatch(/Not shown: 1 incident \(i-9\)/)
    expect((await browser.ask('/incident/i-9')).reads).toMatch(/cannot read that incident/)
    expect((await browser.ask('/incident/i-8')).reads).toMatch(/There is no such incident/)
  })

  test('is planned for nothing where it may not be declared', async () => {
    const asked: string[] = []
    const wish: Desk['wish'] = async (_by, _incident, { kind }) => {
      asked.push(kind)
      return refused('incident-closed')
    }
    const stage = await opened({ wish }, { incident: assessed })
    const browser = await signedIn(stage)
    await browser.ask(`/incident/${assessed.id}`)
    const page = await browser.send(`/incident/${assessed.id}/plan`)
    expect(page.reads).toMatch(/This incident is closed/)
    expect(asked).toEqual(['declare'])
  })
})

describe('several processes with one store', () => {
  test('whoever signed in at one reads, signs and is answered at another, once', async () => {
    const stage = await opened()
    const other = browserAt(await stage.another())
    const browser = await signedIn(stage)
    const shown = browser.fieldsOf(SIGN)
    other.takeCookie(browser.cookie)
    const code = stage.code(stage.ana)
    const signed = await other.post(SIGN, { ...shown, code })
    expect(signed.reads).toMatch(/Your signature counts/)
    expect(stage.wishes).toHaveLength(1)
    expect((await browser.send(SIGN, { code })).reads).toMatch(/has counted already/)
    expect(stage.wishes).toHaveLength(1)
    await browser.ask(`/incident/${OPEN.id}`)
    await browser.send('/sign-out')
    expect((await other.ask('/')).reads).toMatch(/Sign in/)
  })
})

describe('signing in', () => {
  test('a wrong name and a wrong code are told apart by nobody', async () => {
    const stage = await opened()
    const one = await browserAt(stage.base).signIn('nobody22', '123456')
    const other = await browserAt(stage.base).signIn(stage.ana.handle, '000000')
    expect([one.status, other.status]).toEqual([403, 403])
    expect(one.reads).toBe(other.reads)
  })

  test('five wrong codes lock that person, in words, and nobody else', async () => {
    const stage = await opened()
    const reads: string[] = []
    for (let time = 0; time < 6; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      reads.push((await browserAt(stage.base).signIn(stage.ana.handle, '000000')).reads)
    }
    expect(reads[4]).toMatch(/locked now for 15 min/)
    expect(reads[5]).toMatch(/this person is locked until 02:25:00 UTC/)
    const bo = await browserAt(stage.base).signIn(stage.bo.handle, stage.code(stage.bo))
    expect(bo.reads).toMatch(/Open incidents/)
  })

  test('whoever is no member any more gets nothing', async () => {
    const stage = await opened({ barred: async () => refused('deactivated') })
    const page = await browserAt(stage.base).signIn(stage.ana.handle, stage.code(stage.ana))
    expect(page.reads).toMatch(/This account is deactivated/)
    expect(page.status).toBe(403)
  })

  test('ends after a quarter of an hour, and at once where the second factor is revoked', async () => {
    const stage = await opened()
    const browser = await signedIn(stage)
    await stage.store.revoke('U0ANA')
    expect((await browser.ask('/')).reads).toMatch(/Sign in/)
    const bo = browserAt(stage.base)
    await bo.signIn(stage.bo.handle, stage.code(stage.bo))
    expect((await bo.ask('/')).reads).toMatch(/Open incidents/)
    stage.clock.nowMs += 15 * 60_000
    expect((await bo.ask('/')).reads).toMatch(/Sign in/)
  })

  test('gives a new cookie, whatever the browser had: nobody fixes one for somebody else', async () => {
    const stage = await opened()
    const attacker = browserAt(stage.base)
    await attacker.ask('/sign-in')
    const planted = attacker.cookie
    const victim = browserAt(stage.base)
    victim.takeCookie(planted)
    await victim.signIn(stage.ana.handle, stage.code(stage.ana))
    expect(victim.cookie).not.toBe(planted)
    expect((await attacker.ask('/')).reads).toMatch(/Sign in/)
    victim.takeCookie('__Host-backout=chosen')
    expect((await victim.ask('/')).reads).toMatch(/Sign in/)
  })

  test('the cookie is for this host alone, over TLS alone, and for no script', async () => {
    const { base } = await opened()
    const answer = await fetch(`${base}/sign-in`)
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-backout=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=900$/,
    )
  })

  test('out is out', async () => {
    const stage = await opened()
    const browser = await signedIn(stage)
    const { cookie } = browser
    expect((await browser.send('/sign-out')).reads).toMatch(/Sign in/)
    const thief = browserAt(stage.base)
    thief.takeCookie(cookie)
    expect((await thief.ask('/')).reads).toMatch(/Sign in/)
  })
})

describe('setting up a second factor', () => {
  async function invited(stage: Stage): Promise<string> {
    const link = await stage.store.invite('U0CY')
    return link?.token ?? ''
  }

  test('shows the secret once, and takes the first code of it', async () => {
    const stage = await opened()
    const token = await invited(stage)
    const browser = browserAt(stage.base)
    await browser.ask(`/enrol/${token}`)
    // Whoever only looks uses nothing up.
    await browser.ask(`/enrol/${token}`)
    const shown = await browser.send('/enrol')
    const secret = /secret=([A-Z2-7]{32})/.exec(shown.html)?.[1] ?? ''
    expect(shown.reads).toContain(secret.match(/.{4}/g)?.join(' '))
    expect((await browserAt(stage.base).ask(`/enrol/${token}`)).status).toBe(404)
    const wrong = await browser.send('/enrol/prove', { code: '000000' })
    expect(wrong.reads).toMatch(/That is not the code now/)
    expect(wrong.html).not.toContain(secret)
    const done = await browser.send('/enrol/prove', { code: codeAt(secret, stage.clock.nowMs) })
    expect(done.reads).toMatch(/It is set up/)
    expect(stage.proved).toEqual(['U0CY'])
    // It does nothing else: neither is it a way in, nor does it count yet.
    expect((await browser.ask('/')).reads).toMatch(/Sign in/)
    const { handle = '' } = (await stage.store.enrolmentOf('U0CY')) ?? {}
    stage.clock.nowMs += HALF_MINUTE
    const early = await browserAt(stage.base).signIn(handle, codeAt(secret, stage.clock.nowMs))
    expect(early.reads).toMatch(/not confirmed/)
    stage.clock.nowMs += WAITS_MS
  })

  test('a link of another one, or none, shows nothing', async () => {
    const { base } = await opened()
    const page = await browserAt(base).ask(`/enrol/${'x'.repeat(43)}`)
    expect(page.status).toBe(404)
    expect(page.reads).toMatch(/works once/)
  })
})

describe('attacks', () => {
  test('nobody’s words become markup', async () => {
    const stage = await opened()
    const browser = await signedIn(stage)
    for (const path of ['/', `/incident/${OPEN.id}`]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { html, reads } = await browser.ask(path)
      expect(html).not.toMatch(/<script|<img|onerror=alert\(2\)>|<b>/)
      expect(reads).toContain('<script>alert(1)</script>')
    }
  })

  test('every answer says that nothing runs, nothing frames it and nothing keeps it', async () => {
    const { base } = await opened()
    for (const path of ['/', '/sign-in', '/style.css', '/nothing']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { headers } = await fetch(`${base}${path}`, { redirect: 'manual' })
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test.each<[string, Record<string, string>]>([
    ['none', { token: '' }],
    ['another one', { token: 'A'.repeat(43) }],
  ])('a form without its token does nothing: %s', async (_, token) => {
    const stage = await opened()
    const browser = await signedIn(stage)
    const fields = { ...browser.fieldsOf(SIGN), ...token, code: stage.code(stage.ana) }
    const page = await browser.post(SIGN, fields)
    expect(page).toMatchObject({ status: 403 })
    expect(stage.wishes).toEqual([])
  })

  test('the token of one browser is none of another', async () => {
    const stage = await opened()
    const ana = await signedIn(stage)
    const bo = browserAt(stage.base)
    await bo.signIn(stage.bo.handle, stage.code(stage.bo))
    await bo.ask(`/incident/${OPEN.id}`)
    const fields = { ...bo.fieldsOf(SIGN), token: ana.fieldsOf(SIGN)['token'] ?? '' }
    expect((await bo.post(SIGN, { ...fields, code: stage.code(stage.bo) })).status).toBe(403)
  })

  test.each<[string, Record<string, string>, number]>([
    ['sent by another page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['sent by a page of the same site', { 'sec-fetch-site': 'same-site' }, 403],
    ['of another origin', { origin: 'https://evil.example' }, 403],
    ['of no origin', { origin: 'null' }, 403],
    ['that is JSON', { 'content-type': 'application/json' }, 415],
    ['that is text', { 'content-type': 'text/plain' }, 415],
  ])('a form %s is not read', async (_, headers, status) => {
    const stage = await opened()
    const browser = await signedIn(stage)
    const fields = { ...browser.fieldsOf(SIGN), code: stage.code(stage.ana) }
    expect((await browser.post(SIGN, fields, { headers })).status).toBe(status)
    expect(stage.wishes).toEqual([])
  })

  test('a body of a megabyte is not read, told beforehand or not', async () => {
    const { base, port } = await opened()
    const body = new URLSearchParams({ code: 'x'.repeat(1_000_000) })
    const told = await fetch(`${base}/sign-in`, { method: 'POST', body }).then(
      ({ status }) => status,
      () => 413,
    )
    expect(told).toBe(413)
    const untold = await new Promise<number>((resolve) => {
      const asked = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method: 'POST',
          path: '/sign-in',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
        ({ statusCode = 0 }) => resolve(statusCode),
      )
      asked.on('error', () => resolve(413))
      for (let part = 0; part < 64; part += 1) asked.write('x'.repeat(16 * 1024))
      asked.end()
    })
    expect(untold).toBe(413)
  })

  test('a field that comes twice is refused, and so is what only looks like ours', async () => {
    const { base } = await opened()
    const send = (body: string) =>
      fetch(`${base}/sign-in`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    expect((await send('name=a&name=b')).status).toBe(400)
    expect((await send('__proto__[token]=x&constructor=y&status=200&says=x')).status).toBe(403)
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s is refused',
    async (method) => {
      const { port } = await opened()
      const { status, allow } = await raw(port, `${method} / HTTP/1.1\r\nHost: 127.0.0.1:${port}`)
      expect(status).toBe(405)
      expect(allow).toBe('GET, HEAD, POST')
    },
  )

  test.each([
    '/../../etc/passwd',
    '/incident/../../x',
    '/incident/%2e%2e%2fx',
    '/incident/i-1%0d%0aSet-Cookie:%20a=b',
    '//evil.example/',
    '/style.css/../x',
    '/sign-in%00',
    'http://evil.example/',
    '/incident/' + 'x'.repeat(65),
  ])('there is nothing at %s', async (path) => {
    const { port } = await opened()
    const found = await raw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}`)
    expect(found.status).toBe(404)
    expect(found.text).not.toMatch(/^set-cookie: a=b/im)
  })

  test('another name of the host is refused, and leads nowhere', async () => {
    const { port } = await opened()
    const found = await raw(port, 'GET / HTTP/1.1\r\nHost: evil.example')
    expect(found.status).toBe(421)
    expect(found.text).not.toMatch(/evil\.example/)
  })

  test('whoever guesses is slowed down by address, whatever they say of where they come from', async () => {
    const stage = await opened({}, { proxies: ['10.0.0.1'] })
    const from = (forwarded: string) =>
      browserAt(stage.base, { 'x-forwarded-for': forwarded }).signIn('nobody22', '000000')
    const statuses: number[] = []
    for (let time = 0; time < 22; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      statuses.push((await from(`${time}.1.1.1, 192.0.2.7`)).status)
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(2)
    expect((await from('192.0.2.8')).status).toBe(403)
    stage.clock.nowMs += 60_000
    expect((await from('192.0.2.7')).status).toBe(403)
  })
})

/** A request as it is written, for what no client would send. */
function raw(
  port: number,
  head: string,
): Promise<{ readonly status: number; readonly allow: string; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('error', reject)
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
      resolve({ status, allow: /^allow: (.*)\r$/im.exec(text)?.[1] ?? '', text })
    })
    socket.write(`${head}\r\nConnection: close\r\n\r\n`)
  })
}
