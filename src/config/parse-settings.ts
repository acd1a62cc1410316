import {
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Scalar,
} from 'yaml'
import type { z } from 'zod'
import { nearest } from '../domain/text/nearest.ts'
import type { Problem } from './problem.ts'
import { SettingsFile } from './settings-file.ts'

type Path = readonly PropertyKey[]

/** Reads the text of `backout.yaml`. `${NAME}` in a value stands for that environment variable. */
export function parseSettings(
  text: string,
  file: string,
  variables: NodeJS.ProcessEnv,
): { settings: SettingsFile } | { problems: readonly Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ pos, message }) => ({ where: at(pos[0]), what: message })),
    }
  }
  const { problems, unset } = substituteVariables(document, variables, at)
  const values = valuesOf(document, file)
  if ('problem' in values) return { problems: [...problems, values.problem] }
  const parsed = SettingsFile.safeParse(values.plain)
  if (parsed.success) return problems.length > 0 ? { problems } : { settings: parsed.data }
  for (const issue of parsed.error.issues) {
    // An unset variable is one problem, not two.
    if (unset.has(document.getIn(issue.path, true))) continue
    problems.push(...describeIssue(issue, document, at))
  }
  return { problems }
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
): { problems: Problem[]; unset: ReadonlySet<unknown> } {
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

function describeIssue(
  issue: z.core.$ZodIssue,
  document: Document,
  at: (offset: number) => string,
): Problem[] {
  const path = dotted(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const hint = meant ? `did you mean "${meant}"?` : `known here: ${known.join(', ')}`
      return {
        where: at(offsetOf(document, [...issue.path, key])),
        what: `unknown key "${key}"${path ? ` in ${path}` : ''}; ${hint}`,
      }
    })
  }
  const missing = issue.code === 'invalid_type' && !document.hasIn(issue.path)
  const what = missing ? 'is missing' : issue.message.replace(/^Invalid input: /, '')
  return [{ where: at(offsetOf(document, issue.path)), what: `${path || 'the file'}: ${what}` }]
}

/** Where the value stands, or the nearest thing around it that does stand in the file. */
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

/** The keys that the schema knows at this path. */
function knownKeys(path: Path): string[] {
  let schema: unknown = SettingsFile
  for (const step of path) {
    const { shape, element } = unwrapped(schema)
    schema = typeof step === 'number' ? element : shape?.[String(step)]
  }
  return Object.keys(unwrapped(schema).shape ?? {})
}

type Peeked = { shape?: Record<string, unknown>; element?: unknown; def?: { innerType?: unknown } }

/** zod's own description of a schema, below its defaults and optionals. */
function unwrapped(schema: unknown): Peeked {
  const peeked: Peeked = typeof schema === 'object' && schema !== null ? schema : {}
  return peeked.def?.innerType ? unwrapped(peeked.def.innerType) : peeked
}

function dotted(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}
