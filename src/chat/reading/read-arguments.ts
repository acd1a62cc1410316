import { nearest } from '../../domain/text/nearest.ts'
import { oneLine } from '../text/text.ts'

export type Arguments = {
  readonly words: readonly string[]
  readonly flags: ReadonlyMap<string, string>
}

export type Problem = { readonly problem: string }

/** Flags in any place, `--tail 20` or `--tail=20`. Each is given once. */
export function readArguments(
  words: readonly string[],
  known: readonly string[],
  /** Those of them that take no value. */
  switches: readonly string[] = [],
): Arguments | Problem {
  const rest: string[] = []
  const flags = new Map<string, string>()
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('--')) {
      rest.push(word)
      continue
    }
    const equals = word.indexOf('=')
    const name = word.slice(2, equals < 0 ? undefined : equals).toLowerCase()
    if (!known.includes(name)) return { problem: unknownFlag(name, known) }
    if (flags.has(name)) return { problem: `--${name} is given twice.` }
    if (switches.includes(name)) {
      if (equals >= 0) return { problem: `--${name} takes no value.` }
      flags.set(name, '')
      continue
    }
    const next = words[index + 1]
    const value = equals >= 0 ? word.slice(equals + 1) : next
    if (!value || (equals < 0 && value.startsWith('--'))) {
      return { problem: `--${name} needs a value.` }
    }
    if (equals < 0) index += 1
    flags.set(name, value)
  }
  return { words: rest, flags }
}

function unknownFlag(name: string, known: readonly string[]): string {
  const typed = quoted(`--${name}`)
  const meant = nearest(name.slice(0, 60), known)
  if (meant) return `${typed} is not known. Did you mean --${meant}?`
  return known.length === 0
    ? `${typed} is not known: this command takes no flags.`
    : `${typed} is not known: only ${known.map((flag) => `--${flag}`).join(', ')} ${known.length === 1 ? 'is' : 'are'}.`
}

/** A typed word inside our sentence, short. */
export function quoted(word: string): string {
  return `“${oneLine(word, 40)}”`
}
