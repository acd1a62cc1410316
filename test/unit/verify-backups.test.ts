import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { verifyBackups } from '../../src/compose/verify-backups.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Backup } from '../../src/domain/data/backup.ts'
import type { Backups } from '../../src/ports/backups.ts'
import { manifestOf } from '../support/manifest.ts'

const MINUTE = 60_000
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 3, 12, 5) })
})
afterEach(() => {
  vi.useRealTimers()
  for (const one of Object.values(log)) one.mockClear()
})

function backup(id: string, changes: Partial<Backup> = {}): Backup {
  const changedAt = '2026-11-22T02:50:00.000Z'
  return { id, kind: 'archive', bytes: 1_000, changedAt, manifest: null, problem: null, ...changes }
}

/** A catalogue in which reading a backup whole makes it known, good or bad. */
function catalogue(list: readonly Backup[], damaged: readonly string[] = []) {
  let held = list
  const asked: string[] = []
  const backups: Pick<Backups, 'list' | 'verify'> = {
    list: async () => held,
    async verify(id) {
      asked.push(id)
      const manifest = manifestOf({ id })
      const because = 'it is cut off'
      const found = damaged.includes(id) ? { problem: because } : { manifest }
      held = held.map((one) => (one.id === id ? { ...one, ...found } : one))
      return damaged.includes(id) ? { kind: 'damaged', because } : { kind: 'verified', manifest }
    },
  }
  return { backups, asked }
}

test('what nobody has read yet is read whole, the newest first, and never twice', async () => {
  const read = backup('read', { manifest: manifestOf({ id: 'read' }) })
  const { backups, asked } = catalogue(
    [
      backup('new'),
      read,
      backup('cut'),
      backup('link', { problem: 'it is a link' }),
      backup('old'),
    ],
    ['cut'],
  )
  const verifying = verifyBackups({ backups, log })
  await vi.advanceTimersByTimeAsync(3 * MINUTE)
  await verifying.stop()
  expect(asked).toEqual(['new', 'cut', 'old'])
  expect(log.warn.mock.calls).toEqual([
    ['a backup cannot be used', { backup: 'cut', because: 'it is cut off' }],
  ])
})

test('a catalogue that cannot be read is tried again, and told once', async () => {
  let broken = true
  const { backups, asked } = catalogue([backup('new')])
  const list: Backups['list'] = async (signal) => {
    if (broken) throw new Fault({ kind: 'retryable', dependency: 'backups', detail: 'away' })
    return backups.list(signal)
  }
  const verifying = verifyBackups({ backups: { ...backups, list }, log })
  await vi.advanceTimersByTimeAsync(3 * MINUTE)
  expect(log.warn).toHaveBeenCalledTimes(1)
  broken = false
  await vi.advanceTimersByTimeAsync(MINUTE)
  await verifying.stop()
  expect(asked).toEqual(['new'])
})

test('a stop does not wait for a large one', async () => {
  const never = () => new Promise<never>(() => {})
  const { backups } = catalogue([backup('large')])
  const verifying = verifyBackups({ backups: { ...backups, verify: never }, log })
  await vi.advanceTimersByTimeAsync(1)
  await expect(verifying.stop()).resolves.toBeUndefined()
})
