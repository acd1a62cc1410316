import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestLine, redactedLines, slicesOf } from '../../src/domain/text/redacted-lines.ts'
import { redact } from '../../src/domain/text/redact.ts'

function shownOf(parts: readonly string[], over = true): string {
  const lines = redactedLines()
  const shown = parts.map((part) => lines.push(part))
  return [...shown, over ? lines.end() : lines.breakOff()].join('')
}

const canary = 'Zq0451canary9931'
const body = Array.from({ length: 20 }, (_, index) => `${canary}${index}AbCdEf0123456789+/`)
const key = ['-----BEGIN RSA PRIVATE KEY-----', ...body, '-----END RSA PRIVATE KEY-----']
const samples = [
  'listening on 0.0.0.0:8080',
  `DB_PASSWORD=${canary}`,
  `{"user":"bo","password":"${canary} ${canary}"}`,
  `mongodb://es:${canary}@db/es`,
  `Authorization: Basic ${canary}`,
  `session eyJhbGciOiJI.eyJ${canary}.${canary} expired`,
  'é 🚒 the end',
]

test('a text is redacted the same in whatever pieces it comes, and no canary is seen', () => {
  const Parts = fc
    .tuple(fc.shuffledSubarray(samples), fc.boolean(), fc.array(fc.nat(4_000), { maxLength: 40 }))
    .map(([some, withKey, cuts]) => {
      const text = [...some, ...(withKey ? key : []), 'the end'].join('\n')
      const places = [0, ...cuts.filter((cut) => cut < text.length), text.length]
      const sorted = places.toSorted((a, b) => a - b)
      const parts = sorted.slice(1).map((end, index) => text.slice(sorted[index], end))
      return { text, parts }
    })
  fc.assert(
    fc.property(Parts, ({ text, parts }) => {
      const shown = shownOf(parts)
      expect(shown).not.toContain(canary)
      expect(shown).toBe(redact(text))
    }),
    { numRuns: 500 },
  )
})

test('what is pushed at once is little: others have their turn in between', () => {
  const text = 'password: x and more '.repeat(100_000)
  const slices = [...slicesOf(text)]
  expect(slices.join('')).toBe(text)
  expect(Math.max(...slices.map(({ length }) => length))).toBeLessThanOrEqual(16 * 1024)
})

/** More than is judged at once. */
const much = Array.from({ length: 5_000 }, (_, index) => `${index} GET /health 200 in 2 ms\n`)

test('a key that lies over two of the pieces judged together is hidden from first to last', () => {
  const keyLines = key.map((line) => `${line}\n`)
  const judged = 16 * 1024
  for (let into = 10; into < keyLines.join('').length; into += 50) {
    // The line in which the key begins ends that much before the first piece does.
    const before = 'x'.repeat(judged - into - 1)
    const shown = shownOf([`${before}\n`, ...keyLines, ...much])
    expect(shown).not.toContain(canary)
    expect(shown).toBe([`${before}\n`, '***\n', ...much].join(''))
  }
})

test('after a key whose end was lost, the log goes on', () => {
  const shown = shownOf([...key.slice(0, -1).map((line) => `${line}\n`), ...much])
  expect(shown).not.toContain(canary)
  expect(shown.startsWith('***')).toBe(true)
  expect(shown).toContain(much.at(-1))
})

describe('a text that breaks off', () => {
  test('keeps its whole lines, and not the beginning of the next', () => {
    expect(shownOf(['one\ntwo\nmongodb://es:', canary], false)).toBe('one\ntwo\n')
  })

  test('in the middle of a key does not show the beginning of it', () => {
    const shown = shownOf(['one\n', ...key.slice(0, 5).map((line) => `${line}\n`)], false)
    expect(shown).toBe('one\n***')
  })
})

describe('a line without end', () => {
  const endless = Array.from({ length: 100 }, () => 'abcd '.repeat(2_000))

  test('is cut, and what follows it is shown', () => {
    const lines = redactedLines()
    const parts = ['before\n', ...endless, 'its end\nafter\n']
    const shown = [...parts.map((part) => lines.push(part)), lines.end()].join('')
    expect(shown).toBe(`before\n${'abcd '.repeat(longestLine).slice(0, longestLine)}…\nafter\n`)
    expect(lines.cuts()).toBe(1)
  })

  test('is not held in memory', () => {
    const lines = redactedLines()
    const held = endless.map((part) => lines.push(part)).join('')
    expect(held.length).toBeLessThan(longestLine + 100)
    expect(lines.end()).toBe('')
  })

  test('shows no half of a secret where it is cut', () => {
    for (const place of [5, 15, 20, 30, 40, 100]) {
      const secret = `mongodb://es:${canary}@db/es`
      const filler = 'x '.repeat(longestLine)
      const lines = redactedLines()
      const shown = lines.push(
        `${filler.slice(0, longestLine - place)} ${secret} ${filler.slice(0, 10_000)}`,
      )
      expect(shown).not.toContain('0451')
    }
  })

  test('nor where so much was hidden before it that the rest is short', () => {
    const list = `tokens=(${'a '.repeat(longestLine / 2 - 1_000)}) `
    const begun = `${list}${'x '.repeat(longestLine)}`.slice(0, longestLine + 4 * 1024 - 20)
    const lines = redactedLines()
    const login = `mongodb://es:${canary}${'y'.repeat(10_000)}@db/es`
    const shown = lines.push(`${begun} ${login}`) + lines.end()
    expect(shown).toContain('tokens=***')
    expect(shown).not.toContain('Zq')
  })

  test('also when it comes with its end at once', () => {
    const lines = redactedLines()
    const shown = lines.push(`before\n${'x '.repeat(longestLine)}\nafter\n`) + lines.end()
    expect(shown).toBe(`before\n${'x '.repeat(longestLine).slice(0, longestLine)}…\nafter\n`)
  })
})
