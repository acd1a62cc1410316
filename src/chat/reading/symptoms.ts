import type { Symptom } from '../../domain/assessment/symptom.ts'

/** How a symptom is called on a button or in a list, and what has to be true to report it. */
export const SYMPTOM_LABELS: Readonly<
  Record<Symptom, { readonly label: string; readonly meaning: string }>
> = {
  'cross-organisation-leak': {
    label: 'Data leak between organisations',
    meaning: 'Somebody sees data of another organisation.',
  },
  'data-loss': {
    label: 'Data loss',
    meaning: 'Data that was there is gone or cannot be opened.',
  },
  'data-corruption': {
    label: 'Data corruption',
    meaning: 'Data is there and its content is wrong.',
  },
  'single-organisation': {
    label: 'Only one organisation affected',
    meaning: 'All others work as usual.',
  },
  'ui-issue': {
    label: 'UI issue',
    meaning: 'It looks wrong, and it still works.',
  },
  'feature-failure': {
    label: 'One feature fails',
    meaning: 'A single function is broken, the rest works.',
  },
  'cache-issue': {
    label: 'Cache issue',
    meaning: 'Old content is shown, or the cache is slow.',
  },
}
