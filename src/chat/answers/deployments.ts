import type { View } from '../../domain/base/view.ts'
import { versionOf, type Revision, type Workload } from '../../domain/workload/workload.ts'
import { compared } from '../../domain/workload/compare-url.ts'
import { changeClause } from '../parts/change-lines.ts'
import { header, listed, section, view } from '../parts/blocks.ts'
import { counted, lines, mrk, namesUpTo, oneLine, type Mrkdwn } from '../text/text.ts'

/** What runs, in which version, and whether it is ready. What is not ready comes first. */
export function deploymentsView(
  workloads: readonly Workload[],
  environment: string,
  {
    at,
    services = [],
  }: { readonly at: string; readonly services?: Parameters<typeof compared>[1] },
): View {
  const where = oneLine(environment, 60)
  if (workloads.length === 0) {
    const nothing = `None of the configured services has a deployment in ${where}.`
    return view(nothing, [section(mrk`${nothing}`)])
  }
  const troubled = workloads.filter((workload) => !isReady(workload))
  const calm = workloads.filter(isReady)
  return view(summary(workloads.length, troubled, where), [
    header(`Deployments: ${where}`),
    ...listed(
      [...troubled, ...calm].map((workload) => paragraph(workload, at, services)),
      {
        apart: true,
        leftOut: (count) => `${counted(count, 'more deployment')} did not fit here.`,
      },
    ),
  ])
}

function summary(all: number, troubled: readonly Workload[], where: string): string {
  if (troubled.length === 0) {
    return all === 1
      ? `The only deployment in ${where} is ready.`
      : `All ${all} deployments in ${where} are ready.`
  }
  const names = namesUpTo(
    5,
    troubled.map(({ service }) => service),
  )
  return `${troubled.length} of ${all} deployments in ${where} not ready: ${names}.`
}

/** Scaled to zero serves nobody, so it is not ready. */
function isReady({ desired, ready, updated, paused }: Workload): boolean {
  return desired > 0 && ready >= desired && updated >= desired && !paused
}

function paragraph(
  workload: Workload,
  at: string,
  services: Parameters<typeof compared>[1],
): Mrkdwn {
  const { service, name, restarts, troubles, managedBy, current, previous, changed } = workload
  const versions = previous.map(versionIn)
  return lines([
    mrk`*${oneLine(service, 80)}* (${oneLine(name, 120)})`,
    mrk`${stateInWords(workload)}${restarts > 0 ? ` ${counted(restarts, 'restart')}.` : ''}`,
    mrk`Runs ${current ? versionIn(current) : 'an unknown version'}. Before: ${versions.length > 0 ? namesUpTo(3, versions) : 'nothing that still exists'}.`,
    ...(changed ? [mrk`Newest change: ${changeClause(compared(changed, services), at)}.`] : []),
    ...troubles.slice(0, 3).map((trouble) => mrk`• ${oneLine(trouble, 200)}`),
    ...(troubles.length > 3 ? [mrk`• and ${troubles.length - 3} more like these`] : []),
    ...(managedBy.length > 0 ? [mrk`Also changed by: ${namesUpTo(5, managedBy)}.`] : []),
  ])
}

function stateInWords({ desired, ready, updated, paused, unit = 'pod' }: Workload): string {
  const parts: string[] = []
  if (desired === 0) parts.push('Scaled to zero: nothing runs.')
  else if (ready < desired) parts.push(`Not ready: ${ready} of ${desired} ${unit}s are.`)
  else
    parts.push(desired === 1 ? `Its one ${unit} is ready.` : `All ${desired} ${unit}s are ready.`)
  if (updated < desired) parts.push(`A rollout is under way: ${updated} of ${desired} updated.`)
  if (paused) parts.push('Paused: a change would not roll out.')
  return parts.join(' ')
}

function versionIn({ images }: Revision): string {
  return images.length > 0 ? namesUpTo(3, images.map(versionOf)) : 'an unknown version'
}
