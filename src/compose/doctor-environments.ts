import type { Config } from '../config/load-config.ts'
import { careful, ok, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import type { World } from '../ports/world.ts'
import { askedTogether, PART } from '../promql/ask-together.ts'
import { selectorsIn } from '../promql/read-query.ts'

const TRIED = 'whose series are counted'

/** Labels by which people tell their environments apart. */
const TELLS_APART = [
  'env',
  'environment',
  'deployment_environment',
  'stage',
  'tier',
  'namespace',
  'cluster',
]

/** Whether the numbers are of this environment alone: one more in the same server is counted along. */
export async function checkEnvironments(
  { assess: { metrics: settings, deadlineMs } }: Pick<Config, 'assess'>,
  { metrics }: Pick<World, 'metrics'>,
): Promise<readonly Check[]> {
  const [selector] = selectorsIn(settings.traffic)
  if (!metrics || !selector) return []
  const query = askedTogether(
    Object.fromEntries(
      TELLS_APART.map((label) => [label, `count by (${label}) (${selector.text})`]),
    ),
  )
  try {
    const answer = await metrics.labelled(query, { signal: AbortSignal.timeout(deadlineMs) })
    // That it does not answer as it should is told by the probes.
    if (answer.kind !== 'series') return []
    const several = TELLS_APART.flatMap((label) => {
      const values = answer.series
        .filter(({ labels }) => labels[PART] === label)
        .map(({ labels }) => labels[label] ?? '')
      return values.length > 1 ? [{ label, values }] : []
    })
    const [first] = several
    if (!first) return [ok('prometheus', TRIED, 'of one environment alone')]
    const { label, values } = first
    const found = `prometheus.traffic counts series with ${label} ${values
      .slice(0, 5)
      .map((value) => value || '(none)')
      .join(', ')}: another environment may be among them`
    const todo = `where it is, set prometheus.match to what selects yours, like ${label}="${values.find((value) => value !== '') ?? 'production'}"`
    return [{ ...careful('prometheus', TRIED, found, todo), query: selector.text }]
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}
