import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { isSetTo, type OwnerName } from '../../../domain/plan/owner.ts'
import type { Written } from '../../../ports/deployments.ts'
import type { Owners, OwnerWrite } from '../../../ports/owners.ts'
import { pointer, type KubernetesClient, type PatchOperation } from '../client/client.ts'
import { OWNER_KINDS, type OwnerObject, type Ours } from './owner-kinds.ts'
import { parseAnswer } from '../read/schema.ts'
import { answerTo } from '../write/write.ts'

type Found = OwnerObject & { readonly raw: unknown }

/** Argo CD, Flux and KEDA, by the objects that tell them what to keep. Each is asked for by its name. */
export function kubernetesOwners({
  client,
  ours,
}: {
  readonly client: KubernetesClient
  readonly ours: Ours
}): Owners {
  /** `null`: it is not there, or what it is an object of is not installed. */
  async function find(owner: OwnerName, signal: AbortSignal): Promise<Found | null> {
    const path = pathOf(owner)
    const raw = await client.get(path, { signal }).catch((error: unknown) => {
      if (error instanceof Fault && error.code === '404') return null
      throw error
    })
    const { read } = OWNER_KINDS[owner.kind]
    return raw === null ? null : { raw, ...parseAnswer(read(ours), raw, path) }
  }

  return {
    async list(names, signal) {
      const found = await Promise.all(names.map((owner) => find(owner, signal)))
      return names.flatMap(({ kind, namespace, name }, index) => {
        const one = found[index]
        return one ? [{ kind, namespace, name, uid: one.metadata.uid, ...one.state }] : []
      })
    },

    async write({ owner, uid, from, to }, { dryRun, signal, sendBeforeMs }) {
      const stands = (found: Found | null): found is Found =>
        found?.metadata.uid === uid && isSetTo(found.state, from)
      const query = { fieldManager: 'backout', ...(dryRun ? { dryRun: 'All' } : {}) }
      const asks = { signal, query, sendBeforeMs }
      for (let parents: readonly PatchOperation[] = []; ;) {
        const patch = patchOf(parents, { owner, uid, from, to })
        const said = await client.patch(pathOf(owner), patch, asks).then(
          (): Written => ({ kind: 'written' }),
          (error: unknown) => answerTo(error, { dryRun }),
        )
        if (said.kind !== 'refused') return said
        // A `test` that failed, a map that is missing and an invalid object are refused alike.
        const found = await find(owner, signal)
        if (!stands(found)) return { kind: 'changed-meanwhile' }
        const missing = missingParents(found.raw, OWNER_KINDS[owner.kind].place)
        if (isDeepStrictEqual(missing, parents)) return said
        parents = missing
      }
    },
  }
}

function pathOf({ kind, namespace, name }: OwnerName): string {
  const { group, version, resource } = OWNER_KINDS[kind]
  const [where, which] = [namespace, name].map(encodeURIComponent)
  return `/apis/${group}/${version}/namespaces/${where}/${resource}/${which}`
}

/**
 * Only this one setting, and only where it still is what was seen: it is sent without a look before it.
 * `parents`: the maps around it, where they are missing.
 */
function patchOf(
  parents: readonly PatchOperation[],
  { owner, uid, from, to }: OwnerWrite,
): readonly PatchOperation[] {
  const path = pointer(...OWNER_KINDS[owner.kind].place)
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    ...parents,
    { op: 'test', path, value: from },
    to === null ? { op: 'remove', path } : { op: 'add', path, value: to },
  ]
}

const Parent = z.record(z.string(), z.unknown())

/** A JSON Patch can add to a map only where there is one. */
function missingParents(raw: unknown, place: readonly string[]): readonly PatchOperation[] {
  const added: PatchOperation[] = []
  let at: unknown = raw
  for (const [depth, name] of place.slice(0, -1).entries()) {
    at = Parent.catch({}).parse(at)[name]
    const path = pointer(...place.slice(0, depth + 1))
    if (at === undefined || at === null)
      added.push({ op: 'test', path, value: null }, { op: 'add', path, value: {} })
  }
  return added
}
