import { describe, expect, onTestFinished, test } from 'vitest'
import type { StatusPages, StatusUpdate } from '../../../src/ports/status-pages.ts'
import { post } from '../status-posts.ts'
import type { Trouble } from '../status-page-server.ts'
import { faultOf, patience } from './outside.ts'

/** One update as it stands there: what people read. */
type Standing = { readonly incident: string; readonly status: string; readonly body: string }

export type StatusPagesSubject = {
  readonly pages: StatusPages
  /** Every update that stands there, in the order in which they came. */
  readonly standing: () => Promise<readonly Standing[]>
  /** What becomes of the next calls; left out where nothing stands between it and us. */
  readonly next?: (kind: 'read' | 'write', ...troubles: readonly Trouble[]) => void
  readonly end?: () => Promise<void>
}

export function update(changes: Partial<StatusUpdate> = {}): StatusUpdate {
  return { ...post(), incident: '20261122-post', key: 'investigating', page: null, ...changes }
}

const later = (page: string | null): StatusUpdate =>
  update({
    key: 'identified',
    stage: 'identified',
    status: 'identified',
    body: 'A recent update is the likely cause.',
    page,
  })

/** What every status page promises. */
export function statusPagesContract(
  name: string,
  start: () => Promise<StatusPagesSubject>,
  has: { readonly troubles: boolean; readonly find: boolean },
): void {
  async function started(): Promise<StatusPagesSubject> {
    const subject = await start()
    onTestFinished(async () => subject.end?.())
    return subject
  }

  describe(`${name}: status page`, () => {
    test('takes every stage once, in one incident, and says what it is called', async () => {
      const { pages, standing } = await started()
      const first = await pages.publish(update(), patience())
      const second = await pages.publish(later(first.id), patience())
      expect(first.id).not.toBe('')
      expect(Date.parse(second.at)).not.toBeNaN()
      expect(await standing()).toEqual([
        expect.objectContaining({ status: 'investigating' }),
        expect.objectContaining({ status: 'identified' }),
      ])
      expect(new Set((await standing()).map(({ incident }) => incident)).size).toBe(1)
    })

    test('tells incidents apart', async () => {
      const { pages, standing } = await started()
      await pages.publish(update(), patience())
      await pages.publish(update({ incident: '20261122-next' }), patience())
      expect(new Set((await standing()).map(({ incident }) => incident)).size).toBe(2)
    })

    test('shows what people typed as text, and nothing else', async () => {
      const { pages, standing } = await started()
      const typed = '<script>alert(1)</script> [here](https://evil.example) <!channel> {{ site }}'
      await pages.publish(update({ body: `All is lost.\n# ${typed}` }), patience())
      const [there] = await standing()
      expect(there?.body).toContain('All is lost.')
      if (name !== 'webhook') {
        expect(there?.body).not.toMatch(/<script|\]\(|https:\/\/|<!|\{\{|^#/m)
      }
    })

    if (has.find) {
      test('finds what is there, and nothing else', async () => {
        const { pages } = await started()
        expect(await pages.find?.(update(), patience())).toBeNull()
        const { id } = await pages.publish(update(), patience())
        expect(await pages.find?.(update(), patience())).toMatchObject({ id })
        expect(await pages.find?.(later(id), patience())).toBeNull()
        expect(await pages.find?.(update({ incident: '20261122-next' }), patience())).toBeNull()
      })
    }

    test('can be checked without publishing anything', async () => {
      const { pages, standing } = await started()
      const checks = await pages.check(patience())
      expect(checks.map(({ state }) => state)).not.toContain('wrong')
      expect(checks.length).toBeGreaterThan(0)
      expect(await standing()).toEqual([])
    })

    if (has.troubles) troublesContract(started, has)
  })
}

function troublesContract(
  started: () => Promise<StatusPagesSubject>,
  has: { readonly find: boolean },
): void {
  test.each<[string, Trouble, object]>([
    ['401', { answer: 401 }, { kind: 'terminal', code: '401' }],
    ['403', { answer: 403 }, { kind: 'terminal', code: '403' }],
    ['404', { answer: 404 }, { kind: 'terminal', code: '404' }],
    ['422', { answer: 422, error: 'Name is too long' }, { kind: 'terminal', code: '422' }],
    ['a redirect', { answer: 302 }, { kind: 'terminal', code: '302' }],
    ['420', { answer: 420 }, { kind: 'retryable', code: '420' }],
    [
      '429 with a time',
      { answer: 429, retryAfter: '1' },
      { kind: 'retryable', retryAfterMs: 1_000 },
    ],
    ['500', { answer: 500 }, { kind: 'retryable', code: '500' }],
    ['503', { answer: 503 }, { kind: 'retryable', code: '503' }],
    ['504, which may have acted', { answer: 504 }, { kind: 'unknown-outcome', code: '504' }],
  ])('%s is a fault of its kind, and nothing stands there', async (_, trouble, fault) => {
    const { pages, standing, next } = await started()
    next?.('write', trouble)
    expect(await faultOf(pages.publish(update(), patience()))).toMatchObject(fault)
    expect(await standing()).toEqual([])
    await pages.publish(update(), patience())
    expect(await standing()).toHaveLength(1)
  })

  test.each<[string, Trouble]>([
    ['of which the answer is lost', 'lost'],
    ['that answers too late', { actsAndAnswersAfterMs: 1_500 }],
  ])('one %s may have acted, and is not taken for refused', async (_, trouble) => {
    const { pages, standing, next } = await started()
    next?.('write', trouble)
    const signal = AbortSignal.timeout(700)
    expect(await faultOf(pages.publish(update(), signal))).toMatchObject({
      kind: 'unknown-outcome',
    })
    expect(await standing()).toHaveLength(1)
    if (!has.find) return
    expect(await pages.find?.(update(), patience())).not.toBeNull()
    // Sent once more all the same, it stands there once.
    await pages.publish(update(), patience())
    expect(await standing()).toHaveLength(1)
  })

  test('one that is out of reach has not acted', async () => {
    const { pages, end } = await started()
    await end?.()
    expect(await faultOf(pages.publish(update(), patience()))).toMatchObject({
      kind: 'retryable',
      code: 'ECONNREFUSED',
    })
  })

  test('whatever goes wrong, no key and no address with one is told', async () => {
    const { pages, next } = await started()
    for (const trouble of [{ answer: 401 }, { answer: 500 }, 'lost'] as const) {
      next?.('write', trouble)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const fault = await faultOf(pages.publish(update({ key: 'identified' }), patience()))
      expect(`${fault.message} ${fault.detail}`).not.toMatch(/key-of-the-page|token-of-the/)
    }
  })
}
