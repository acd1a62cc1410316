import type { ItemVerdict } from '../../domain/verification/item.ts'
import type { Finding } from '../probe.ts'

/** What one check has come to. */
export type Outcome = { readonly verdict: ItemVerdict; readonly says: string }

export function passed(says: string): Outcome {
  return { verdict: 'passed', says }
}

/** What was seen, and what was expected instead. */
export function failed(seen: string, expected: string): Outcome {
  return { verdict: 'failed', says: `${seen}; expected ${expected}` }
}

export function notMeasured(why: string): Outcome {
  return { verdict: 'not-measured', says: why }
}

/** Only a value that is healthy passes, and only a value fails (J10). */
export function outcomeOf({ class: kind, verdict, summary }: Finding): Outcome {
  if (kind !== 'value') return notMeasured(summary)
  if (verdict === 'healthy') return passed(summary)
  return verdict === 'degraded' ? { verdict: 'failed', says: summary } : notMeasured(summary)
}

export type Named = { readonly name: string | null; readonly outcome: Outcome }

/** The worst of all: one that failed fails them, one that is not known leaves them unknown, and none is not known. */
export function all(parts: readonly Named[], missing: string): Outcome {
  const [verdict] = (['failed', 'not-measured', 'passed'] as const).filter((one) =>
    parts.some(({ outcome }) => outcome.verdict === one),
  )
  if (!verdict) return notMeasured(missing)
  const told = parts.filter(({ outcome }) => outcome.verdict === verdict)
  const says = told.map(({ name, outcome }) => (name === null ? '' : `${name}: `) + outcome.says)
  return { verdict, says: says.join('; ') }
}
