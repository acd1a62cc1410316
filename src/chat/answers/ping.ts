import type { View } from '../../domain/base/view.ts'
import { header, section, view } from '../parts/blocks.ts'
import { mrk, oneLine, type Mrkdwn } from '../text/text.ts'

/** What came of asking one dependency. */
export type Answer =
  | { readonly kind: 'answered'; readonly ms: number }
  | { readonly kind: 'failed'; readonly because: string }
  | { readonly kind: 'not-configured' }

export function pingView(answers: { readonly database: Answer; readonly cache: Answer }): View {
  const database = inWords(answers.database)
  const cache = inWords(answers.cache)
  return view(`The database ${database}; the cache ${cache}.`, [
    header('Database and cache'),
    section(line('Database', database), line('Cache', cache)),
  ])
}

function line(name: string, words: string): Mrkdwn {
  return mrk`*${name}* ${words}.`
}

function inWords(answer: Answer): string {
  switch (answer.kind) {
    case 'answered':
      return `answers, in ${Math.round(answer.ms)} ms`
    case 'failed':
      return `does not answer: ${oneLine(answer.because, 300)}`
    case 'not-configured':
      return 'is not configured, so it was not asked'
    default:
      return answer satisfies never
  }
}
