import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { WorkloadWrite, WriteOptions, Written } from '../../../ports/deployments.ts'
import { pointer, type KubernetesClient, type PatchOperation } from '../client/client.ts'
import { Template, type Deployment } from '../read/schema.ts'
import { lockMarks } from '../read/lock-marks.ts'
import { FIELD_MANAGER } from '../read/template-is-ours.ts'
import { lastWriteAnnotation } from '../read/to-sighting.ts'
import { variableOperations } from './variable.ts'

type Place = {
  readonly client: KubernetesClient
  /** Of the Deployment. */
  readonly path: string
  /** As it is now; `undefined` when it is gone. */
  readonly read: () => Promise<Deployment | undefined>
  readonly now: () => number
}

const Admitted = z.object({ spec: z.object({ template: Template }) })

/** A JSON Patch can add to a map of annotations only where there is one. */
type Maps = { readonly onDeployment: boolean; readonly onPods: boolean }

/** Its controller annotates every Deployment it has seen. */
const usualMaps: Maps = { onDeployment: true, onPods: true }

/**
 * One JSON Patch that begins with what was seen, sent without a look before it. It is sent again
 * only after it was refused, when what was seen stands and the only thing amiss was a missing map.
 */
export async function write(
  { client, path, read, now }: Place,
  { seen, change }: WorkloadWrite,
  { key, cause, dryRun, signal, sendBeforeMs }: WriteOptions,
): Promise<Written> {
  const nowMs = now()
  const patchFor = (maps: Maps): readonly PatchOperation[] => [
    ...standing(seen),
    ...operations(change, maps, nowMs),
    ...annotate(
      '/metadata',
      { isThere: maps.onDeployment },
      {
        [lastWriteAnnotation]: key,
        // The cluster takes it for the reason of the newest revision, and scaling makes none.
        ...(change.kind === 'replicas' ? {} : { 'kubernetes.io/change-cause': cause }),
      },
    ),
    ...marked(change, cause, nowMs),
  ]
  const query = {
    fieldManager: FIELD_MANAGER,
    fieldValidation: 'Strict',
    ...(dryRun ? { dryRun: 'All' } : {}),
  }
  for (let patch = patchFor(usualMaps); ;) {
    const answer = await client.patch(path, patch, { signal, query, sendBeforeMs }).then(
      (written): Written => ({ kind: 'written', ...(dryRun ? admittedIn(written, change) : {}) }),
      (error: unknown) => answerTo(error, { dryRun }),
    )
    if (answer.kind !== 'refused') return answer
    // A `test` that failed, a map that is missing and an invalid object are refused alike.
    const found = await read()
    const { uid, generation } = found?.metadata ?? {}
    if (!found || uid !== seen.uid || generation !== seen.generation) {
      return { kind: 'changed-meanwhile' }
    }
    const fitting = patchFor(mapsOf(found))
    if (isDeepStrictEqual(fitting, patch)) return answer
    patch = fitting
  }
}

/** `generation` and not `resourceVersion`: the status changes all the time, and that is no reason to refuse. */
function standing({ uid, generation }: WorkloadWrite['seen']): readonly PatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
  ]
}

function operations(
  change: WorkloadWrite['change'],
  { onPods }: Maps,
  nowMs: number,
): readonly PatchOperation[] {
  switch (change.kind) {
    case 'template':
      return [{ op: 'replace', path: '/spec/template', value: change.to.template }]
    case 'replicas':
      return [{ op: 'replace', path: '/spec/replicas', value: change.to }]
    case 'variable':
      return variableOperations(change.of, change.to)
    case 'restart':
      return annotate(
        '/spec/template/metadata',
        { isThere: onPods },
        {
          'kubectl.kubernetes.io/restartedAt': new Date(nowMs).toISOString(),
        },
      )
    default:
      return change satisfies never
  }
}

/** In the same patch, and after the annotations that are always there: the map is there by then. */
function marked(
  change: WorkloadWrite['change'],
  cause: string,
  nowMs: number,
): readonly PatchOperation[] {
  if (change.kind !== 'template' || !change.lock) return []
  const { images, renewed } = change.lock
  if (images.length > 0) {
    const by = { [lockMarks.by]: cause, [lockMarks.at]: new Date(nowMs).toISOString() }
    return annotate(
      '/metadata',
      { isThere: true },
      {
        [lockMarks.from]: images.join(','),
        ...(renewed ? by : {}),
      },
    )
  }
  // What is not there cannot be removed, and would be refused: it is put there first.
  return Object.values(lockMarks).flatMap((name) => [
    ...annotate('/metadata', { isThere: true }, { [name]: '' }),
    { op: 'remove', path: `/metadata/annotations${pointer(name)}` } as const,
  ])
}

/** Absent and empty are the same to the API server. */
function mapsOf({ metadata, spec }: Deployment): Maps {
  return {
    onDeployment: Object.keys(metadata.annotations).length > 0,
    onPods: Object.keys(spec.template.metadata?.annotations ?? {}).length > 0,
  }
}

/** Only these keys: others write annotations, too, and a map they made meanwhile is not replaced. */
export function annotate(
  path: string,
  { isThere }: { readonly isThere: boolean },
  values: Readonly<Record<string, string>>,
): readonly PatchOperation[] {
  const map = `${path}/annotations`
  const create: readonly PatchOperation[] = [
    { op: 'test', path: map, value: null },
    { op: 'add', path: map, value: {} },
  ]
  return [
    ...(isThere ? [] : create),
    ...Object.entries(values).map(([name, value]) => {
      return { op: 'add', path: `${map}${pointer(name)}`, value } as const
    }),
  ]
}

/** Of a template only: nothing else is changed by admission that somebody signed. */
function admittedIn(written: unknown, { kind }: WorkloadWrite['change']): { admitted?: unknown } {
  const found = kind === 'template' ? Admitted.safeParse(written) : null
  return found?.success ? { admitted: found.data.spec.template } : {}
}

/** What a call that failed says of the write; throws what says nothing, an unknown outcome first of all. */
export function answerTo(error: unknown, options: { readonly dryRun: boolean }): Written {
  const refusal = error instanceof Fault ? refusalOf(error, options) : null
  if (refusal === null) throw error
  return refusal
}

/** `null`: not refused; what the fault says of the write is true. */
export function refusalOf(
  { kind, code, detail }: Fault,
  { dryRun }: { readonly dryRun: boolean },
): Written | null {
  if (kind !== 'terminal' || code === '401' || !/^4\d\d$/.test(code ?? '')) return null
  if (dryRun && code === '400' && detail.includes('does not support dry run')) {
    return { kind: 'dry-run-unavailable', because: detail }
  }
  return { kind: 'refused', because: detail }
}
