import { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { isNode, lineOf, nodesIn, type Node, type Source } from './source.ts'

/*
 * Rules about code, each as a function from a file to what breaks it, so that a test can show that the
 * rule finds something.
 */

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])
const NAMED_BY = new Set(['VariableDeclarator', 'Property', 'MethodDefinition'])

type Named = { readonly node: Node; readonly name: string | null }

function functionsIn({ program }: Source): readonly Named[] {
  const found: Named[] = []
  for (const { node, above } of nodesIn(program)) {
    if (!FUNCTIONS.has(node.type)) continue
    const around = above.at(-1)
    const naming = around && NAMED_BY.has(around.type) ? (around['id'] ?? around['key']) : null
    found.push({ node, name: nameIn(node['id']) ?? nameIn(naming) })
  }
  return found
}

function nameIn(node: unknown): string | null {
  if (!isNode(node)) return null
  return typeof node['name'] === 'string' ? node['name'] : null
}

/**
 * Functions that are too long to be read at once. A function that has a name of its own inside
 * another, such as a method of what a factory returns, is counted by itself, and its lines are not
 * counted again around it; all together are held to `whole`. Only functions count: a table of
 * literals or a schema may be as long as what it lists.
 */
export function longFunctions(
  source: Source,
  { own, whole }: { readonly own: number; readonly whole: number },
): readonly string[] {
  const all = functionsIn(source)
  return all.flatMap(({ node, name }) => {
    const inside = all.filter((one) => one.name !== null && isInside(one.node, node))
    const lines = new Set(linesOf(source, node))
    const wholeLines = lines.size
    for (const line of inside.flatMap((one) => linesOf(source, one.node))) lines.delete(line)
    const where = `${source.name}:${lineOf(source, node.start)} ${name ?? 'a function'}`
    if (lines.size > own) return [`${where} has ${lines.size} lines of its own`]
    return wholeLines > whole ? [`${where} has ${wholeLines} lines with what is inside`] : []
  })
}

function isInside(inner: Node, outer: Node): boolean {
  return inner !== outer && inner.start >= outer.start && inner.end <= outer.end
}

function linesOf(source: Source, { start, end }: Node): number[] {
  const first = lineOf(source, start)
  return Array.from({ length: lineOf(source, end) - first + 1 }, (_, line) => first + line)
}

/**
 * Boolean parameters of what a file exports, functions and the functions in its types: `true` at a
 * call says nothing. An object with a named property does, and so do two functions.
 */
export function booleanParameters(source: Source): readonly string[] {
  return exportedIn(source)
    .flatMap(signaturesIn)
    .flatMap((signature) =>
      parametersOf(signature)
        .filter((parameter) => isBoolean(parameter, source))
        .map(({ start, end }) => {
          return `${source.name}:${lineOf(source, start)} ${source.text.slice(start, end)}`
        }),
    )
}

function exportedIn({ program }: Source): readonly Node[] {
  return children(program, 'body').flatMap((one) => {
    const declared = one.type === 'ExportNamedDeclaration' ? one['declaration'] : null
    return isNode(declared) ? [declared] : []
  })
}

/** The signatures that a caller sees, and none of those inside a body. */
function signaturesIn(declared: Node): readonly Node[] {
  if (declared.type === 'FunctionDeclaration') return [declared]
  if (declared.type === 'VariableDeclaration') {
    return children(declared, 'declarations').flatMap(({ init }) =>
      isNode(init) && FUNCTIONS.has(init.type) ? [init] : [],
    )
  }
  const inTypes = [...nodesIn(declared)].map(({ node }) => node)
  return inTypes.filter(({ type }) => type === 'TSFunctionType' || type === 'TSMethodSignature')
}

function parametersOf({ params }: Node): readonly Node[] {
  const listed = isNode(params) ? params['items'] : params
  return Array.isArray(listed) ? listed.filter(isNode) : []
}

function isBoolean(parameter: Node, { text }: Source): boolean {
  const { left, right } = parameter
  if (isNode(right) && /^(true|false)$/.test(text.slice(right.start, right.end))) return true
  const annotation = (isNode(left) ? left : parameter)['typeAnnotation']
  const type = isNode(annotation) ? annotation['typeAnnotation'] : null
  if (!isNode(type)) return false
  const some = type.type === 'TSUnionType' ? children(type, 'types') : [type]
  return some.some((one) => one.type === 'TSBooleanKeyword')
}

function children(node: Node, key: string): readonly Node[] {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** Other things are called so as well: commands, and what can be done to a workload. */
const ALSO_OTHERWISE: readonly string[] = ['restart', 'resume', 'undo']

const ONLY_REQUESTS = PlanRequest.options
  .map(({ shape }): string => shape.kind.value)
  .filter((kind) => !ALSO_OTHERWISE.includes(kind))

/**
 * Where a request's kind is compared with a text. What is to be known of a kind stands in the table
 * of requests: a comparison is a line that a new kind would be missing in.
 */
export function comparedKinds(source: Source): readonly string[] {
  const found: string[] = []
  for (const { node } of nodesIn(source.program)) {
    const [compared, texts] = comparisonIn(node)
    const isOnlyKind = texts.some((text) => ONLY_REQUESTS.includes(text))
    const said = compared ? source.text.slice(compared.start, compared.end) : ''
    const isRequest = /request\)?\??\.kind$/i.test(said) && texts.length > 0
    if (isRequest || (isOnlyKind && /(kind|procedure|request)\b[^.]*$/i.test(said))) {
      found.push(`${source.name}:${lineOf(source, node.start)} compares ${said}`)
    }
  }
  return found
}

function comparisonIn(node: Node): readonly [compared: Node | null, texts: readonly string[]] {
  if (node.type === 'SwitchStatement' && isNode(node['discriminant'])) {
    return [node['discriminant'], children(node, 'cases').flatMap(({ test }) => textIn(test))]
  }
  if (node.type !== 'BinaryExpression' || !/^[!=]==?$/.test(String(node['operator']))) {
    return [null, []]
  }
  const { left, right } = node
  const [text, compared] = textIn(right).length > 0 ? [right, left] : [left, right]
  return [isNode(compared) ? compared : null, textIn(text)]
}

function textIn(node: unknown): readonly string[] {
  const isText = isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string'
  return isText ? [String(node['value'])] : []
}
