import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { KeptAnswers } from '../../ports/second-factor.ts'

/** So long somebody stays signed in, whatever they do. A signature needs a fresh code all the same. */
const SESSION_MS = 15 * 60_000

/** Over TLS alone, of this very host and no other, and of no page that is elsewhere. */
const COOKIE = '__Host-backout'

const Session = z.object({
  user: z.string(),
  name: z.string(),
  /** The enrolment that they signed in with: once that is revoked, they are not signed in. */
  enrolment: z.string(),
  /** Somebody who sets up their second factor may do nothing but that. */
  may: z.enum(['everything', 'enrol']),
  untilMs: z.number(),
  /** Shown once, on the next page. As we have written it: what is kept is sealed. */
  notice: z
    .object({ good: z.enum(['yes', 'no']), says: z.object({ markup: z.string() }) })
    .nullable(),
})
export type Session = Readonly<z.infer<typeof Session>>

/** One browser: what it sends, and who is signed in with it. */
export type Visit = {
  readonly cookie: string
  /** What its forms carry; nobody makes one for a cookie that is not theirs. */
  readonly token: string
  readonly session: Session | null
  /** Sets the cookie, where the browser has none that is ours. */
  readonly setCookie: string | null
}

export type Sessions = {
  visit(cookies: string | undefined): Promise<Visit>
  /** A new cookie, whatever the browser sent before: nobody chooses one for somebody else. */
  begin(cookies: string | undefined, session: Omit<Session, 'untilMs' | 'notice'>): Promise<Visit>
  end(cookies: string | undefined): Promise<void>
  /** What the next page says to them, once; `null`: nothing any more. */
  tell(visit: Visit, notice: Session['notice']): Promise<void>
  isToken(visit: Visit, token: string): boolean
  /** Says of what is shown to somebody that we have shown it, and when. */
  seal(what: string): string
  /** When that was shown, in milliseconds; `null`: it was not, or something else was. */
  shownAt(what: string, sealed: string): number | null
}

/** Kept where the second factors are: whoever signed in at one process is signed in at each, and after a restart. */
export function sessions({
  key,
  kept,
  now,
}: {
  readonly key: string
  readonly kept: KeptAnswers
  readonly now: () => number
}): Sessions {
  const made = Buffer.from(hkdfSync('sha256', key, '', 'backout signing page 1', 32))

  const mac = (text: string) => createHmac('sha256', made).update(text).digest('base64url')

  async function sessionOf(cookie: string): Promise<Session | null> {
    const session = Session.safeParse((await kept.kept(keyOf(cookie)))?.answer).data
    return session && now() < session.untilMs ? session : null
  }

  function visitOf(cookie: string, session: Session | null, isNew: 'new' | 'known'): Visit {
    return {
      cookie,
      token: mac(`form ${cookie}`),
      session,
      setCookie: isNew === 'new' ? set(cookie) : null,
    }
  }

  async function end(cookies: string | undefined): Promise<void> {
    const cookie = cookieIn(cookies)
    if (cookie !== null) await kept.keep(keyOf(cookie), null)
  }

  return {
    async visit(cookies) {
      const cookie = cookieIn(cookies)
      if (cookie === null) return visitOf(newCookie(), null, 'new')
      return visitOf(cookie, await sessionOf(cookie), 'known')
    },
    async begin(cookies, given) {
      await end(cookies)
      const cookie = newCookie()
      const session = { ...given, untilMs: now() + SESSION_MS, notice: null }
      await kept.keep(keyOf(cookie), session)
      return visitOf(cookie, session, 'new')
    },
    end,
    async tell({ cookie, session }, notice) {
      if (session) await kept.keep(keyOf(cookie), { ...session, notice })
    },
    isToken: (visit, token) => isSame(visit.token, token),
    seal(what) {
      const atMs = now()
      return `${atMs}.${mac(`shown ${atMs} ${what}`)}`
    },
    shownAt(what, sealed) {
      const [atMs = '', proof = ''] = sealed.split('.')
      return isSame(mac(`shown ${atMs} ${what}`), proof) ? Number(atMs) : null
    },
  }
}

function newCookie(): string {
  return randomBytes(32).toString('base64url')
}

function cookieIn(cookies = ''): string | null {
  return /(?:^|;\s*)__Host-backout=([\w-]{43})(?:;|$)/.exec(cookies)?.[1] ?? null
}

/** Whoever reads the store cannot use what stands there. */
function keyOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url')
}

function set(cookie: string): string {
  return `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}`
}

/** Of one length, so that the time it takes tells nothing. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
