const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** A time as queries write it: `1m30s`, or seconds alone; `null`: it is none. */
export function durationMs(text: string): number | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return null
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)]
  return parts.reduce(
    (sum, { 1: count, 2: unit = '' }) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
    0,
  )
}
