import { expect, test } from 'vitest'
import { reportShare } from '../../src/compose/report-share.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { patience } from '../support/contracts/outside.ts'
import { closed, declared, incidentAfter, opened } from '../support/builders.ts'

const wanted: Event = { type: 'report-requested', by: 'U0ANA' }
const written = (report: number): Event => ({ type: 'report-written', report, ok: true, says: 'x' })

test('the newest report is owed to the thread, and none before it was written', () => {
  expect(reportShare.owed(incidentAfter(opened, declared, closed, wanted))).toEqual([])
  const first = incidentAfter(opened, declared, closed, wanted, written(1))
  expect(reportShare.owed(first)).toEqual([{ key: 'report-1', name: 'i-1-report-1.md' }])
  const second = incidentAfter(opened, declared, closed, wanted, written(1), wanted, written(2))
  expect(reportShare.owed(second)).toEqual([{ key: 'report-2', name: 'i-1-report-2.md' }])
})

test('it is the report as Markdown, under the title of the incident', async () => {
  const incident = incidentAfter(opened, declared, closed, wanted, written(1))
  const { title, altText, bytes } = await reportShare.make(incident, 'report-1', patience())
  expect(title).toBe('Incident report: 5xx above 50 %')
  expect(altText).toBeNull()
  expect(new TextDecoder().decode(bytes)).toMatch(/^# Incident report: 5xx above 50 %\n/)
})
