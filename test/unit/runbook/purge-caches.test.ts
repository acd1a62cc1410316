import { describe, expect, test } from 'vitest'
import type { ItemVerdict } from '../../../src/domain/verification/item.ts'
import type { Checks } from '../../../src/ports/checks.ts'
import { purgeCaches } from '../../../src/runbook/parts/steps/purge-caches.ts'
import { inSandbox, settings } from './in-sandbox.ts'

const caches = [
  { id: 'cdn', title: 'CDN' },
  { id: 'proxy', title: 'Proxy' },
]

async function applied(verdicts: Readonly<Record<string, ItemVerdict>>) {
  const sandbox = inSandbox()
  const asked: string[][] = []
  const purges: Checks = {
    async prove(ids) {
      asked.push([...ids])
      return ids.map((item) => {
        const verdict = verdicts[item] ?? 'passed'
        return { item, kind: 'http', verdict, says: `it ${verdict}`, tookMs: 1 }
      })
    },
  }
  const step = purgeCaches.bind({ caches })
  const context = sandbox.context()
  const world = { ...context.world, purges }
  const found = await step.inspect({ ...context, world })
  if (found.kind !== 'needed') throw new Error(found.kind)
  return { done: await found.apply({ ...context, world }), asked }
}

describe('purge-caches', () => {
  test('asks each of them, and says what it answered', async () => {
    const { done, asked } = await applied({})
    expect(asked).toEqual([['cdn', 'proxy']])
    expect(done).toMatchObject({ found: { says: 'CDN: it passed; Proxy: it passed' } })
  })

  test('where one did not forget, it names that one, and does not say what became of it', async () => {
    const { done } = await applied({ proxy: 'failed' })
    expect(done).toEqual({ kind: 'refused', applied: 'unknown', says: 'Proxy: it failed' })
  })
})

test('a plan purges what is configured beside it, and clear-cache does too', async () => {
  const sandbox = inSandbox({ purges: caches })
  const rollback = await sandbox.drafted({ kind: 'kubernetes', toVersion: null })
  const step = { id: 'purge-caches', title: 'Purge CDN, Proxy', beside: true }
  expect(rollback.steps).toContainEqual(expect.objectContaining(step))
  expect((await sandbox.drafted({ kind: 'clear-cache' })).steps).toContainEqual(
    expect.objectContaining(step),
  )
})

test('no plan purges what is not configured', async () => {
  expect(settings.purges ?? []).toEqual([])
  const { steps } = await inSandbox().drafted({ kind: 'kubernetes', toVersion: null })
  expect(steps.map(({ id }) => id)).not.toContain('purge-caches')
})
