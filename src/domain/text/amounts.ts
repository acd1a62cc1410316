/** "1,204 documents", "1 document". */
export function documentsInWords(count: number): string {
  return `${inDigits(count)} ${count === 1 ? 'document' : 'documents'}`
}

/** "1,832" of a whole number. Intl would take longer to start than a whole assessment. */
export function inDigits(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** "36 MB", "1.2 GB". */
export function bytesInWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${UNITS[unit]}`
}
