/** Stands for an `AbortSignal`, which no channel takes. */
const SIGNAL = { signal: 'of this question' } as const

/** Stands for a function that is told how far it is. */
const REPORT = { report: 'to who asked' } as const

/** What takes the place of what cannot be copied. */
export function marked(arg: unknown): unknown {
  if (arg instanceof AbortSignal) return SIGNAL
  if (typeof arg === 'function') return REPORT
  if (typeof arg !== 'object' || arg === null || Array.isArray(arg)) return arg
  return Object.fromEntries(
    Object.entries(arg).map(([key, value]) => [key, value instanceof AbortSignal ? SIGNAL : value]),
  )
}

type Here = { readonly signal: AbortSignal; readonly report: (value: unknown) => void }

/** The same with what takes the place of what was left out, on this side. */
export function unmarked(arg: unknown, { signal, report }: Here): unknown {
  if (isMark(arg)) return signal
  if (isReport(arg)) return report
  if (typeof arg !== 'object' || arg === null || Array.isArray(arg)) return arg
  return Object.fromEntries(
    Object.entries(arg).map(([key, value]) => [key, isMark(value) ? signal : value]),
  )
}

export function signalsIn(arg: unknown): readonly AbortSignal[] {
  if (arg instanceof AbortSignal) return [arg]
  if (typeof arg !== 'object' || arg === null) return []
  return Object.values(arg).filter((value) => value instanceof AbortSignal)
}

function isMark(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'signal' in value &&
    value.signal === SIGNAL.signal
  )
}

function isReport(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'report' in value &&
    value.report === REPORT.report
  )
}
