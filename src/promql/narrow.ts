import { childrenOf, nodesIn, parsed } from './read-query.ts'

/** Whether this is what may stand between the braces of a selector: `env="production"`. */
export function areMatchers(match: string): boolean {
  const selector = parsed(`up{${match}}`)
  if (selector?.name !== 'VectorSelector') return false
  const matchers = childrenOf(selector).find(({ name }) => name === 'LabelMatchers')
  const all = matchers ? childrenOf(matchers) : []
  return all.length > 0 && all.every(({ name }) => name.endsWith('LabelMatcher'))
}

/** The same query over what also has these labels, in every selector of it; as it is, where it is no query. */
export function narrowed(query: string, match: string | null): string {
  const tree = match === null ? null : parsed(query)
  if (match === null || !tree) return query
  return nodesIn(tree, 'VectorSelector')
    .toReversed()
    .reduce((text, node) => {
      const braces = childrenOf(node).find(({ name }) => name === 'LabelMatchers')
      if (!braces) return `${text.slice(0, node.to)}{${match}}${text.slice(node.to)}`
      const inside = text.slice(braces.from + 1, braces.to - 1).trim()
      const both = inside === '' ? match : `${match},${inside}`
      return `${text.slice(0, braces.from)}{${both}}${text.slice(braces.to)}`
    }, query)
}
