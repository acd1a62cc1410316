import { expect, test } from 'vitest'
import { stepContext } from '../../../src/engine/run/step-context.ts'
import type { World } from '../../../src/ports/world.ts'
import { openGate, planOf } from '../../support/plan-story.ts'

const markOf = (digest: string): string => {
  const world = {} as World
  const state = openGate({ plan: { ...planOf(), schema: 3, digest } })
  const { signal } = new AbortController()
  return stepContext({ incident: '20261122-k7qf', state, world, signal }).key
}

test('a plan whose number is used again, as by a journal restored from a backup, leaves another mark', () => {
  const first = markOf('ab'.repeat(32))
  expect(first).toMatch(/^20261122-k7qf\/plan-1\/abab/)
  expect(markOf('cd'.repeat(32))).not.toBe(first)
  expect(markOf('ab'.repeat(32))).toBe(first)
})
