import {
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Scalar,
} from 'yaml'
import { mend, misspelled } from './broken-yaml.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'

/** `backout.yaml:12`: the line of the first of these that stands in the file, or of what is nearest around it. */
export type Locate = (...paths: readonly [Path, ...Path[]]) => string

/** A settings file as plain values, and the way from a value back to its line. */
export type ReadYaml = {
  readonly plain: unknown
  readonly problems: readonly Problem[]
  readonly at: Locate
  readonly has: (path: Path) => boolean
  /** Nothing stands there any more, because something near it is not YAML. */
  readonly isLost: (path: Path) => boolean
  /** Its variable is not set, which is a problem of its own. */
  readonly isUnset: (path: Path) => boolean
  /** The lines that are not YAML. */
  readonly misspelledAt: readonly string[]
}

/** `${NAME}` in a value stands for that environment variable. */
export function readYaml(text: string, file: string, variables: NodeJS.ProcessEnv): ReadYaml {
  const whole = parse(text)
  const mended = whole.document.errors.length === 0 ? INTACT : mend(text)
  const { document, lines } = mended?.text === undefined ? whole : parse(mended.text)
  const atOffset = (offset: number) => `${file}:${lines.linePos(offset).line}`
  const has = (path: Path) => document.hasIn(path)
  const at: Locate = (...paths) => atOffset(offsetOf(document, paths.find(has) ?? paths[0]))
  const isLost = (path: Path) =>
    mended !== null &&
    mended.lost.some((key) => path.includes(key)) &&
    (document.getIn(path) ?? null) === null
  const misspellings = (mended?.misspellings ?? misspelled(text)).map(({ line, what }) => ({
    where: `${file}:${line}`,
    what,
  }))
  const misspelledAt = misspellings.map(({ where }) => where)
  const known = { at, has, isLost, misspelledAt }
  if (mended === null) {
    return { ...known, plain: undefined, problems: misspellings, isUnset: () => false }
  }
  const { problems, unset } = substituteVariables(document, variables, atOffset)
  const isUnset = (path: Path) => unset.has(document.getIn(path, true))
  const values = valuesOf(document, file)
  const told = [...misspellings, ...problems]
  if ('problem' in values) {
    return { ...known, plain: undefined, problems: [...told, values.problem], isUnset }
  }
  return { ...known, plain: values.plain, problems: told, isUnset }
}

const INTACT = { text: undefined, misspellings: [], lost: [] }

function parse(text: string): { readonly document: Document; readonly lines: LineCounter } {
  const lines = new LineCounter()
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: false }), lines }
}

/** YAML can say what no plain value is: an alias of nothing, or of very much. */
function valuesOf(document: Document, file: string): { plain: unknown } | { problem: Problem } {
  try {
    return { plain: document.toJS() ?? {} }
  } catch (error) {
    return {
      problem: { where: file, what: error instanceof Error ? error.message : String(error) },
    }
  }
}

function substituteVariables(
  document: Document,
  variables: NodeJS.ProcessEnv,
  at: (offset: number) => string,
): { problems: readonly Problem[]; unset: ReadonlySet<unknown> } {
  const problems: Problem[] = []
  const unset = new Set<Scalar>()
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
        const value = variables[name]
        if (value) return value
        unset.add(node)
        problems.push({
          where: at(node.range?.[0] ?? 0),
          what: `${name} is not set in the environment`,
        })
        return whole
      })
    },
  })
  return { problems, unset }
}

function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last)
      if (pair && isScalar(pair.key)) return pair.key.range?.[0] ?? 0
    }
    const node: unknown = document.getIn(path.slice(0, length), true)
    const range: unknown =
      typeof node === 'object' && node !== null && 'range' in node ? node.range : null
    if (Array.isArray(range) && typeof range[0] === 'number') return range[0]
  }
  return 0
}
