import { describe, expect, test } from 'vitest'
import type { Alerts } from '../../../src/ports/alerts.ts'
import { faultOf, outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

export type FiringAlert = {
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string | null
}

export type AlertsSubject = Outside<Alerts> & {
  /** Where these fire, and perhaps others. Resolves once they are open. */
  readonly start: (firing: readonly FiringAlert[]) => Promise<Alerts>
}

const rootLogin: FiringAlert = {
  labels: { alertname: 'RootLogin', category: 'security', severity: 'critical' },
  summary: 'Somebody logged in as root',
}
const unsaid: FiringAlert = {
  labels: { alertname: 'PolicyViolation', category: 'security', severity: 'info' },
  summary: null,
}
const disk: FiringAlert = {
  labels: { alertname: 'DiskFull', category: 'capacity', severity: 'critical' },
  summary: 'The disk is full',
}
const SECURITY = 'category="security"'

export function alertsContract(name: string, subject: AlertsSubject): void {
  describe(`${name} keeps the promises of Alerts`, () => {
    test('those that fit are told, with what they say of themselves', async () => {
      const alerts = await subject.start([rootLogin, unsaid, disk])
      const open = await alerts.open([SECURITY], patience())
      expect(open.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
        { name: 'PolicyViolation', startsAt: expect.any(String), summary: null },
        { name: 'RootLogin', startsAt: expect.any(String), summary: 'Somebody logged in as root' },
      ])
      for (const { startsAt } of open) expect(Date.parse(startsAt)).toBeGreaterThan(0)
    })

    test('all matchers have to fit', async () => {
      const alerts = await subject.start([rootLogin, unsaid, disk])
      const names = async (...matchers: readonly string[]) =>
        (await alerts.open(matchers, patience())).map((one) => one.name)
      expect(await names(SECURITY, 'severity="critical"')).toEqual(['RootLogin'])
      expect(await names(SECURITY, 'severity!="critical"')).toEqual(['PolicyViolation'])
      expect(await names(SECURITY, 'alertname=~"Root.*"')).toEqual(['RootLogin'])
      expect(await names('category="none of it"')).toEqual([])
    })

    test('a matcher that is none is refused in its own words', async () => {
      const alerts = await subject.start([])
      const fault = await faultOf(alerts.open(['no matcher'], patience()))
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'alertmanager', code: '400' })
      expect(fault.detail).toMatch(/^it answered HTTP 400: .*matcher/)
    })

    outsideContract(subject, {
      'a question': (alerts, signal) => alerts.open([SECURITY], signal),
    })
  })
}
