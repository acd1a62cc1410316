import { draftOf, signaturesFor } from './parts/part.ts'
import type { Tidying } from './parts/tidying.ts'
import { infeasible, type Action } from './procedure.ts'

/** What rollbacks have kept goes, wherever it is kept, and with it the ways back that need it. */
export function tidyUpAll(backends: readonly Tidying[]): Action<'tidy-up'> {
  return async (_, circumstances) => {
    const found = await Promise.all(backends.map((tidying) => tidying(circumstances)))
    const kept = found.flatMap((one) => (one.kind === 'kept' ? [one] : []))
    const nothing = found.flatMap((one) => (one.kind === 'nothing' ? (one.because ?? []) : []))
    if (kept.length === 0) {
      return infeasible(nothing.join('; ') || 'nothing is configured that keeps anything')
    }
    const { settings } = circumstances
    const ofPeople = kept.some((one) => one.ofPeople)
    const words = {
      title: `tidy up ${kept.map(({ what }) => what).join(' and ')}`,
      because: 'asked for',
      undo: 'No: what is removed cannot be made again.',
      signatures: [...signaturesFor(ofPeople ? 'database' : 'tidy-up', settings)],
      ...(kept.length < found.length && ofPeople ? { cautions: nothing } : {}),
    }
    const parts = kept.map(({ part }) => part)
    return { kind: 'feasible', draft: draftOf('tidy-up', words, parts, settings) }
  }
}
