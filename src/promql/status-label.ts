import { childrenOf, nodesIn, parsed, sumOfRate } from './read-query.ts'

/** Of a query that counts what failed: its selector, narrowed to other statuses of the same label. */
export type ByStatus = {
  /** How the label is called that tells the status. */
  readonly label: string
  readonly metric: string | null
  /** As it stands in the query: `5m`. */
  readonly window: string
  readonly failed: string
  /** `matcher`: how a status is told apart, as `=~"4.."`. */
  of(matcher: string): string
}

/** `null`: it is not `sum(rate(…))` of something whose label says 5xx. */
export function byStatus(query: string): ByStatus | null {
  const counted = sumOfRate(query)
  const { text, metric } = counted?.selector ?? {}
  const tree = text === undefined ? null : parsed(text)
  if (!counted || text === undefined || metric === undefined || !tree) return null
  const [matchers] = nodesIn(tree, 'LabelMatchers')
  for (const { from, to } of matchers ? childrenOf(matchers) : []) {
    const [, label, wanted] = MATCHER.exec(text.slice(from, to)) ?? []
    if (label === undefined || wanted === undefined || !isOfFailures(wanted)) continue
    return {
      label,
      metric,
      window: `${Math.round(counted.windowMs / 1_000)}s`,
      failed: text,
      of: (matcher) => `${text.slice(0, from)}${label}${matcher}${text.slice(to)}`,
    }
  }
  return null
}

const MATCHER = /^([a-zA-Z_]\w*)\s*=~\s*["'`](.+)["'`]$/

function isOfFailures(wanted: string): boolean {
  try {
    // In quotes a backslash is written twice.
    const matches = new RegExp(`^(?:${wanted.replaceAll('\\\\', '\\')})$`)
    return (
      matches.test('500') && matches.test('503') && !matches.test('200') && !matches.test('404')
    )
  } catch {
    return false
  }
}
