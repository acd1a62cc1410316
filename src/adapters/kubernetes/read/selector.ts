import type { Selector } from './schema.ts'

/** As the API server matches them: every condition holds. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value)
  return equal && selector.matchExpressions.every((one) => holds(one, labels))
}

function holds(
  { key, operator, values }: Selector['matchExpressions'][number],
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return operator satisfies never
  }
}

/** So that no proxy on the way refuses the address for its length. */
const mostTogether = 50

/**
 * As few label selectors as may stand for all of these: those that tell themselves apart by the same
 * label are asked for together. Together they may select more than each; {@link selects} tells.
 */
export function labelSelectors(selectors: readonly Selector[]): string[] {
  const texts: string[] = []
  for (let left = [...selectors]; left.length > 0;) {
    const group = together(left).slice(0, mostTogether)
    texts.push(textOf(group))
    left = left.filter((one) => !group.includes(one))
  }
  return [...new Set(texts)]
}

/** Those with the label that tells the most of them apart. One that tells none apart selects too much. */
function together(selectors: readonly Selector[]): readonly Selector[] {
  const found = new Map<string, Set<string>>()
  for (const [key, values] of selectors.flatMap(demanded)) {
    found.set(key, new Set([...(found.get(key) ?? []), ...values]))
  }
  const [best] = [...found].toSorted(([, one], [, other]) => other.size - one.size)
  if (!best || best[1].size < 2) return selectors.slice(0, 1)
  return selectors.filter((one) => demanded(one).some(([key]) => key === best[0]))
}

/** The labels it demands, each with the values that it may have. */
function demanded({ matchLabels, matchExpressions }: Selector): [string, readonly string[]][] {
  return [
    ...Object.entries(matchLabels).map(([key, value]): [string, string[]] => [key, [value]]),
    ...matchExpressions
      .filter(({ operator }) => operator === 'In')
      .map(({ key, values }): [string, readonly string[]] => [key, values]),
  ]
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
function textOf(group: readonly Selector[]): string {
  const [first, ...others] = group
  if (!first) return ''
  if (others.length === 0) {
    const equal = Object.entries(first.matchLabels).map(([key, value]) => `${key}=${value}`)
    return [...equal, ...first.matchExpressions.map(conditionText)].join(',')
  }
  const shared = [...new Set(demanded(first).map(([key]) => key))].filter((key) =>
    others.every((one) => demanded(one).some(([name]) => name === key)),
  )
  return shared
    .map((name) => {
      const values = group.flatMap(demanded).flatMap(([key, any]) => (key === name ? any : []))
      return `${name} in (${[...new Set(values)].join(',')})`
    })
    .join(',')
}

function conditionText({ key, operator, values }: Selector['matchExpressions'][number]): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`
    case 'NotIn':
      return `${key} notin (${values.join(',')})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    default:
      return operator satisfies never
  }
}
