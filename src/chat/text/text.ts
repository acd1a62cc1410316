import { actorParts, type Actor } from '../../domain/base/actor.ts'
import { namesUpTo as plainNamesUpTo } from '../../domain/text/names-up-to.ts'
import { releasesInWords } from '../../domain/text/release-words.ts'

/** Text that is safe to show as Slack mrkdwn: escaped, or written by us. */
export type Mrkdwn = { readonly mrkdwn: string }

const FENCE = '```'

/** Looks like a backtick and is none. */
const NO_BACKTICK = '\u02CB'

/** An escape sequence such as a colour: a control character, and what it controls. */
const TERMINAL_CODE = /[^\P{Cc}\t\n\r]\[[0-9;?]{0,20}[A-Za-z]/gu

/** What Slack may take for more than itself. */
const MARK = /[&<>:`*_~]/

/** Every white space but a blank between two words. */
const NO_SINGLE_BLANK = /\s{2,}|[^\S ]/g

/** Marks text as written by us. Never call it with anybody else's words. */
export function trusted(mrkdwn: string): Mrkdwn {
  return { mrkdwn }
}

/**
 * Slack's three control characters escaped, so that no mention, link or channel alert survives, and
 * formatting characters, emoji names and quote marks set apart so that nobody's text is rendered as
 * markup.
 */
export function escaped(text: string): string {
  const seen = visible(text)
  if (!MARK.test(seen)) return seen
  return withEntities(seen)
    .replace(/:(?=[\w+'-]{0,80}[a-z][\w+'-]{0,80}:)/gi, ':\u200B')
    .replace(/^&gt;/gm, '\u200B&gt;')
    .replaceAll('`', NO_BACKTICK)
    .replace(/[*_~]/g, (mark) => `${mark}\u200B`)
}

/**
 * Anybody's words for what notifications and screen readers say. Nothing in it can mention anyone or
 * open a code block; other marks are left alone, because nothing renders them there.
 */
export function sentence(text: string): Mrkdwn {
  const plain = visible(text).replaceAll('`', NO_BACKTICK).replace(NO_SINGLE_BLANK, ' ').trim()
  return trusted(withEntities(plain))
}

/** Builds mrkdwn: strings and numbers put into it are escaped, other mrkdwn is kept. */
export function mrk(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Mrkdwn)[]
): Mrkdwn {
  const [first = '', ...rest] = strings
  const shown = values.map((value) =>
    typeof value === 'object' ? value.mrkdwn : escaped(String(value)),
  )
  return { mrkdwn: rest.reduce((text, next, at) => text + (shown[at] ?? '') + next, first) }
}

export function lines(parts: readonly Mrkdwn[]): Mrkdwn {
  return { mrkdwn: parts.map(({ mrkdwn }) => mrkdwn).join('\n') }
}

/** Who did something. Ids come from Slack; anything else is shown as plain text. */
export function mention(actor: Actor): Mrkdwn {
  const parts = actorParts(actor)
  switch (parts.kind) {
    case 'person':
      return trusted(/^[UW][A-Z0-9]+$/.test(parts.user) ? `<@${parts.user}>` : escaped(parts.user))
    case 'alert':
      return mrk`the alert ${cutPlain(oneLine(parts.name, 80), 80)}`
    case 'clock':
      return trusted('Backout')
    case 'command-line':
      return mrk`${oneLine(parts.user, 40)} on the command line`
    case 'release-watch':
      return mrk`Backout’s release watch (${oneLine(releasesInWords(parts.releases), 200)})`
    default:
      return parts satisfies never
  }
}

/** A person or a user group, so that Slack calls them. Anything but an id is shown as plain text. */
export function call(whom: string): Mrkdwn {
  return /^S[A-Z0-9]+$/.test(whom) ? trusted(`<!subteam^${whom}>`) : mention(oneLine(whom, 40))
}

/** A channel, as Slack shows channels. Anything but an id is shown as plain text. */
export function channelLink(channel: string): Mrkdwn {
  return trusted(/^[CG][A-Z0-9]+$/.test(channel) ? `<#${channel}>` : escaped(channel))
}

/** A link to an address of the settings; what is no web address is shown as plain text. Never somebody else's. */
export function link(url: string, label: string): Mrkdwn {
  if (!/^https?:\/\/[^\s<>|]+$/.test(url)) return mrk`${oneLine(label, 80)}`
  return trusted(`<${withEntities(url)}|${escaped(oneLine(label, 80))}>`)
}

/** Something to type or to compare letter by letter: set apart from the sentence around it. */
export function code(text: string, max = 200): Mrkdwn {
  const inside = withEntities(oneLine(text, max)).replaceAll('`', NO_BACKTICK)
  return trusted(inside === '' ? '(empty)' : `\`${inside}\``)
}

/** What goes inside a code block: nothing in it can end the block, no terminal colour is left. */
export function insideCodeBlock(text: string): string {
  const plain = visible(text.replace(TERMINAL_CODE, ''))
  return withEntities(plain).replace(/`{2,}|^`|`$/g, (run) => NO_BACKTICK.repeat(run.length))
}

/** Somebody else's text in a code block. */
export function codeBlock(text: string): Mrkdwn {
  const inside = insideCodeBlock(text)
  return trusted(FENCE + (inside.trim() === '' ? '(empty)' : inside) + FENCE)
}

/**
 * mrkdwn cut to at most `max` characters, saying so. Never cuts an escape, a mention or a surrogate
 * pair in half, and never leaves code open: outside of code blocks every backtick is ours.
 */
export function cut(mrkdwn: string, max: number): string {
  if (mrkdwn.length <= max) return mrkdwn
  const end = max - 1 - FENCE.length
  const fence = mrkdwn.lastIndexOf(FENCE, end - 1)
  const halved = fence >= 0 && fence + FENCE.length > end
  const rest = mrkdwn
    .slice(0, halved ? fence : end)
    .replace(/(?:&[a-z]{0,3}|[\uD800-\uDBFF]|<[^<>]*)$/, '')
  if (rest.split(FENCE).length % 2 === 0) return `${rest}…${FENCE}`
  const outside = rest.replace(/```[^]*?```/g, '')
  return outside.split('`').length % 2 === 0 ? `${rest}…\`` : `${rest}…`
}

/** Text without markup cut to at most `max` characters, saying so. */
export function cutPlain(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Somebody else's words as part of a sentence: on one line, and not longer than `max`. */
export function oneLine(text: string, max: number): string {
  // Cut first: what is shown is short, whatever came.
  return cutPlain(
    visible(text.slice(0, max * 4))
      .replace(NO_SINGLE_BLANK, ' ')
      .trim(),
    max,
  )
}

/** The same, for a title that ends with what matters: "backend, front… back to v1.9.0". */
export function bothEnds(text: string, max: number): string {
  const line = oneLine(text, text.length)
  if (line.length <= max) return line
  const tail = Math.floor(max / 3)
  return cutPlain(line, max - tail) + line.slice(-tail).replace(/^[\uDC00-\uDFFF]/, '')
}

/** Somebody else's words that take at most `max` characters, whatever escaping makes of them. */
export function clipped(text: string, max: number): Mrkdwn {
  return trusted(cut(escaped(oneLine(text, max)), max))
}

/** Whether that leaves something out. */
export function isClipped(text: string, max: number): boolean {
  return text.length > max * 4 || escaped(oneLine(text, Infinity)).length > max
}

/**
 * Somebody else's words to their last one, in as many pieces as Slack's limit for one text makes of them.
 * Each takes at most `max` characters once it is escaped.
 */
export function inPieces(text: string, max: number): readonly Mrkdwn[] {
  const pieces: string[] = []
  let room = 0
  // A word as long as a card is divided, never within a character.
  for (const part of oneLine(text, Infinity).match(/ ?[^ ]{1,400}| /gu) ?? []) {
    const length = escaped(part).length
    if (pieces.length > 0 && length <= room) {
      pieces[pieces.length - 1] += part
      room -= length
    } else {
      pieces.push(part.trimStart())
      // Escaping may find more once the parts are joined.
      room = max - 100 - length
    }
  }
  return pieces.map((piece) => trusted(escaped(piece)))
}

/** "1 line", "3 lines". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** "backend, frontend and 3 more". */
export function namesUpTo(max: number, names: readonly string[]): string {
  return plainNamesUpTo(
    max,
    names.map((name) => oneLine(name, 80)),
  )
}

/**
 * What takes no room of its own: direction, joiners, fillers, tags, and marks of lines and notes. The tags
 * of the three flags that have some are found with their flag.
 */
const UNSEEN =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}|[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\uFFF9-\uFFFB]/gu

/** Most texts: plain letters, and nothing else. */
const ALL_SEEN = /^[\t\n -~]*$/

/**
 * Without what cannot be seen. Text direction overrides can make a name read as another, tags can hide
 * a whole sentence, and half a surrogate pair is no text that Slack takes.
 */
function visible(text: string): string {
  if (ALL_SEEN.test(text)) return text
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n]/gu, '')
    .replace(UNSEEN, (found, at: number, all: string) => (isOfPicture(found, at, all) ? found : ''))
}

/** A flag; the joiner between two pictures; and what says how a picture is drawn. */
function isOfPicture(found: string, at: number, all: string): boolean {
  if (found.length > 2) return true
  const before = all.slice(Math.max(0, at - 4), at)
  if (found === '\u200D') {
    const after = all.slice(at + 1, at + 3)
    return (
      /\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?$/u.test(before) &&
      /^\p{Extended_Pictographic}/u.test(after)
    )
  }
  return /[\uFE0E\uFE0F]/.test(found) && /[\p{Extended_Pictographic}#*0-9]$/u.test(before)
}

export function withoutEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function withEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
