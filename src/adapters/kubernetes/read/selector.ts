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
