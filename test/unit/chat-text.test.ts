import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockTime, dayAndTime, inUtc, shortTime } from '../../src/chat/text/moments.ts'
import { utcDayAndTime, utcTime } from '../../src/domain/text/utc.ts'
import { button, listed, section, view } from '../../src/chat/parts/blocks.ts'
import {
  code,
  codeBlock,
  cut,
  cutPlain,
  escaped,
  mention,
  mrk,
  oneLine,
  trusted,
} from '../../src/chat/text/text.ts'
import { HOSTILE, words } from '../support/chat-arbitraries.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'

describe('somebody else’s words', () => {
  test.each(['<!channel>', '<@U012>', '<https://evil.example|ok>', '<#C012>'])(
    '%s is shown, not carried out',
    (hostile) => {
      expect(escaped(hostile)).not.toMatch(/[<>]/)
      expect(mrk`said: ${hostile}`.mrkdwn).toBe(`said: ${escaped(hostile)}`)
    },
  )

  test.each([
    ['`code`', '\u02CBcode\u02CB'],
    ['*bold*', '*\u200Bbold*\u200B'],
    [':bug:', ':\u200Bbug:'],
    ['> quote', '\u200B&gt; quote'],
    ['a\n> quote', 'a\n\u200B&gt; quote'],
    ['5 > 3', '5 &gt; 3'],
    ['03:12:07', '03:12:07'],
    ['https://host:8080/path', 'https://host:8080/path'],
  ])('%j is not formatted', (text, shown) => {
    expect(escaped(text)).toBe(shown)
  })

  test('an escape that was there is not undone', () => {
    expect(escaped('&lt;!channel&gt;')).toBe('&amp;lt;!channel&amp;gt;')
  })

  test('a text direction override does not survive', () => {
    expect(escaped('v1\u202E0.2v')).toBe('v10.2v')
  })

  const unseen = Array.from(
    '\u00AD\u034F\u061C\u115F\u180E\u200B\u200C\u200D\u200E\u200F\u2028\u2029' +
      '\u202A\u202B\u202C\u202D\u202E\u2060\u2061\u2064\u2066\u2067\u2068\u2069\u206F' +
      '\u3164\uFE00\uFE0F\uFEFF\uFFA0\uFFF9\uFFFB\u{1D173}' +
      '\u{E0000}\u{E0001}\u{E0041}\u{E007F}\u{E0100}\u{E01EF}',
  )
  test.each(unseen)('%j cannot be seen, and does not survive', (character) => {
    for (const shown of [
      escaped,
      (text: string) => oneLine(text, 20),
      (text: string) => codeBlock(text).mrkdwn,
    ]) {
      expect(shown(`back${character}end`)).toBe(shown('backend'))
    }
  })

  test('a sentence in tags does not survive', () => {
    const tags = Array.from('approve this', (letter) =>
      String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0)),
    )
    expect(escaped(`v1${tags.join('')}.0`)).toBe('v1.0')
    expect(escaped(`\u{1F3F4}${tags.join('')}\u{E007F}`)).toBe('\u{1F3F4}')
  })

  test.each(['👩‍🚒', '👩🏽‍🚒', '👨‍👩‍👧', '🏳️‍🌈', '❤️‍🔥', '❤️', '1️⃣', '🇩🇪', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴‍☠️'])(
    'the picture %s stays whole',
    (picture) => {
      expect(escaped(`a ${picture} b`)).toBe(`a ${picture} b`)
      expect(oneLine(picture.repeat(3), 99)).toBe(picture.repeat(3))
    },
  )

  test('a joiner joins nothing but pictures', () => {
    expect(escaped('\u200D👩\u200D\u200D🚒\u200Dx\u200D')).toBe('👩🚒x')
  })

  test.each(['', 'U', 'u012', 'U012> <!channel', 'C012'])('%j is nobody’s id', (user) => {
    expect(mention(user).mrkdwn).not.toContain('<')
  })
})

describe('code', () => {
  test('a code block ends where it ends', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...HOSTILE), words)), (parts) => {
        const { mrkdwn } = codeBlock(parts.join(''))
        expect(mrkdwn.split('```').length).toBe(3)
        expect(mrkdwn.slice(3, -3)).not.toMatch(/^`|`$|[<>]/)
      }),
    )
  })

  test('terminal colours are left out, and nothing else in brackets', () => {
    expect(codeBlock('\u001B[31m[INFO] ready\u001B[0m\n[WARN] x').mrkdwn).toBe(
      '```[INFO] ready\n[WARN] x```',
    )
  })

  test('inline code holds one line without backticks', () => {
    expect(code('a`b\nc <d>').mrkdwn).toBe('`a\u02CBb c &lt;d&gt;`')
    expect(code('').mrkdwn).toBe('(empty)')
  })
})

describe('cutting', () => {
  test('leaves neither half an escape nor an open code block', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 80 }), (text, max) => {
        const short = cut(
          mrk`${text}${codeBlock(text)} ${code(text)}${mention('U012')}`.mrkdwn,
          max,
        )
        expect(short.length).toBeLessThanOrEqual(max)
        expect(short.isWellFormed()).toBe(true)
        expect(short.split('```').length % 2).toBe(1)
        expect(short.replace(/```[^]*?```/g, '').split('`').length % 2).toBe(1)
        expect(short).not.toMatch(/&(?!amp;|lt;|gt;)|<(?!@U012>)/)
      }),
    )
  })

  test('plain text keeps its brackets', () => {
    expect(cutPlain(`p95 < 5 s ${'x'.repeat(200)}`, 20)).toBe('p95 < 5 s xxxxxxxxx…')
  })

  test('one line is one line', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 50 }), (text, max) => {
        expect(oneLine(text, max).length).toBeLessThanOrEqual(max)
        expect(oneLine(text, max)).not.toMatch(/[\n\r\t]/)
      }),
    )
  })
})

describe('a view', () => {
  test('of exactly 50 blocks is whole, of 51 it says that something is missing', () => {
    const block = section(trusted('x'))
    const whole = view(
      'Fifty.',
      Array.from({ length: 50 }, () => block),
    )
    expect(whole.blocks).toHaveLength(50)
    expect(JSON.stringify(whole.blocks)).not.toContain('does not fit')
    const more = view(
      'Fifty-one.',
      Array.from({ length: 51 }, () => block),
    )
    expect(more.blocks).toHaveLength(50)
    expect(JSON.stringify(more.blocks.at(-1))).toContain('does not fit')
    assertWithinLimits(more)
  })

  test('escapes its sentence', () => {
    expect(view('Down: <!channel> & ```more\nlines', []).text).toBe(
      'Down: &lt;!channel&gt; &amp; \u02CB\u02CB\u02CBmore lines',
    )
  })

  test('counts the items that do not fit', () => {
    const items = Array.from({ length: 500 }, () => mrk`${'x'.repeat(100)}`)
    const blocks = listed(items, { leftOut: (count) => `${count} left out.` })
    const shown = JSON.stringify(blocks).split('x'.repeat(100)).length - 1
    expect(JSON.stringify(blocks.at(-1))).toContain(`${500 - shown} left out.`)
  })

  test('cuts a long button label instead of being refused', () => {
    const long = button({ action: 'a', label: 'x'.repeat(100), value: 'v' })
    assertWithinLimits({ text: 'A.', blocks: [{ type: 'actions', elements: [long] }] })
  })
})

describe('a moment', () => {
  const iso = '2026-03-01T03:12:07.480Z'
  const unix = Date.UTC(2026, 2, 1, 3, 12, 7) / 1000

  test('is shown in the reader’s zone, with UTC beside it', () => {
    expect(clockTime(iso).mrkdwn).toBe(`<!date^${unix}^{time_secs} (03:12:07 UTC)|03:12:07 UTC>`)
    expect(shortTime(iso).mrkdwn).toBe(`<!date^${unix}^{time}, 03:12 UTC|03:12 UTC>`)
    expect(dayAndTime(iso).mrkdwn).toBe(
      `<!date^${unix}^{date_num} {time} (2026-03-01 03:12 UTC)|2026-03-01 03:12 UTC>`,
    )
  })

  test('is UTC alone where nobody’s zone is known, or Slack’s format is not', () => {
    const shown = { text: 'x', blocks: [section(mrk`since ${clockTime(iso)}, by &lt;`)] }
    expect(inUtc(shown)).toEqual({ text: 'x', blocks: [section(mrk`since 03:12:07 UTC, by &lt;`)] })
    expect(utcTime(iso)).toBe('03:12:07 UTC')
    expect(utcDayAndTime(iso)).toBe('2026-03-01 03:12 UTC')
  })

  test('that is none is nobody’s markup', () => {
    const { mrkdwn } = clockTime('2026-03-01T<!channel>')
    expect(mrkdwn).not.toMatch(/[<>]/)
  })

  test('is never cut in half', () => {
    const line = mrk`since ${clockTime(iso)}, and so on`.mrkdwn
    for (let max = 10; max < line.length; max += 1) {
      expect(cut(line, max)).not.toMatch(/<[^>]*$/)
    }
  })

  test('notifies in UTC', () => {
    expect(view(mrk`Since ${clockTime(iso)}.`, []).text).toBe('Since 03:12:07 UTC.')
  })
})
