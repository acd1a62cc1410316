import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import { incidentLog } from '../../../src/engine/journal/incident-log.ts'
import { preparing } from '../../../src/engine/run/prepare.ts'
import type { Runbook } from '../../../src/engine/run/runbook.ts'
import type { World } from '../../../src/ports/world.ts'
import { declared, opened, plan, proposed } from '../../support/builders.ts'
import { openJournal, temporaryFolder } from '../../support/journal.ts'

test('what cannot be written down ends the preparation, and not the process', async () => {
  const incidents = incidentLog(openJournal(join(temporaryFolder(), 'journal.sqlite')), {
    reach() {},
  })
  await incidents.append('i-1', () => [opened, declared, ...proposed()])
  const full = new Fault({
    kind: 'retryable',
    dependency: 'journal',
    code: 'full',
    detail: 'the disk is full',
  })
  let ended = false
  const prepare = async (
    { signal }: { readonly signal: AbortSignal },
    report: (says: string, progress: null) => void,
  ) => {
    report('one half', null)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    report('the other half', null)
    ended = true
    return { ok: true, says: 'ready' }
  }
  const prepared = preparing({
    knowsPlan: async () => true,
    incidents: { ...incidents, append: async () => Promise.reject(full) },
    runbook: async () => ({ bind: () => ({ prepare }) }) as unknown as Runbook,
    world: async () => ({}) as World,
    stopped: new AbortController().signal,
  })
  await expect(prepared('i-1', 1)).rejects.toBe(full)
  expect(ended).toBe(true)
  expect((await incidents.load('i-1')).plans[0]).toMatchObject({
    preparing: null,
    preparation: null,
  })
})

test('how far it is, is written down in the same words, too', async () => {
  const journal = openJournal(join(temporaryFolder(), 'journal.sqlite'))
  const incidents = incidentLog(journal, { reach() {} })
  const one = plan({ steps: plan().steps.slice(0, 1) })
  await incidents.append('i-1', () => [opened, declared, ...proposed(one)])
  const prepare = async (
    _: unknown,
    report: (says: string, progress: { done: number; total: number; unit: string }) => void,
  ) => {
    for (const done of [1, 1, 2]) report('pulls', { done, total: 3, unit: 'layers' })
    return { ok: true, says: 'ready' }
  }
  const prepared = preparing({
    knowsPlan: async () => true,
    incidents,
    runbook: async () => ({ bind: () => ({ prepare }) }) as unknown as Runbook,
    world: async () => ({}) as World,
    stopped: new AbortController().signal,
  })
  await prepared('i-1', 1)
  const told = (await journal.read('i-1')).flatMap(({ event }) => {
    return event.type === 'preparation-progressed' ? [event.progress?.done] : []
  })
  expect(told).toEqual([1, 2])
})
