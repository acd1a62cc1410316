import { withoutEntities } from '../text/text.ts'

/** Slack's own limit for what follows a slash command. */
const LONGEST = 8000

const DOUBLE_QUOTES = /[\u201C-\u201F\u00AB\u00BB\u2033\uFF02]/g
const SINGLE_QUOTES = /[\u2018-\u201B\u2032\uFF07]/g
const UNSEEN = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g

/** A quoted value, perhaps after `--flag=`, or everything up to the next blank. */
const WORD = /((?:[^\s"'=]{1,60}=)?)(?:"([^"]*)"|'([^']*)')(?=\s|$)|\S+/g

/** Phones turn `--tail` into `—tail`. */
const DASHES = /^[-\u2010-\u2015\u2212]{1,3}(?=[a-z?])/i
const ONLY_DASHES = /^[-\u2010-\u2015\u2212]+$/

/**
 * What a person typed, as words. Undoes what Slack and phones do to a line: escapes, links, mentions
 * of the bot, typographic quotes and dashes.
 */
export function splitLine(text: string): readonly string[] {
  const plain = withoutSlackMarkup(text.slice(0, LONGEST).toWellFormed().replace(UNSEEN, ''))
    .replace(/<@[UW][A-Z0-9]*(?:\|[^<>]*)?>/g, ' ')
    // People type the brackets of "logs <service>" too.
    .replace(/<([^<>|@#!][^<>|]*)>/g, '$1')
    .replace(DOUBLE_QUOTES, '"')
    .replace(SINGLE_QUOTES, "'")
  const words: string[] = []
  for (const [whole, before = '', double, single] of plain.matchAll(WORD)) {
    const quoted = double ?? single
    if (ONLY_DASHES.test(whole)) continue
    if (quoted === undefined) words.push(asFlag(withoutStrayQuotes(whole)))
    else words.push(asFlag(before) + quoted.trim())
  }
  return words.filter((word) => word !== '')
}

/** Slack's own writing of a message, as the person wrote it: links by their label, no escapes. */
export function withoutSlackMarkup(text: string): string {
  return withoutEntities(
    text
      .replace(/<(?:https?|mailto|tel):[^<>|]*\|([^<>|]*)>/g, '$1')
      .replace(/<((?:https?|mailto|tel):[^<>|]*)>/g, '$1'),
  )
}

function asFlag(word: string): string {
  return word.replace(DASHES, '--')
}

function withoutStrayQuotes(word: string): string {
  return word.replace(/^["']+|["']+$/g, '')
}
