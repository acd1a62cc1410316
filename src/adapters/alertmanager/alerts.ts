import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { Alerts, OpenAlert } from '../../ports/alerts.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import { Alerts as Answer, Refused } from './schema.ts'

const dependency = 'alertmanager'

/** An incident that opens thousands of alerts is answered all the same, and never read without end. */
const MOST_BYTES = 4 * 1024 * 1024

/**
 * Alertmanager's open alerts, over its API of version 2. `url` is its address with the prefix it was
 * started with. https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export function alertmanagerAlerts(options: {
  readonly url: string
  readonly endpoints: Endpoints
}): Alerts {
  const base = `${options.url.replace(/\/+$/, '')}/api/v2/alerts`
  return {
    async open(matchers, signal) {
      const query = new URLSearchParams({ active: 'true', silenced: 'false', inhibited: 'false' })
      for (const matcher of matchers) query.append('filter', matcher)
      const url = `${base}?${query.toString()}`
      const answer = await options.endpoints.ask({ url, signal, maxBytes: MOST_BYTES })
      if (answer.status !== 200) throw refusal(answer)
      if (answer.truncated) throw unusable('its answer is longer than 4 MiB')
      const parsed = Answer.safeParse(jsonOf(answer.body))
      if (!parsed.success) throw unusable('its answer is no list of alerts; is it Alertmanager?')
      // One that came just now is not yet sorted, and fires all the same.
      return parsed.data.filter(({ status }) => status.state !== 'suppressed').map(toAlert)
    },
  }
}

function toAlert({ labels, annotations, startsAt }: Answer[number]): OpenAlert {
  return {
    name: labels['alertname'] ?? 'an alert without a name',
    startsAt,
    summary: annotations['summary'] ?? null,
  }
}

/** In its own words where it has some: a matcher that it cannot parse. */
function refusal({ status, body }: { readonly status: number; readonly body: string }): Fault {
  const said = Refused.safeParse(jsonOf(body)).data
  const why = said === undefined ? '' : `: ${typeof said === 'string' ? said : said.message}`
  const kind = status >= 500 || status === 429 ? 'retryable' : 'terminal'
  const detail = `it answered HTTP ${status}${why.slice(0, 300)}`
  return new Fault({ kind, dependency, detail, code: String(status) })
}

function unusable(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency, detail })
}
