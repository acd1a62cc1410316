import { LRUCache } from 'lru-cache'
import { durationMs } from '../domain/assessment/duration.ts'
import { promqlParser } from './parser.ts'

type SyntaxNode = ReturnType<ReturnType<typeof promqlParser>['parse']>['topNode']

/** One metric, narrowed by labels, as it stands in a query: `http_requests_total{status=~"5.."}`. */
export type Selector = {
  readonly text: string
  /** Without its labels; `null`: it is named by a label. */
  readonly metric: string | null
  readonly from: number
}

/** How often something happened, as the shipped queries ask it. */
export type CountedOver = { readonly selector: Selector; readonly windowMs: number }

/** A quantile of a histogram with buckets. */
export type QuantileOver = CountedOver & { readonly quantile: number }

const RANGE = 'MatrixSelector(VectorSelector,DurationExpr(NumberDurationLiteralInDurationContext))'
const RATE = `FunctionCall(FunctionIdentifier(Rate),FunctionCallBody(${RANGE}))`
const AT_ANOTHER_TIME = `OffsetExpr(${RANGE},Offset,OffsetDurationExpr(NumberDurationLiteralInDurationContext))`
const SUM_OF_RATE = `AggregateExpr(AggregateOp(Sum),FunctionCallBody(${RATE}))`
const SUM_BY_INCREASE = `AggregateExpr(AggregateOp(Sum),AggregateModifier(By,GroupingLabels(LabelName)),FunctionCallBody(FunctionCall(FunctionIdentifier(Increase),FunctionCallBody(${RANGE}))))`
const OR_ZERO =
  'Or,FunctionCall(FunctionIdentifier(Vector),FunctionCallBody(NumberDurationLiteral))'
const QUANTILE = `FunctionCall(FunctionIdentifier(HistogramQuantile),FunctionCallBody(NumberDurationLiteral,AggregateExpr(AggregateOp(Sum),AggregateModifier(By,GroupingLabels(LabelName)),FunctionCallBody(${RATE}))))`

/** The queries of some settings, and as many that were derived of them. */
const REMEMBERED = 200

/** Reads each text once: settings stay what they are, and are read at each assessment. */
export function remembered<Read extends object>(
  read: (query: string) => Read | null,
): (query: string) => Read | null {
  const known = new LRUCache<string, { readonly read: Read | null }>({ max: REMEMBERED })
  return (query) => {
    const before = known.get(query)
    if (before) return before.read
    const now = read(query)
    known.set(query, { read: now })
    return now
  }
}

/** `sum(rate(…))`, with or without `or vector(0)`; `null`: another query, of which nothing is derived. */
export const sumOfRate = remembered((query: string): CountedOver | null => {
  const tree = parsed(query)
  if (!tree) return null
  const shape = outline(tree)
  if (shape !== SUM_OF_RATE && shape !== `BinaryExpr(${SUM_OF_RATE},${OR_ZERO})`) return null
  return countedIn(query, tree)
})

/** `sum by (route, status) (increase(…))`; `null`: another query. */
export const sumByIncrease = remembered(
  (query: string): (CountedOver & { readonly by: readonly string[] }) | null => {
    const tree = parsed(query)
    if (!tree || outline(tree).replaceAll(/,LabelName/g, '') !== SUM_BY_INCREASE) return null
    const counted = countedIn(query, tree)
    const by = nodesIn(tree, 'GroupingLabels').flatMap(childrenOf)
    return counted && { ...counted, by: by.map((label) => textOf(query, label)) }
  },
)

/** `histogram_quantile(0.95, sum by (le) (rate(…_bucket[5m])))`; `null`: another query. */
export const quantileOfBuckets = remembered((query: string): QuantileOver | null => {
  const tree = parsed(query)
  if (!tree || outline(tree).replace(AT_ANOTHER_TIME, RANGE) !== QUANTILE) return null
  const counted = countedIn(query, tree)
  const [grouped] = nodesIn(tree, 'GroupingLabels')
  const [quantile] = nodesIn(tree, 'NumberDurationLiteral')
  if (!counted?.selector.metric?.endsWith('_bucket')) return null
  if (!grouped || !/^\(\s*le\s*\)$/.test(textOf(query, grouped))) return null
  return { ...counted, quantile: Number(quantile && textOf(query, quantile)) }
})

/** Every metric that a query reads. */
export function selectorsIn(query: string): readonly Selector[] {
  const tree = parsed(query)
  return tree ? nodesIn(tree, 'VectorSelector').map((node) => selectorOf(query, node)) : []
}

/** `null`: this is no query. */
export function parsed(query: string): SyntaxNode | null {
  const tree = promqlParser().parse(query)
  const expression = tree.topNode.firstChild
  if (!expression || expression.nextSibling || hasErrors(tree.topNode)) return null
  return expression
}

export function nodesIn(top: SyntaxNode, name: string): readonly SyntaxNode[] {
  const below = childrenOf(top).flatMap((child) => nodesIn(child, name))
  return top.name === name ? [top, ...below] : below
}

export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child)
  return children
}

function hasErrors(node: SyntaxNode): boolean {
  return node.type.isError || childrenOf(node).some(hasErrors)
}

/** What a query consists of, whatever its metrics are called and narrowed by. */
function outline(node: SyntaxNode): string {
  if (node.name === 'VectorSelector') return node.name
  const [only, ...more] = childrenOf(node)
  if (node.name === 'ParenExpr' && only && more.length === 0) return outline(only)
  const inside = childrenOf(node).map(outline)
  return inside.length > 0 ? `${node.name}(${inside.join()})` : node.name
}

function countedIn(query: string, tree: SyntaxNode): CountedOver | null {
  const [selector] = nodesIn(tree, 'VectorSelector')
  const [range] = nodesIn(tree, 'NumberDurationLiteralInDurationContext')
  const windowMs = range ? durationMs(textOf(query, range)) : null
  if (!selector || windowMs === null) return null
  return { selector: selectorOf(query, selector), windowMs }
}

function selectorOf(query: string, node: SyntaxNode): Selector {
  const [named] = childrenOf(node).filter(({ name }) => name === 'Identifier')
  const metric = named ? textOf(query, named) : null
  return { text: textOf(query, node), metric, from: node.from }
}

function textOf(query: string, { from, to }: SyntaxNode): string {
  return query.slice(from, to)
}
