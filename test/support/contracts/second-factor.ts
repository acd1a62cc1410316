import { describe, expect, test } from 'vitest'
import { LOCKOUT } from '../../../src/domain/second-factor/code.ts'
import { LINK_MS, WAITS_MS } from '../../../src/domain/second-factor/enrolment.ts'
import type { SigningStore } from '../../../src/ports/second-factor.ts'
import { codeAt, proved } from '../second-factor.ts'

export type SecondFactorSubject = {
  /** An empty store, gone after the test, and a hand on its time. */
  readonly start: () => Promise<{
    readonly clock: { nowMs: number }
    readonly store: SigningStore
    /** Another one, of the same store, as after a restart. */
    readonly connect: () => Promise<SigningStore>
  }>
}

const HALF_MINUTE = 30_000

/** What every store of second factors promises. */
export function secondFactorContract(subject: SecondFactorSubject): void {
  /** Ana, whose enrolment counts. */
  async function withAna() {
    const begun = await subject.start()
    const { store, clock } = begun
    const { secret, handle } = await proved(store, 'U0ANA', clock.nowMs)
    const { id = '' } = (await store.enrolmentOf('U0ANA')) ?? {}
    expect(await store.confirm('U0ANA', id, 'U0BO')).toBe(true)
    clock.nowMs += WAITS_MS
    return { ...begun, secret, handle, now: () => codeAt(secret, clock.nowMs) }
  }

  describe('a code', () => {
    test('counts once: not for a second deed, not within 90 s, not after a restart', async () => {
      const { store, connect, clock, now } = await withAna()
      const code = now()
      expect(await store.use('U0ANA', code)).toEqual({ kind: 'counts' })
      expect(await store.use('U0ANA', code)).toEqual({ kind: 'used', left: 4 })
      clock.nowMs += HALF_MINUTE
      expect(await (await connect()).use('U0ANA', code)).toEqual({ kind: 'used', left: 3 })
      clock.nowMs += 2 * HALF_MINUTE
      expect(await store.use('U0ANA', code)).toEqual({ kind: 'wrong', left: 2 })
      expect(await store.use('U0ANA', now())).toEqual({ kind: 'counts' })
    })

    test('counts once of twenty that come in one moment, at two who have the store', async () => {
      const { store, connect, now } = await withAna()
      const other = await connect()
      const code = now()
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (at % 2 ? store : other).use('U0ANA', code)),
      )
      expect(all.filter(({ kind }) => kind === 'counts')).toHaveLength(1)
    })

    test('of the half minute before counts, unless a newer one has', async () => {
      const { store, secret, clock, now } = await withAna()
      const before = codeAt(secret, clock.nowMs - HALF_MINUTE)
      expect(await store.use('U0ANA', now())).toEqual({ kind: 'counts' })
      expect(await store.use('U0ANA', before)).toEqual({ kind: 'used', left: 4 })
    })

    test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', "' OR 1=1 --"])(
      'that is none is wrong: %j',
      async (code) => {
        const { store } = await withAna()
        expect(await store.use('U0ANA', code)).toEqual({ kind: 'wrong', left: 4 })
      },
    )

    test('five wrong ones lock that person alone, also after a restart, and not for good', async () => {
      const { store, connect, clock, now } = await withAna()
      const bo = await proved(store, 'U0BO', clock.nowMs)
      const { id = '' } = (await store.enrolmentOf('U0BO')) ?? {}
      await store.confirm('U0BO', id, 'U0ANA')
      for (const left of [4, 3, 2, 1, 0]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await store.use('U0ANA', 'no')).toEqual({ kind: 'wrong', left })
      }
      const locked = { kind: 'locked', untilMs: clock.nowMs + LOCKOUT.lockedMs }
      expect(await store.use('U0ANA', now())).toEqual(locked)
      expect(await (await connect()).use('U0ANA', now())).toEqual(locked)
      expect((await store.use('U0BO', codeAt(bo.secret, clock.nowMs + HALF_MINUTE))).kind).toBe(
        'too-early',
      )
      clock.nowMs += LOCKOUT.lockedMs
      expect(await store.use('U0ANA', now())).toEqual({ kind: 'counts' })
    })
  })

  test('whoever guesses at two who have the store is locked after five, however fast', async () => {
    const { store, connect, now } = await withAna()
    const other = await connect()
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? store : other).use('U0ANA', 'no')),
    )
    const kinds = all.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(5)
    expect(kinds.filter((kind) => kind === 'locked')).toHaveLength(15)
    expect((await store.use('U0ANA', now())).kind).toBe('locked')
  })

  describe('an enrolment', () => {
    test('is of use at another who has the store, at once', async () => {
      const { store, connect, clock } = await subject.start()
      const other = await connect()
      const link = await store.invite('U0ANA')
      const made = await other.redeem(link?.token ?? '')
      const code = codeAt(made?.secret ?? '', clock.nowMs)
      expect(await store.prove('U0ANA', code)).toEqual({ kind: 'counts' })
      expect(await other.prove('U0ANA', code)).toEqual({ kind: 'too-early', fromMs: null })
      const { id = '' } = (await other.named(made?.handle ?? '')) ?? {}
      const both = [store, other].map((one) => one.confirm('U0ANA', id, 'U0BO'))
      expect((await Promise.all(both)).toSorted()).toEqual([false, true])
      clock.nowMs += WAITS_MS
      const later = codeAt(made?.secret ?? '', clock.nowMs)
      expect(await other.use('U0ANA', later)).toEqual({ kind: 'counts' })
      expect(await store.revoke('U0ANA')).toBe(true)
      expect(await other.enrolmentOf('U0ANA')).toBeNull()
    })

    test('begins with a link that is good once, and only for a quarter of an hour', async () => {
      const { store, clock } = await subject.start()
      const link = await store.invite('U0ANA')
      if (!link) throw new Error('no link')
      expect(await store.invited(link.token)).toBe('U0ANA')
      expect(await store.invited(`${link.token}x`)).toBeNull()
      clock.nowMs += LINK_MS
      expect(await store.redeem(link.token)).toBeNull()
      const second = await store.invite('U0ANA')
      const third = await store.invite('U0ANA')
      expect(await store.redeem(second?.token ?? '')).toBeNull()
      const made = await store.redeem(third?.token ?? '')
      expect(made?.uri).toMatch(/^otpauth:\/\/totp\/Backout%20production:[a-z2-9]{8}\?secret=/)
      expect(await store.redeem(third?.token ?? '')).toBeNull()
    })

    test('is proved within that time, confirmed once, and counts a day later', async () => {
      const { store, clock } = await subject.start()
      const { secret } = await proved(store, 'U0ANA', clock.nowMs)
      const { id = '' } = (await store.enrolmentOf('U0ANA')) ?? {}
      clock.nowMs += HALF_MINUTE
      expect(await store.use('U0ANA', codeAt(secret, clock.nowMs))).toEqual({
        kind: 'too-early',
        fromMs: null,
      })
      expect(await store.confirm('U0ANA', id, 'U0ANA')).toBe(false)
      expect(await store.confirm('U0ANA', 'another', 'U0BO')).toBe(false)
      expect(await store.confirm('U0ANA', id, 'U0BO')).toBe(true)
      expect(await store.confirm('U0ANA', id, 'U0CY')).toBe(false)
      const fromMs = clock.nowMs + WAITS_MS
      clock.nowMs += HALF_MINUTE
      const early = await store.use('U0ANA', codeAt(secret, clock.nowMs))
      expect(early).toEqual({ kind: 'too-early', fromMs })
      expect(await store.invite('U0ANA')).toBeNull()
    })

    test('is not proved later, and a wrong code counts towards the lock', async () => {
      const { store, clock } = await subject.start()
      const link = await store.invite('U0ANA')
      const made = await store.redeem(link?.token ?? '')
      expect(await store.prove('U0ANA', '000')).toEqual({ kind: 'wrong', left: 4 })
      clock.nowMs += LINK_MS + 1
      const late = await store.prove('U0ANA', codeAt(made?.secret ?? '', clock.nowMs))
      expect(late.kind).toBe('too-early')
      expect((await store.enrolmentOf('U0ANA'))?.provedMs).toBeNull()
    })

    test('is gone once it is revoked, and what was asked of it confirms no newer one', async () => {
      const { store, clock, now } = await withAna()
      const { id = '' } = (await store.enrolmentOf('U0ANA')) ?? {}
      expect(await store.revoke('U0ANA')).toBe(true)
      expect(await store.revoke('U0ANA')).toBe(false)
      expect((await store.use('U0ANA', now())).kind).toBe('too-early')
      await proved(store, 'U0ANA', clock.nowMs)
      expect(await store.confirm('U0ANA', id, 'U0BO')).toBe(false)
      expect(await store.all()).toHaveLength(1)
    })

    test('is found by the name that was shown with it', async () => {
      const { store, handle } = await withAna()
      expect((await store.named(handle))?.user).toBe('U0ANA')
      expect(await store.named("' OR 1=1 --")).toBeNull()
    })
  })

  test('an answer is kept with its time, and the newest one counts', async () => {
    const { store, connect, clock } = await subject.start()
    const first = clock.nowMs
    await store.answers.keep('account U0ANA', { kind: 'member' })
    expect(await (await connect()).answers.kept('account U0ANA')).toEqual({
      answer: { kind: 'member' },
      atMs: first,
    })
    clock.nowMs += 1
    await store.answers.keep('account U0ANA', { kind: 'guest' })
    expect(await store.answers.kept('account U0ANA')).toMatchObject({ answer: { kind: 'guest' } })
    expect(await store.answers.kept('account U0BO')).toBeNull()
  })

  test('who is signed in is known to each who has the store, and is no answer', async () => {
    const { store, connect } = await subject.start()
    const other = await connect()
    await store.sessions.keep('a', { user: 'U0ANA' })
    expect(await other.sessions.kept('a')).toMatchObject({ answer: { user: 'U0ANA' } })
    await other.sessions.keep('a', null)
    expect(await store.sessions.kept('a')).toMatchObject({ answer: null })
    // The same as the first time, and not left out for it.
    await store.sessions.keep('a', { user: 'U0ANA' })
    expect(await other.sessions.kept('a')).toMatchObject({ answer: { user: 'U0ANA' } })
    expect(await store.answers.kept('a')).toBeNull()
    await expect(store.answers.kept('session a')).rejects.toThrow(/was changed/)
  })
}
