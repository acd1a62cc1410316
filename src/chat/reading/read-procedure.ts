import { wordsOf } from '../../domain/plan/about-request.ts'
import { ProcedureName } from '../../domain/plan/requests.ts'
import { nearest } from '../../domain/text/nearest.ts'
import { quoted, type Problem } from './read-arguments.ts'

const SHORT_NAMES: ReadonlyMap<string, ProcedureName> = new Map(
  ProcedureName.options.flatMap((name) =>
    (wordsOf(name).alsoCalled ?? []).map((short) => [short, name] as const),
  ),
)

/** `feature flag`, `Feature-Flag`, `flag`: one procedure. */
export function readProcedure(words: readonly string[]): ProcedureName | Problem {
  const typed = words.join(' ')
  const said = typed.slice(0, 100).toLowerCase()
  const squeezed = said.replace(/[^a-z0-9]/g, '')
  const name =
    ProcedureName.options.find((option) => option.replaceAll('-', '') === squeezed) ??
    SHORT_NAMES.get(squeezed)
  if (name) return name
  if (/^v?\d/.test(said)) {
    return { problem: `${quoted(typed)} is not a procedure. A version goes after --to.` }
  }
  const meant = nearest(said, ProcedureName.options)
  return {
    problem: meant
      ? `${quoted(typed)} is not a procedure. Did you mean ${meant}?`
      : `${quoted(typed)} is not a procedure. Procedures: ${ProcedureName.options.join(', ')}.`,
  }
}
