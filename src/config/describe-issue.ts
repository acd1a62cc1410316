import type { z } from 'zod'
import { nearest } from '../domain/text/nearest.ts'
import { dotted, type Path } from './path.ts'
import type { Problem } from './problem.ts'
import type { ReadYaml } from './read-yaml.ts'
import { inside, type Schema } from './schema-parts.ts'

/** What a schema objects to, for the person who wrote the file. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  schema: Schema,
  { at, has }: ReadYaml,
): readonly Problem[] {
  const path = dotted(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const hint = meant ? `did you mean "${meant}"?` : `known here: ${known.join(', ')}`
      return {
        where: at([...issue.path, key]),
        what: `unknown key "${key}"${path ? ` in ${path}` : ''}; ${hint}`,
      }
    })
  }
  return [{ where: at(issue.path), what: `${path || 'the file'}: ${wordsFor(issue, has)}` }]
}

function wordsFor(issue: z.core.$ZodIssue, has: ReadYaml['has']): string {
  if (issue.code === 'invalid_type' && !has(issue.path)) return 'is missing'
  const message =
    issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return plain(message)
}

/** zod's sentence, as it goes on behind the name of what is wrong. */
export function plain(message: string): string {
  return message
    .replace(/^Invalid input: /, '')
    .replace(/^Invalid option: expected one of/, 'must be one of')
}

function knownKeys(schema: Schema, path: Path): readonly string[] {
  let part: Schema | undefined = schema
  for (const step of path) {
    const { shape, element, valueType } = inside(part)
    part = typeof step === 'number' ? element : (shape?.[String(step)] ?? valueType)
  }
  return Object.keys(inside(part).shape ?? {})
}
