import type { ScenarioName } from './scenario.ts'

/** What each scenario wants of people, and what they are told when it begins: what a customer would see, and no more. */
export const DRILL_SCENES: Readonly<
  Record<
    ScenarioName,
    { readonly wanted: 'roll-back' | 'do-not' | 'person-decides'; readonly told: string }
  >
> = {
  'complete-outage': { wanted: 'roll-back', told: 'Nobody reaches the product any more.' },
  'errors-62': { wanted: 'roll-back', told: 'Most pages end in an error.' },
  'errors-8': { wanted: 'person-decides', told: 'Some customers report errors, others see none.' },
  'login-failures': { wanted: 'roll-back', told: 'Customers write that they cannot log in.' },
  'slow-30': { wanted: 'person-decides', told: 'Pages feel slower than this morning.' },
  'slow-60': { wanted: 'roll-back', told: 'Pages take far longer than usual.' },
  'redis-down': { wanted: 'do-not', told: 'An alert says that something is down.' },
  'data-corruption': {
    wanted: 'person-decides',
    told: 'Projects of some customers show wrong content.',
  },
  'tenant-flag': { wanted: 'roll-back', told: 'Most pages fail since a feature was switched on.' },
  'prometheus-silent': { wanted: 'person-decides', told: 'The dashboards show nothing.' },
  'prometheus-stale': { wanted: 'person-decides', told: 'The dashboards have stood still.' },
  healthy: { wanted: 'do-not', told: 'One customer says that something is odd.' },
}
