import { describe, expect, test } from 'vitest'
import { BANDS, COLOURS } from '../../../src/chat/chart/layout.ts'

type Triple = readonly [number, number, number]
type Matrix = readonly [Triple, Triple, Triple]

/** Linear RGB as somebody sees it: Machado, Oliveira and Fernandes 2009, severity 1.0. */
const SIGHTS: readonly (readonly [string, Matrix])[] = [
  [
    'most people',
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  ],
  [
    'protanopia',
    [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
  ],
  [
    'deuteranopia',
    [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  ],
  [
    'tritanopia',
    [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  ],
]

/** sRGB to linear light, IEC 61966-2-1. */
function linear(hex: string): Triple {
  const of = (from: number) => {
    const part = Number.parseInt(hex.slice(from, from + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }
  return [of(1), of(3), of(5)]
}

function times(matrix: Matrix, [x, y, z]: Triple): Triple {
  const [r, g, b] = matrix.map(([p, q, s]) => p * x + q * y + s * z)
  return [r ?? 0, g ?? 0, b ?? 0]
}

/** CIE L*a*b* under D65. */
function lab(light: Triple): Triple {
  const [x, y, z] = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    light,
  )
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116)
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)]
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
}

/** CIE 1976: 2 or 3 is what a trained eye just sees, 10 is seen at a glance. */
function distance(one: string, other: string, sight: Matrix): number {
  const [a, b] = [one, other].map((hex) => lab(times(sight, linear(hex))))
  return Math.hypot(...(a ?? []).map((part, at) => part - (b?.[at] ?? 0)))
}

/** WCAG 2.2, 1.4.11: from 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark, light] = [one, other]
    .map((hex) => {
      const [r, g, b] = linear(hex)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    })
    .toSorted((a, b) => a - b)
  return (light ?? 0) / (dark ?? 1)
}

const { errors, latency, users, bad, good, paper, ink, soft, incident } = COLOURS

describe.each(SIGHTS)('the colours of a picture, as %s sees them', (_who, sight) => {
  test.each([
    ['errors and latency', errors, latency],
    ['errors and users', errors, users],
    ['latency and users', latency, users],
    ['bad and good', bad, good],
  ])('%s are told apart', (_what, one, other) => {
    expect(distance(one, other, sight)).toBeGreaterThan(10)
  })

  test.each(BANDS.slice(1).map((band, at) => [BANDS[at] ?? '', band] as const))(
    'a version and the next one are told apart: %s %s',
    (one, other) => {
      expect(distance(one, other, sight)).toBeGreaterThan(6)
    },
  )
})

test('lines stand out from the paper and from the time of the incident, and letters can be read', () => {
  for (const line of [errors, latency, users]) {
    expect(contrast(line, paper)).toBeGreaterThanOrEqual(3)
    expect(contrast(line, incident)).toBeGreaterThanOrEqual(3)
  }
  for (const letters of [ink, soft]) expect(contrast(letters, paper)).toBeGreaterThanOrEqual(7)
})
