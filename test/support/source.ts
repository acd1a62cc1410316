import { globSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

export const SRC = resolve(import.meta.dirname, '../../src')

/** A node of a syntax tree, as far as rules about code have to know it. */
export type Node = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export type Source = {
  /** Below src/. */
  readonly name: string
  readonly text: string
  readonly program: Node
  readonly module: ReturnType<typeof parseSync>['module']
}

export function parsed(name: string, text: string): Source {
  const { program, module, errors } = parseSync(name, text)
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]?.message}`)
  return { name, text, program: program as unknown as Node, module }
}

/** Every file of src/. */
export function sources(): readonly Source[] {
  return globSync('**/*.ts', { cwd: SRC })
    .toSorted()
    .map((file) => parsed(relative(SRC, resolve(SRC, file)), read(file)))
}

function read(file: string): string {
  return readFileSync(resolve(SRC, file), 'utf8')
}

/** Every node below this one, with the nodes that it stands in, the nearest last. */
export function* nodesIn(
  node: unknown,
  above: readonly Node[] = [],
): Generator<{ readonly node: Node; readonly above: readonly Node[] }> {
  if (Array.isArray(node)) {
    for (const one of node) yield* nodesIn(one, above)
    return
  }
  if (!isRecord(node)) return
  const isOne = isNode(node)
  if (isOne) yield { node, above }
  const inside = isOne ? [...above, node] : above
  for (const part of Object.values(node)) yield* nodesIn(part, inside)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value['type'] === 'string' && typeof value['start'] === 'number'
}

/** From 1. */
export function lineOf({ text }: Source, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
