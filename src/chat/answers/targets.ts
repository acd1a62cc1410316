import type { View } from '../../domain/base/view.ts'
import { METRICS } from '../../domain/text/product-names.ts'
import { header, listed, section, view } from '../parts/blocks.ts'
import { counted, lines, mrk, oneLine, type Mrkdwn } from '../text/text.ts'

export type Target = {
  readonly job: string
  readonly instance: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
}

/** What the metrics can reach: the ones that are down first and by name, the others as counts. */
export function targetsView(targets: readonly Target[]): View {
  if (targets.length === 0) {
    const nothing = `${METRICS} has no targets at all, so it measures nothing.`
    return view(nothing, [section(mrk`${nothing}`)])
  }
  const of = (health: Target['health']) => targets.filter((target) => target.health === health)
  const [down, unknown, up] = [of('down'), of('unknown'), of('up')]
  const counts = [
    `${down.length} down`,
    ...(unknown.length > 0 ? [`${unknown.length} not known`] : []),
    `${up.length} up`,
  ].join(', ')
  return view(`${METRICS} targets: ${counts}, of ${targets.length}.`, [
    header(`${METRICS} targets: ${counts}`),
    ...listed([...down.map(troubled), ...unknown.map(troubled), ...upByJob(up)], {
      leftOut: (count) => `${counted(count, 'more line')} did not fit here.`,
    }),
  ])
}

const WORDS = { down: 'Down', unknown: 'Not known', up: 'Up' } as const

function troubled({ job, instance, health, lastError }: Target): Mrkdwn {
  const named = mrk`*${WORDS[health]}:* ${oneLine(job, 80)}, ${oneLine(instance, 120)}`
  const error = oneLine(lastError, 200)
  return error === '' ? named : lines([named, mrk`    ${error}`])
}

function upByJob(up: readonly Target[]): readonly Mrkdwn[] {
  const counts = new Map<string, number>()
  for (const { job } of up) counts.set(job, (counts.get(job) ?? 0) + 1)
  return [...counts].map(
    ([job, count]) => mrk`*Up:* ${oneLine(job, 80)}, ${counted(count, 'target')}`,
  )
}
