import { hasNewNumber, sameImages } from '../../../domain/workload/versions.ts'
import type { NewestChange, Since } from '../../../domain/workload/newest-change.ts'
import type { KeptRevision } from '../../../ports/deployment-state.ts'
import { owns, ownerOfChange, type FieldOwner } from './field-owners.ts'
import type { Owned } from './ownership.ts'
import { currentOf, type Revisions } from './revisions.ts'
import type { Condition, Deployment, ReplicaSet } from './schema.ts'
import { LONGEST_LINE, shortLine } from './short-line.ts'
import { sameTemplate, withoutRestart } from './templates.ts'

const changeCause = 'kubernetes.io/change-cause'
const image = 'org.opencontainers.image.'

/** How what the Deployment asks for came to be, from what was read anyway. */
export function newestChange(
  service: string,
  owned: Owned,
  { current, previous }: Revisions,
): NewestChange | null {
  const running = currentOf(owned)
  if (!current || !running) return null
  const { deployment } = owned
  // The one that is asked for has the highest number, or will as soon as the controller sees it.
  const [before] = previous
  const entries = deployment.metadata.managedFields
  const owner = ownerOfChange(entries, running.spec.template, before?.template)
  const setBefore = owned.replicaSets.find(({ metadata }) => metadata.uid === before?.uid)
  const sameAgain = before !== undefined && sameImages(before, current)
  const again = onlyRestarted(running, setBefore) ? 'restart' : 'settings'
  const kind = sameAgain ? again : 'version'
  const since = sinceOf({ deployment, running, owner }, current, previous)
  const older = previous.find((one) => !sameImages(one, current))
  const told = releaseNotes({ deployment, running, owner }, setBefore)
  return {
    service,
    images: [...current.images],
    imagesBefore: older ? [...older.images] : null,
    kind,
    since,
    versionSince: kind === 'version' ? since : versionSinceOf(owned, current, previous),
    by: owner?.by ?? null,
    ...told,
  }
}

type Running = {
  readonly deployment: Deployment
  /** The ReplicaSet of what is asked for. */
  readonly running: ReplicaSet
  readonly owner: FieldOwner | null
}

function onlyRestarted(one: ReplicaSet, other: ReplicaSet | undefined): boolean {
  const [now, before] = [one, other].map((set) => set && withoutRestart(set.spec.template))
  return now !== undefined && before !== undefined && sameTemplate(now, before)
}

/**
 * A ReplicaSet is made when its rollout begins. One that is used again keeps its age, so that others
 * tell: who last wrote the template, and when its rollout last got on. Both may be later.
 */
function sinceOf(
  { deployment, running, owner }: Running,
  current: KeptRevision,
  others: readonly KeptRevision[],
): Since | null {
  const unseen = others.some(({ number }) => number > current.number)
  if (!unseen && !wasUsedAgain(running, current, others)) return timeOf(current.createdAt, true)
  const written = timeOf(owner?.time ?? null, owner?.templateOnly ?? false)
  const progress = deployment.status.conditions.find((one) => isAbout(one, running))
  const gotOn = timeOf(progress?.lastUpdateTime ?? null, false)
  if (!written || !gotOn) return written ?? gotOn
  return written.exact || written.time <= gotOn.time ? written : gotOn
}

/** The controller writes the numbers it had before next to its new one. */
function wasUsedAgain(
  { metadata }: ReplicaSet,
  revision: KeptRevision,
  others: readonly KeptRevision[],
): boolean {
  const history = metadata.annotations['deployment.kubernetes.io/revision-history'] ?? ''
  return history !== '' || hasNewNumber(revision, others)
}

/** It names the ReplicaSet that it was about. */
function isAbout({ type, status, message }: Condition, { metadata }: ReplicaSet): boolean {
  return type === 'Progressing' && status === 'True' && message.includes(`"${metadata.name}"`)
}

/** The first of the kept revisions in a row that have these images; there may be none kept before it. */
function versionSinceOf(
  { replicaSets }: Owned,
  current: KeptRevision,
  previous: readonly KeptRevision[],
): Since | null {
  const end = previous.findIndex((one) => !sameImages(one, current))
  const row = [current, ...(end < 0 ? previous : previous.slice(0, end))]
  const [first, next] = [row.at(-1), row.at(-2)]
  const set = replicaSets.find(({ metadata }) => metadata.uid === first?.uid)
  if (!first || !set) return null
  // Used again since, it was there at the latest when the one after it was made.
  if (wasUsedAgain(set, first, previous)) return timeOf(next?.createdAt ?? null, false)
  return timeOf(first.createdAt, end >= 0)
}

type Told = Pick<NewestChange, 'cause' | 'commit' | 'source' | 'authors' | 'builtAt'>

/**
 * What stands on the pods is of this release. What stands on the Deployment may have been left there by
 * an earlier one: it counts when it is not what the ReplicaSet before got from it, or was written with
 * the template.
 */
function releaseNotes(
  { deployment, running, owner }: Running,
  before: ReplicaSet | undefined,
): Told {
  const pods = running.spec.template.metadata
  const { annotations, labels, managedFields } = deployment.metadata
  const annotated = (key: string) => {
    const value = annotations[key]
    return value !== undefined && before?.metadata.annotations[key] === value ? undefined : value
  }
  const labelled = (key: string) => {
    const written = managedFields.some(
      (one) => one.manager === owner?.by && owns(one, ['f:metadata', 'f:labels', `f:${key}`]),
    )
    return written ? labels[key] : undefined
  }
  const told = (key: string) =>
    lineOf(pods?.annotations?.[key] ?? pods?.labels?.[key] ?? annotated(key) ?? labelled(key))
  return {
    cause: lineOf(pods?.annotations?.[changeCause] ?? annotated(changeCause)),
    commit: told(`${image}revision`),
    source: told(`${image}source`),
    authors: told(`${image}authors`),
    builtAt: told(`${image}created`),
  }
}

function timeOf(time: string | null, exact: boolean): Since | null {
  const ms = Date.parse(time ?? '')
  return Number.isNaN(ms) ? null : { time: new Date(ms).toISOString(), exact }
}

/** A command line may stand there, of any length. */
function lineOf(text: string | undefined): string | null {
  const line = shortLine(text?.slice(0, 20 * LONGEST_LINE) ?? '')
  return line === '' ? null : line
}
