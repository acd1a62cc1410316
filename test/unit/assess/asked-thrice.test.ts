import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askedThrice, TIMES } from '../../../src/assess/asked-thrice.ts'
import { found, type Finding } from '../../../src/assess/probe.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { untilAborted } from '../../../src/domain/base/until-aborted.ts'
import { virtually, virtualTimers } from '../../support/virtual-timers.ts'

const deadlineMs = 3_000

const ANSWERS = {
  well: found(200, 'healthy', 'HTTP 200'),
  bad: found(503, 'degraded', 'HTTP 503'),
  unclear: { class: 'value', verdict: 'inconclusive', value: 401, summary: 'HTTP 401' },
} as const satisfies Record<string, Finding>

type Said = keyof typeof ANSWERS | 'fault' | 'silence'
type Answer = { readonly says: Said; readonly afterMs?: number }

/** What comes of it, and how often was asked, at which times. */
async function asked(...answers: readonly (Answer | Said)[]) {
  virtualTimers()
  const times: number[] = []
  const { result, tookMs } = await virtually(async () => {
    const startedMs = performance.now()
    const signal = AbortSignal.timeout(deadlineMs)
    const fault = (code: string) =>
      new Fault({ kind: 'retryable', dependency: 'http', detail: code, code })
    const ask = async (): Promise<Finding> => {
      const next = answers[times.length]
      times.push(performance.now() - startedMs)
      const { says, afterMs = 0 } = typeof next === 'object' ? next : { says: next ?? 'silence' }
      const work = new Promise<Finding>((resolve, reject) => {
        if (says === 'silence') return
        const done = () => (says === 'fault' ? reject(fault('ENOTFOUND')) : resolve(ANSWERS[says]))
        setTimeout(done, afterMs)
      })
      return untilAborted(work, signal).catch((error: unknown) => {
        throw error instanceof Fault ? error : fault('ETIMEDOUT')
      })
    }
    return askedThrice(ask, { deadlineMs, signal }).catch((error: unknown) => error)
  })
  return { result, tookMs, times }
}

describe('asking again', () => {
  test('what is well is asked once, and said as ever', async () => {
    const { result, times } = await asked('well')
    expect(result).toEqual(ANSWERS.well)
    expect(times).toHaveLength(1)
  })

  test('one bad answer among three does not decide', async () => {
    const { result, times } = await asked('bad', 'well', 'well')
    expect(result).toMatchObject({ verdict: 'healthy', value: 200 })
    expect(result).toMatchObject({ summary: 'HTTP 200 (2 of 3), HTTP 503 (1 of 3)' })
    expect(times).toHaveLength(TIMES)
  })

  test('two bad ones do', async () => {
    const { result } = await asked('bad', 'well', 'bad')
    expect(result).toMatchObject({ verdict: 'degraded', value: 503 })
    expect(result).toMatchObject({ summary: 'HTTP 503 (2 of 3), HTTP 200 (1 of 3)' })
  })

  test.each([
    [['bad', 'bad', 'bad'], 'degraded', 'HTTP 503 (3 of 3)'],
    [['unclear', 'unclear', 'unclear'], 'inconclusive', 'HTTP 401 (3 of 3)'],
    [['bad', 'fault', 'fault'], 'degraded', 'HTTP 503 (1 of 3), no answer (2 of 3)'],
    [
      ['bad', 'fault', 'well'],
      'inconclusive',
      'HTTP 503 (1 of 3), HTTP 200 (1 of 3), no answer (1 of 3)',
    ],
    [['fault', 'well', 'well'], 'healthy', 'HTTP 200 (2 of 3), no answer (1 of 3)'],
    [['unclear', 'bad', 'bad'], 'degraded', 'HTTP 503 (2 of 3), HTTP 401 (1 of 3)'],
  ] as const)('%j is %s: %s', async (answers, verdict, summary) => {
    expect((await asked(...answers)).result).toMatchObject({ verdict, summary })
  })

  test('no answer at all is no answer, at the deadline and not later', async () => {
    const { result, tookMs, times } = await asked('silence', 'silence', 'silence')
    expect(result).toBeInstanceOf(Fault)
    expect([tookMs, times]).toEqual([deadlineMs, [0, 1_000, 2_000]])
  })

  test('a lost question does not cost the answer of the next one', async () => {
    const { result, tookMs } = await asked('silence', 'well')
    expect(result).toEqual(ANSWERS.well)
    expect(Math.round(tookMs / 10)).toBe(100)
  })

  test('a slow answer that comes within the deadline counts', async () => {
    const slow = { says: 'well', afterMs: 2_900 } as const
    expect((await asked(slow, slow, slow)).result).toEqual(ANSWERS.well)
  })

  test('a slow bad answer is said to be the only one', async () => {
    const slow = { says: 'bad', afterMs: 2_900 } as const
    const { result, tookMs } = await asked(slow, slow, slow)
    expect(result).toMatchObject({ verdict: 'degraded' })
    expect(result).toMatchObject({ summary: 'HTTP 503 (1 of 3), no answer (2 of 3)' })
    expect(tookMs).toBe(deadlineMs)
  })

  test('whatever comes: within the deadline, at most three times, and one answer never makes it better or worse alone', async () => {
    const Says = fc.constantFrom<Said>('well', 'bad', 'unclear', 'fault', 'silence')
    const Any = fc.record({ says: Says, afterMs: fc.integer({ min: 0, max: 4_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(Any, { minLength: 3, maxLength: 3 }), async (answers) => {
        const { result, tookMs, times } = await asked(...answers)
        expect(tookMs).toBeLessThanOrEqual(deadlineMs)
        expect(times.length).toBeLessThanOrEqual(TIMES)
        if (result instanceof Fault) return
        const { verdict } = result as Finding
        const said = answers.slice(0, times.length).map(({ says }) => says)
        const others = said.filter((says) => says !== 'well')
        if (verdict === 'healthy') expect(others.length).toBeLessThan(said.length)
        if (verdict === 'degraded') expect(said).toContain('bad')
        if (said.every((says) => says === 'well')) expect(verdict).toBe('healthy')
      }),
      { numRuns: 60 },
    )
  })
})
