import { expect, test } from 'vitest'
import { reportShare } from '../../src/compose/report-share.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { patience } from '../support/contracts/outside.ts'
import { closed, declared, incidentAfter, opened } from '../support/builders.ts'

const wanted: Event = { type: 'report-requested', by: 'U0ANA' }
const written = (report: number): Event => ({ type: 'report-written', report, ok: true, says: 'x' })
const pictureSent: Event = {
  type: 'outbox-delivered',
  kind: 'file',
  key: 'chart-3',
  receipt: { file: 'F0PICTURE' },
}

const ALT = 'Errors fell from 62 % to 0 %.'
const withNumbers = reportShare(async () => ALT)
const without = reportShare(async () => null)
const failing = reportShare(async () => {
  const detail = 'connection refused'
  throw new Fault({ kind: 'retryable', dependency: 'prometheus', detail })
})

test('the newest report is owed to the thread, and none before it was written', () => {
  const { owed } = without
  expect(owed(incidentAfter(opened, declared, closed, wanted))).toEqual([])
  const first = incidentAfter(opened, declared, closed, wanted, written(1))
  expect(owed(first)).toEqual([{ key: 'report-1', name: 'i-1-report-1.md' }])
  const second = incidentAfter(opened, declared, closed, wanted, written(1), wanted, written(2))
  expect(owed(second)).toEqual([{ key: 'report-2', name: 'i-1-report-2.md' }])
})

const reported = incidentAfter(opened, declared, closed, wanted, written(1))
const withPicture = incidentAfter(opened, declared, closed, pictureSent, wanted, written(1))

async function textOf(source: ReturnType<typeof reportShare>, incident = reported) {
  const { bytes } = await source.make(incident, 'report-1', patience())
  return new TextDecoder().decode(bytes)
}

test('it is the report as Markdown, under the title of the incident', async () => {
  const { title, altText } = await without.make(reported, 'report-1', patience())
  expect(title).toBe('Incident report: 5xx above 50 %')
  expect(altText).toBeNull()
  expect(await textOf(without)).toMatch(/^# Incident report: 5xx above 50 %\n/)
  expect(await textOf(without)).not.toMatch(/picture/i)
})

test('the picture is told in it, and names no file that does not stand beside it', async () => {
  const alone = await textOf(withNumbers)
  expect(alone).toContain(`\n\n${ALT}\n\n`)
  expect(alone).not.toContain('The picture stands')
  const beside = await textOf(withNumbers, withPicture)
  expect(beside).toContain(`\n\n${ALT}\n\nThe picture stands in this thread.\n\n`)
  expect(beside).not.toContain('![')
})

test('numbers that cannot be read hold up no report', async () => {
  expect(await textOf(failing)).toContain('\n\nNo picture: connection refused.\n\n')
  const beside = await textOf(failing, withPicture)
  expect(beside).toContain('\n\nThe picture stands in this thread.\n\n')
  expect(beside).not.toContain('No picture')
})
