import { askedTogether } from './ask-together.ts'

/** What is counted, as selectors, and how its services are told apart. */
export type Counted = {
  /** The part that failed, and the whole that it is a part of. */
  readonly part: string
  readonly whole: string
  /** Another part of the same whole, counted beside it; left out: none. */
  readonly beside?: string
  readonly windowSeconds: number
  /** The label whose values are the services. */
  readonly by: string
  /** What everything asked beside them is narrowed by; empty: by nothing. */
  readonly match: string
}

const HOUR = 3_600

/** Beside a long window a short one, of as many scrapes as a rate needs: which one, is known with the answer. */
const SHORT_SECONDS = [60, 120, 240] as const

export function shortWindows({ windowSeconds }: Pick<Counted, 'windowSeconds'>): readonly number[] {
  return SHORT_SECONDS.filter((seconds) => seconds < windowSeconds)
}

/**
 * How often it was counted within the window. What did not exist when the window began counts from zero,
 * unless it may be older than the first look at it: then its first number is no increase.
 */
export function increase(
  selector: string,
  seconds: number,
  { whole, match }: Pick<Counted, 'whole' | 'match'>,
): string {
  const window = `${seconds}s`
  const target = 'on (job, instance)'
  // Its target was looked at before it was there.
  const appeared = `count_over_time(${selector}[${window}]) < ${target} group_left () max by (job, instance) (sum_over_time(up{${match}}[${window}]))`
  const hadSiblings = `${selector} and ${target} ${whole} offset ${window}`
  const began = `process_start_time_seconds{${match}} > time() - ${seconds}`
  const startedSince = `${selector} and ${target} (${began})`
  const fromZero = `(${appeared}) or (${hadSiblings}) or (${startedSince})`
  const grown = `increase(${selector}[${window}])`
  return `((${grown} and ${selector} offset ${window}) or ((${selector} unless ${selector} offset ${window}) and (${fromZero})) or ${grown})`
}

/** The part and the whole over every window, by service, with what tells how far they can be trusted. */
export function countQuery(counted: Counted): string {
  const { part, whole, beside, windowSeconds, by, match } = counted
  const window = `${windowSeconds}s`
  const began = `process_start_time_seconds{${match}} > time() - ${windowSeconds}`
  const windows = [windowSeconds, ...shortWindows(counted)].flatMap((seconds) => [
    [`part ${seconds}`, `sum by (${by}) (${increase(part, seconds, counted)})`],
    [`whole ${seconds}`, `sum by (${by}) (${increase(whole, seconds, counted)})`],
  ])
  return askedTogether({
    ...Object.fromEntries(windows),
    ...(beside === undefined
      ? {}
      : { beside: `sum by (${by}) (${increase(beside, windowSeconds, counted)})` }),
    age: `(time() - max by (${by}) (timestamp(${whole})))`,
    samples: `max by (${by}) (count_over_time(${whole}[${window}]))`,
    resets: `sum by (${by}) (max by (${by}, instance) (resets(${whole}[${window}])))`,
    starts: `sum by (${by}) (changes(process_start_time_seconds{${match}}[${window}]) and (${began}))`,
  })
}

export const LONG_SECONDS = HOUR

/** Where each baseline ends, in seconds before now; it lasts as long as the long window. */
export const BASELINE_OFFSETS = {
  'hour-ago': HOUR,
  yesterday: 24 * HOUR,
  'last-week': 7 * 24 * HOUR,
} as const

/** The last hour, and the hours that it is held against; one that was not counted from its beginning is left out. */
export function countHistoryQuery({ part, whole, beside, by }: Counted): string {
  const over = (selector: string, offset: string) =>
    `sum by (${by}) (increase(${selector}[${HOUR}s]${offset}))`
  const baselines = Object.entries(BASELINE_OFFSETS).flatMap(([name, seconds]) => {
    const offset = ` offset ${seconds}s`
    const counted = `count by (${by}) (${whole} offset ${seconds + HOUR}s)`
    return [
      [`part ${name}`, `(${over(part, offset)} and on (${by}) ${counted})`],
      [`whole ${name}`, `(${over(whole, offset)} and on (${by}) ${counted})`],
      ...(beside === undefined
        ? []
        : [[`beside ${name}`, `(${over(beside, offset)} and on (${by}) ${counted})`]]),
    ]
  })
  return askedTogether({
    'part long': over(part, ''),
    'whole long': over(whole, ''),
    ...Object.fromEntries(baselines),
  })
}

/** The hour before the moment that is asked about, where it was counted from its beginning. */
export function countsThen({ part, whole, by }: Counted): string {
  const over = (selector: string) =>
    `(sum by (${by}) (increase(${selector}[${HOUR}s])) and on (${by}) count by (${by}) (${whole} offset ${HOUR}s))`
  return askedTogether({ 'part before-deploy': over(part), 'whole before-deploy': over(whole) })
}

/** The same of each instance, where some restarted: what they may have lost between two looks. */
export function instanceQuery({ whole, windowSeconds, by, match }: Counted): string {
  const window = `${windowSeconds}s`
  const group = `by (${by}, instance)`
  const began = `process_start_time_seconds{${match}} > time() - ${windowSeconds}`
  return askedTogether({
    whole: `sum ${group} (increase(${whole}[${window}]))`,
    samples: `max ${group} (count_over_time(${whole}[${window}]))`,
    resets: `max ${group} (resets(${whole}[${window}]))`,
    starts: `max ${group} (changes(process_start_time_seconds{${match}}[${window}]) and (${began}))`,
    peak: `max_over_time(sum ${group} (rate(${whole}[60s]))[${window}:15s])`,
  })
}

/** When, in seconds since the epoch, the part was last above so many percent of the whole, within the window. */
export function lastAboveQuery(
  { part, whole, windowSeconds }: Pick<Counted, 'part' | 'whole' | 'windowSeconds'>,
  percent: number,
  { overSeconds }: { readonly overSeconds: number },
): string {
  const rate = (selector: string) => `sum(rate(${selector}[${overSeconds}s]))`
  const above = `100 * ${rate(part)} / ${rate(whole)} > ${percent}`
  return `max_over_time((0 * (${above}) + time())[${windowSeconds}s:15s])`
}
