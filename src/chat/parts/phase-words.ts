import type { PhaseName } from '../../domain/incident/whose-time.ts'

/** What each phase of an incident ends with, for the report and for the score of a drill. */
export const PHASE_WORDS: Readonly<Record<PhaseName, string>> = {
  declared: 'Until it was declared',
  planned: 'Until a plan was ready',
  signed: 'Until it was signed',
  'run-ended': 'Until its run ended',
  stable: 'Until production was stable',
  closed: 'Until it was closed',
}
