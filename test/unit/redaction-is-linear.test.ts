import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/domain/text/redact.ts'
import { AFTER, TOKENS } from '../../src/domain/text/redaction/tokens.ts'
import { SECRETS } from './redaction-corpus.ts'

const patterns = [
  ...TOKENS.map(([name, pattern]) => [name, pattern] as const),
  ...AFTER.map(([name, before, pattern]) => [name, before + pattern] as const),
]

/** A class such as `[\w-]` or an escape as one letter. */
const withoutClasses = (pattern: string): string =>
  pattern.replaceAll(/\[[^\]]+\]|\\./g, 'x').replaceAll(/\(\?[!=:]/g, '(')

test.each(patterns)('%s: repeats without bound only where it ends', (_, pattern) => {
  const beforeTheEnd = withoutClasses(pattern).replace(/x(?:\{\d+,\})$/, '')
  expect(beforeTheEnd).not.toMatch(/[*+]|\{\d+,\}/)
})

const processorTime = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** How much more four times as much takes. Measured again when it looks bad: others use this machine. */
function growth(unit: string): number {
  let least = Infinity
  const short = unit.repeat(Math.ceil(5_000 / unit.length))
  for (let attempt = 0; attempt < 8 && least > most / 2; attempt += 1) {
    const one = processorTime(() => redact(short))
    const four = processorTime(() => redact(short.repeat(4)))
    least = Math.min(least, four / Math.max(one, 1))
  }
  return least
}

/** As hostile as can be: what begins like the secret, again and again, and never becomes one. */
function begun(secret: string): string[] {
  const part = secret.slice(0, Math.ceil(secret.length * 0.6))
  return [part, `-${part}`, secret, `${secret} `]
}

/** Quadratic is sixteen; a large constant beside it shows as less. */
const most = 9

describe('four times as much takes four times as long', () => {
  test.each(patterns)('%s', (_, pattern) => {
    const plain = pattern.replaceAll(/\(\?![^)]*\)|\\b/g, '')
    const [secret = ''] = fc.sample(fc.stringMatching(new RegExp(`^(?:${plain})$`)), {
      numRuns: 1,
      seed: 451,
    })
    for (const unit of begun(secret)) {
      expect(growth(unit), JSON.stringify(unit)).toBeLessThan(most)
    }
  })

  test.each(SECRETS.map((shape) => [shape.replaceAll(/[«»\n]/g, '')]))('%j', (shape) => {
    for (const unit of begun(shape)) {
      expect(growth(unit), JSON.stringify(unit)).toBeLessThan(most)
    }
  })

  test.each([
    ['-eyJaaaaa'],
    ['a'],
    ['a.'],
    ['a:'],
    ['0'],
    [' '],
    ['\t'],
    ['\\'],
    ['"'],
    ["'"],
    ['('],
    ['{"a":'],
    ['%25'],
    ['&amp;'],
    ['\u001B['],
    ['\u001B]'],
    ['['],
    ['password'],
    ['password\t'],
    ['pass=('],
    ['tokens:['],
    ['"auth":"'],
    ["auth='"],
    ['auth=('],
    ['sig='],
    ['://'],
    ['://a:b'],
    ['://a@'],
    ['password:\\n  '],
    ['<key '],
    ['authorization: digest a="'],
    ['-----BEGIN PRIVATE KEY-----'],
    ['-----END PRIVATE KEY-----'],
    ['password: |\n  '],
    ['tokens: [\n'],
    ['-\n'],
    // As they were redacted before.
    ['password:***'],
    ['map[Authorization:***]'],
    ['"token":"***",'],
  ])('%j', (unit) => {
    expect(growth(unit)).toBeLessThan(most)
  })
})
