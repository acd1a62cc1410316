import type { FlagValue } from '../../domain/plan/flag-value.ts'
import { namesUpTo } from '../../domain/text/names-up-to.ts'
import type { Feature } from './schema.ts'

type InEnvironment = Feature['environments'][number]

/** What a switch in one environment does besides switching, in sentences for who signs. */
export function cautionsOf(
  { children }: Pick<Feature, 'children'>,
  { name, enabled, strategies }: InEnvironment,
  wanted: FlagValue,
): readonly string[] {
  const active = strategies.filter(({ disabled }) => !disabled).length
  const dependent = children ?? []
  const heard =
    'Services hear of it when they ask next: after 15 seconds, unless they are set otherwise.'
  if (wanted === 'on') {
    return [
      strategies.length === 0
        ? `It has no strategy in ${name}: Unleash adds one that is on for everybody.`
        : `On in ${name} means on for whom its ${counted(active)} there ${active === 1 ? 'says' : 'say'} so.`,
      ...(dependent.length > 0
        ? [`May be on as well where it is on: ${namesUpTo(5, dependent)}.`]
        : []),
      heard,
    ]
  }
  return [
    `Off in ${name} means off for everybody there, whatever its strategies say.`,
    ...(active > 0
      ? [
          `Its ${counted(active)} in ${name} stay${active === 1 ? 's' : ''}, and ${active === 1 ? 'is' : 'are'} asked again as soon as it is on.`,
        ]
      : []),
    ...(strategies.length === 0
      ? [`It has no strategy in ${name}: turned on, Unleash adds one that is on for everybody.`]
      : []),
    ...(enabled && areAllDisabled(strategies)
      ? [`All its strategies in ${name} are disabled: once off, it cannot be turned on again here.`]
      : []),
    ...(dependent.length > 0 ? [`Off as well where it is off: ${namesUpTo(5, dependent)}.`] : []),
    heard,
  ]
}

/** To turn it on then, Unleash adds a strategy that nobody has asked for: on for everybody. */
export function areAllDisabled(strategies: InEnvironment['strategies']): boolean {
  return strategies.length > 0 && strategies.every(({ disabled }) => disabled)
}

function counted(strategies: number): string {
  return strategies === 1 ? 'strategy' : `${strategies} strategies`
}
