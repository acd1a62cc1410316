import { Fault } from '../../domain/fault.ts'
import type { WorkloadWrite, WriteOptions, Written } from '../../ports/workloads.ts'
import type { KubernetesClient, PatchOperation } from './client.ts'
import type { Deployment } from './schema.ts'
import { lastWriteAnnotation } from './to-release.ts'

type Place = {
  readonly client: KubernetesClient
  /** Of the Deployment. */
  readonly path: string
  /** As it is now; `undefined` when it is gone. */
  readonly read: () => Promise<Deployment | undefined>
  readonly now: () => number
}

/**
 * One JSON Patch that begins with what was seen. `generation` and not `resourceVersion`: the
 * controller changes the status all the time, and that is no reason to refuse.
 */
export async function write(
  { client, path, read, now }: Place,
  { seen, change }: WorkloadWrite,
  { key, cause, dryRun, signal }: WriteOptions,
): Promise<Written> {
  const stands = async (): Promise<Deployment | null> => {
    const found = await read()
    const same = found?.metadata.uid === seen.uid && found.metadata.generation === seen.generation
    return found && same ? found : null
  }
  const before = await stands()
  if (!before) return { kind: 'changed-meanwhile' }
  const patch: readonly PatchOperation[] = [
    { op: 'test', path: '/metadata/uid', value: seen.uid },
    { op: 'test', path: '/metadata/generation', value: seen.generation },
    ...operations(change, before, now()),
    ...annotate('/metadata', before.metadata.annotations, {
      [lastWriteAnnotation]: key,
      'kubernetes.io/change-cause': cause,
    }),
  ]
  const query = {
    fieldManager: 'backout',
    fieldValidation: 'Strict',
    ...(dryRun ? { dryRun: 'All' } : {}),
  }
  try {
    await client.patch(path, patch, { signal, query })
    return { kind: 'written' }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // The answer to a `test` that failed is that of an invalid object.
    if (error.code === '404' || (error.code === '422' && !(await stands()))) {
      return { kind: 'changed-meanwhile' }
    }
    const answer = refusalOf(error, dryRun)
    if (answer === null) throw error
    return answer
  }
}

function operations(
  change: WorkloadWrite['change'],
  { spec }: Deployment,
  nowMs: number,
): readonly PatchOperation[] {
  switch (change.kind) {
    case 'template':
      return [{ op: 'replace', path: '/spec/template', value: change.to.template }]
    case 'replicas':
      return [{ op: 'replace', path: '/spec/replicas', value: change.to }]
    case 'restart':
      return annotate('/spec/template/metadata', spec.template.metadata?.annotations ?? {}, {
        'kubectl.kubernetes.io/restartedAt': new Date(nowMs).toISOString(),
      })
    default:
      return change satisfies never
  }
}

/** Only these keys: others write annotations, too. Absent and empty are the same to the API server. */
function annotate(
  path: string,
  present: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): readonly PatchOperation[] {
  const map = `${path}/annotations`
  const create: readonly PatchOperation[] = [
    { op: 'test', path: map, value: null },
    { op: 'add', path: map, value: {} },
  ]
  return [
    ...(Object.keys(present).length === 0 ? create : []),
    ...Object.entries(values).map(([name, value]) => {
      const pointer = name.replaceAll('~', '~0').replaceAll('/', '~1')
      return { op: 'add', path: `${map}/${pointer}`, value } as const
    }),
  ]
}

/** `null`: not refused; what the fault says of the write is true. */
export function refusalOf({ kind, code, detail }: Fault, dryRun: boolean): Written | null {
  if (kind !== 'terminal' || code === '401' || !/^4\d\d$/.test(code ?? '')) return null
  if (dryRun && code === '400' && detail.includes('does not support dry run')) {
    return { kind: 'dry-run-unavailable', because: detail }
  }
  return { kind: 'refused', because: detail }
}
