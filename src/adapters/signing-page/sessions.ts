import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Notice } from '../../chat/outside/frame.ts'

/** So long somebody stays signed in, whatever they do. A signature needs a fresh code all the same. */
const SESSION_MS = 15 * 60_000

/** Over TLS alone, of this very host and no other, and of no page that is elsewhere. */
const COOKIE = '__Host-backout'
const MOST = 500

export type Session = {
  readonly user: string
  readonly name: string
  /** The enrolment that they signed in with: once that is revoked, they are not signed in. */
  readonly enrolment: string
  /** Somebody who sets up their second factor may do nothing but that. */
  readonly may: 'everything' | 'enrol'
  readonly untilMs: number
  /** Shown once, on the next page. */
  notice: Notice | null
}

/** One browser: what it sends, and who is signed in with it. */
export type Visit = {
  /** What its forms carry; nobody makes one for a cookie that is not theirs. */
  readonly token: string
  readonly session: Session | null
  /** Sets the cookie, where the browser has none that is ours. */
  readonly setCookie: string | null
}

export type Sessions = {
  visit(cookies: string | undefined): Visit
  /** A new cookie, whatever the browser sent before: nobody chooses one for somebody else. */
  begin(cookies: string | undefined, session: Omit<Session, 'untilMs' | 'notice'>): Visit
  end(cookies: string | undefined): void
  isToken(visit: Visit, token: string): boolean
  /** Says of what is shown to somebody that we have shown it, and when. */
  seal(what: string): string
  /** When that was shown, in milliseconds; `null`: it was not, or something else was. */
  shownAt(what: string, sealed: string): number | null
}

/** In memory: whoever was signed in when Backout was restarted signs in again. */
export function sessions(now: () => number): Sessions {
  const key = randomBytes(32)
  const known = new Map<string, Session>()

  const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64url')

  function sessionOf(cookie: string): Session | null {
    const session = known.get(kept(cookie))
    if (session && now() < session.untilMs) return session
    known.delete(kept(cookie))
    return null
  }

  function visitOf(cookie: string, session: Session | null, isNew: 'new' | 'known'): Visit {
    return {
      token: mac(`form ${cookie}`),
      session,
      setCookie: isNew === 'new' ? set(cookie) : null,
    }
  }

  function end(cookies: string | undefined): void {
    const cookie = cookieIn(cookies)
    if (cookie !== null) known.delete(kept(cookie))
  }

  return {
    visit(cookies) {
      const cookie = cookieIn(cookies)
      if (cookie === null) return visitOf(newCookie(), null, 'new')
      return visitOf(cookie, sessionOf(cookie), 'known')
    },
    begin(cookies, given) {
      end(cookies)
      const [oldest] = known.keys()
      if (known.size >= MOST && oldest !== undefined) known.delete(oldest)
      const cookie = newCookie()
      const session = { ...given, untilMs: now() + SESSION_MS, notice: null }
      known.set(kept(cookie), session)
      return visitOf(cookie, session, 'new')
    },
    end,
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

/** Whoever reads our memory cannot use what stands there. */
function kept(cookie: string): string {
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
