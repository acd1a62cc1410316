import { nearest } from '../../domain/text/nearest.ts'
import { Symptom } from '../../domain/assessment/symptom.ts'
import { quoted, type Problem } from './read-arguments.ts'

/** What people type for each symptom, without blanks, dashes and capitals. */
const SAID: Readonly<Record<Symptom, readonly string[]>> = {
  'cross-organisation-leak': [
    'leak',
    'dataleak',
    'crossorgleak',
    'crossorganisation',
    'crossorganizationleak',
    'crosstenantleak',
  ],
  'data-loss': ['lostdata', 'missingdata'],
  'data-corruption': ['corruption', 'corrupted', 'corruptdata', 'corrupteddata', 'wrongdata'],
  'single-organisation': [
    'singleorganization',
    'singleorg',
    'oneorganisation',
    'oneorganization',
    'oneorg',
    'onecustomer',
  ],
  'ui-issue': ['ui', 'uiglitch', 'uibug', 'uiproblem'],
  'feature-failure': ['feature', 'featurefails', 'featurebroken', 'brokenfeature'],
  'cache-issue': ['cache', 'cacheproblem', 'stalecache'],
}

const KNOWN: ReadonlyMap<string, Symptom> = new Map(
  Symptom.options.flatMap((symptom) =>
    [squeezed(symptom), ...SAID[symptom]].map((said) => [said, symptom] as const),
  ),
)

/** The longest name is of three words: "cross organisation leak". */
const MOST_WORDS = 3

const BETWEEN: ReadonlySet<string> = new Set(['', 'and', 'or', 'also'])

/** `data loss`, `data-loss`, `dataloss, leak`: any number of symptoms. */
export function readSymptoms(words: readonly string[]): readonly Symptom[] | Problem {
  const said = words.flatMap((word) => word.split(/[\s,;+]+/)).filter(isMeant)
  const symptoms = new Set<Symptom>()
  let index = 0
  while (index < said.length) {
    const found = longestAt(said, index)
    if (!found) return { problem: unknownSymptom(said.slice(index)) }
    symptoms.add(found.symptom)
    index += found.words
  }
  return [...symptoms]
}

function longestAt(
  said: readonly string[],
  from: number,
): { readonly symptom: Symptom; readonly words: number } | null {
  for (let count = MOST_WORDS; count > 0; count--) {
    const taken = said.slice(from, from + count)
    const symptom = KNOWN.get(squeezed(taken.join('')))
    if (symptom) return { symptom, words: taken.length }
  }
  return null
}

function unknownSymptom(said: readonly string[]): string {
  const [first = ''] = said
  const meant =
    near(said.slice(0, MOST_WORDS).join(' ')) ?? near(said.slice(0, 2).join(' ')) ?? near(first)
  return meant
    ? `${quoted(meant.said)} is not a symptom. Did you mean ${meant.symptom}?`
    : `${quoted(said.join(' '))} is not a symptom. Symptoms: ${Symptom.options.join(', ')}.`
}

function near(said: string): { readonly said: string; readonly symptom: Symptom } | null {
  // Anything of two letters is near to "ui".
  const names = [...KNOWN.keys()].filter((name) => name.length > 3)
  const meant = nearest(squeezed(said).slice(0, 60), names)
  const symptom = meant === null ? undefined : KNOWN.get(meant)
  return symptom ? { said, symptom } : null
}

function isMeant(word: string): boolean {
  return !BETWEEN.has(squeezed(word))
}

function squeezed(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '')
}
