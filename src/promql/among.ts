import { childrenOf, nodesIn, parsed, remembered } from './read-query.ts'

type SyntaxNode = NonNullable<ReturnType<typeof parsed>>

/** The same question as one that may stand among others in a query, and as it was so many seconds ago. */
export type Among = { readonly now: string; ago(seconds: number): string | null }

/** `null`: nothing that is known to be a question, or more than one; that is asked alone. */
export const among = remembered((query: string): Among | null => {
  const tree = parsed(query)
  const kind = tree && kindOf(tree)
  if (!tree || !kind) return null
  const vector = (text: string) => (kind === 'scalar' ? `vector(${text})` : text)
  const ends = endsOfSelectors(tree)
  return {
    now: vector(query),
    ago: (seconds) => {
      if (!ends) return null
      const moved = ends.reduce(
        (text, end) => `${text.slice(0, end)} offset ${seconds}s${text.slice(end)}`,
        query,
      )
      return vector(moved)
    },
  }
})

const SCALARS = new Set(['Time', 'Scalar', 'Pi'])
const VECTORS = new Set(['VectorSelector', 'AggregateExpr'])
const AS_INSIDE = new Set(['ParenExpr', 'OffsetExpr', 'StepInvariantExpr'])

/** What a query gives; `null`: a range, a text, or something that is not known here. */
function kindOf(node: SyntaxNode): 'vector' | 'scalar' | null {
  const children = childrenOf(node)
  const [first] = children
  if (VECTORS.has(node.name)) return 'vector'
  if (node.name === 'NumberDurationLiteral') return 'scalar'
  if (node.name === 'FunctionCall') {
    const named = first && childrenOf(first)[0]?.name
    if (named === undefined) return null
    return SCALARS.has(named) ? 'scalar' : 'vector'
  }
  if (AS_INSIDE.has(node.name)) return first ? kindOf(first) : null
  if (node.name !== 'BinaryExpr') return null
  const sides = [first, children.at(-1)].map((side) => side && kindOf(side))
  if (sides.some((side) => !side)) return null
  return sides.includes('vector') ? 'vector' : 'scalar'
}

/** What asks about a time of its own, or about the time itself, means something else at another time. */
const OF_ITS_OWN_TIME = ['OffsetExpr', 'StepInvariantExpr', 'SubqueryExpr']

/** Where each selector ends, the last first; `null`: it cannot be asked as it was before. */
function endsOfSelectors(tree: SyntaxNode): readonly number[] | null {
  if (OF_ITS_OWN_TIME.some((name) => nodesIn(tree, name).length > 0)) return null
  const calls = nodesIn(tree, 'FunctionCallBody')
  if (calls.some((body) => childrenOf(body).length === 0)) return null
  const ranges = nodesIn(tree, 'MatrixSelector')
  const inRange = new Set(ranges.map(({ from }) => from))
  const bare = nodesIn(tree, 'VectorSelector').filter(({ from }) => !inRange.has(from))
  return [...ranges, ...bare].map(({ to }) => to).toSorted((a, b) => b - a)
}
