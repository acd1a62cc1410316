/** A careless release logs it, and nobody is to see it. */
export const password = 'tr0ub4dor'

export const imageOf = (service: string, version: string): string =>
  `pipeshub/${service}:${version}`

/** As a build writes it on what it makes. */
export function commitOf(version: string): string {
  const sum = Buffer.from(version).reduce((before, one) => (before * 33 + one) >>> 0, 5381)
  return sum.toString(16).padStart(8, '0').repeat(5)
}
