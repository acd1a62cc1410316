import pMap from 'p-map'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { KubernetesClient, KubernetesQuery } from '../client/client.ts'
import { controllerOf, owned } from './ownership.ts'
import type { Owned } from './ownership.ts'
import { listInPages } from './pages.ts'
import { Deployment, Pod, ReplicaSet, parseAnswer } from './schema.ts'
import type { Metadata, Selector } from './schema.ts'
import { labelSelectors, selects } from './selector.ts'

/** With their pods, which are many; and with everything that nobody here reads. */
export type Depth = 'revisions' | 'pods' | 'manifests'

export type Look = {
  /** What was read as it came; empty unless manifests were asked for. */
  readonly raw: { readonly [kind in 'deployments' | 'replicasets' | 'pods']: readonly unknown[] }
  find(name: string | undefined): Owned | undefined
}

/** Where the objects of a kind are in the team's namespace. */
export type PathOf = (group: string, kind: string) => string

/** As many lists at a time as there are connections, but for the one of the Deployments. */
const concurrency = 4

const kinds = {
  deployments: { group: 'apis/apps/v1', kind: 'deployments', schema: Deployment },
  replicasets: { group: 'apis/apps/v1', kind: 'replicasets', schema: ReplicaSet },
  pods: { group: 'api/v1', kind: 'pods', schema: Pod },
} as const

/**
 * What these Deployments are, and what they made. The namespace may be full of what is none of our
 * business, so it is asked for by the Deployments' own selectors. These never change while a
 * Deployment lives: the next look asks for everything at once, and again only when that was wrong.
 */
export function clusterLook(client: KubernetesClient, path: PathOf) {
  const known = new Map<string, Selector>()

  return async (names: readonly string[], depth: Depth, signal: AbortSignal): Promise<Look> => {
    const wanted = [...new Set(names)]
    const selectors = () => wanted.flatMap((name) => known.get(name) ?? [])
    const list = lister(client, path, depth, signal)
    const guessed = selectors()
    const [deployments, early] = await Promise.all([
      namedIn(list, wanted),
      madeBy(list, guessed, depth),
    ])
    for (const name of wanted) known.delete(name)
    for (const { item } of deployments) known.set(item.metadata.name, item.spec.selector)
    const { replicasets, pods } = isDeepStrictEqual(selectors(), guessed)
      ? early
      : await madeBy(list, selectors(), depth)
    const sets = itemsOf(replicasets)
    sets.push(...(await unseenOwners(list, itemsOf(pods), sets)))
    return {
      raw: { deployments: rawOf(deployments), replicasets: rawOf(replicasets), pods: rawOf(pods) },
      find(name) {
        const found = itemsOf(deployments).find(({ metadata }) => metadata.name === name)
        return found && owned(found, sets, itemsOf(pods))
      },
    }
  }
}

type Listable = { readonly metadata: Metadata }
type Kind<T> = { readonly group: string; readonly kind: string; readonly schema: z.ZodType<T> }
type Kept<T> = { readonly item: T; readonly raw: unknown }
type List = <T extends Listable>(
  kind: Kind<T>,
  query: KubernetesQuery,
  isWanted: (item: T) => boolean,
) => Promise<Kept<T>[]>

function lister(client: KubernetesClient, path: PathOf, depth: Depth, signal: AbortSignal): List {
  return ({ group, kind, schema }, query, isWanted) =>
    listInPages(client, path(group, kind), { signal, query }, (items) =>
      parseAnswer(z.array(schema), items, kind)
        .map((item, at) => ({ item, raw: depth === 'manifests' ? items[at] : undefined }))
        .filter(({ item }) => isWanted(item)),
    )
}

/** No field selector names several; for one it saves the list. */
function namedIn(list: List, names: readonly string[]): Promise<Kept<Deployment>[]> {
  const query: KubernetesQuery = names.length === 1 ? { fieldSelector: nameIs(names[0]) } : {}
  return list(kinds.deployments, query, ({ metadata }) => names.includes(metadata.name))
}

function nameIs(name = ''): string {
  return `metadata.name=${name}`
}

async function madeBy(list: List, selectors: readonly Selector[], depth: Depth) {
  const [replicasets, pods] = await Promise.all([
    selected(list, kinds.replicasets, selectors),
    depth === 'revisions' ? [] : selected(list, kinds.pods, selectors),
  ])
  return { replicasets, pods }
}

async function selected<T extends Listable>(
  list: List,
  kind: Kind<T>,
  selectors: readonly Selector[],
): Promise<Kept<T>[]> {
  const lists = await pMap(
    labelSelectors(selectors),
    (labelSelector) =>
      list(kind, { labelSelector }, ({ metadata }) =>
        selectors.some((one) => selects(one, metadata.labels)),
      ),
    { concurrency },
  )
  // Two lists may hold the same object.
  return [...new Map(lists.flat().map((one) => [one.item.metadata.uid, one])).values()]
}

/** ReplicaSets of others whose pods have the labels of ours: without them these would look like strays. */
async function unseenOwners(
  list: List,
  pods: readonly Pod[],
  sets: readonly ReplicaSet[],
): Promise<ReplicaSet[]> {
  const seen = new Set(sets.map(({ metadata }) => metadata.uid))
  const owners = pods.flatMap(({ metadata }) => controllerOf(metadata) ?? [])
  const unseen = owners.filter(({ kind, uid }) => kind === 'ReplicaSet' && !seen.has(uid))
  const names = new Map(unseen.map(({ uid, name }) => [uid, name]))
  const lists = await pMap(
    names,
    ([uid, name]) =>
      list(
        kinds.replicasets,
        { fieldSelector: nameIs(name) },
        ({ metadata }) => metadata.uid === uid,
      ),
    { concurrency },
  )
  return itemsOf(lists.flat())
}

function itemsOf<T>(kept: readonly Kept<T>[]): T[] {
  return kept.map(({ item }) => item)
}

function rawOf(kept: readonly Kept<unknown>[]): unknown[] {
  return kept.map(({ raw }) => raw)
}
