import { Fault } from '../domain/base/fault.ts'
import type { Alerts } from '../ports/alerts.ts'
import { answering } from './simulated-availability.ts'
import type { Stage } from './production.ts'

/** An alert that fires, with the labels that matchers look at. */
export type SimulatedAlert = {
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string | null
}

/** Fires for ever on purpose, to show that alerts come at all. */
const WATCHDOG: SimulatedAlert = {
  labels: { alertname: 'Watchdog', severity: 'none' },
  summary: 'An alert that should always be firing',
}

/** What the release does, as anybody would be told of it. */
const HIGH_ERROR_RATE: SimulatedAlert = {
  labels: { alertname: 'HighErrorRate', severity: 'critical', category: 'availability' },
  summary: 'Many requests end in 5xx',
}

const ALERTING_FROM_PERCENT = 5

export function sandboxAlerts(stage: Stage): Alerts {
  const answer = answering('alertmanager', stage)
  return {
    open: (matchers, signal) =>
      answer(stage.production().alertmanager, signal, () => {
        const { alerts, errorPercent } = stage.production()
        const firing = errorPercent >= ALERTING_FROM_PERCENT ? [HIGH_ERROR_RATE] : []
        const asked = matchers.map(parsed)
        return [WATCHDOG, ...firing, ...alerts]
          .filter(({ labels }) => asked.every((fits) => fits(labels)))
          .map(({ labels, summary }) => ({
            name: labels['alertname'] ?? 'an alert without a name',
            startsAt: new Date(stage.deployedAtMs).toISOString(),
            summary,
          }))
      }),
  }
}

/** `label="value"`, with `!=`, `=~` and `!~` too; an absent label is an empty one. */
function parsed(matcher: string): (labels: SimulatedAlert['labels']) => boolean {
  const [, label = '', how = '', value = ''] = /^(\w+)(=~|!~|!=|=)"?(.*?)"?$/.exec(matcher) ?? []
  if (label === '') {
    const detail = `it answered HTTP 400: bad matcher format: ${matcher}`
    throw new Fault({ kind: 'terminal', dependency: 'alertmanager', detail, code: '400' })
  }
  return (labels) => {
    const found = labels[label] ?? ''
    const fits = how.includes('~') ? new RegExp(`^(?:${value})$`).test(found) : found === value
    return how.startsWith('!') ? !fits : fits
  }
}
