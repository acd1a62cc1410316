import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { KubernetesClient, KubernetesQuery } from '../client/client.ts'
import { parseAnswer } from './schema.ts'

/** In one answer, unless the query says how many: 250 pods are about two megabytes. */
const pageSize = 250

/** When a list is so long that its beginning is forgotten at its end, a person has to look. */
const mostBeginnings = 3

const Page = z.object({
  metadata: z.object({ continue: z.string().default('') }).prefault({}),
  items: z.array(z.unknown()),
})

type Asked = { readonly signal: AbortSignal; readonly query?: KubernetesQuery }

/**
 * A whole list, a page at a time. Of each page only what `keep` returns is kept, so that a namespace
 * with thousands of objects of others takes the room of one page.
 */
export async function listInPages<T>(
  client: KubernetesClient,
  path: string,
  asked: Asked,
  keep: (items: readonly unknown[]) => readonly T[],
): Promise<T[]> {
  for (let beginnings = 1; ; beginnings += 1) {
    try {
      return await fromTheBeginning(client, path, asked, keep)
    } catch (error) {
      // The API server forgets where a list was after some minutes: what came so far may have changed.
      const forgotten = error instanceof Fault && error.code === '410'
      if (!forgotten || beginnings === mostBeginnings) throw error
    }
  }
}

async function fromTheBeginning<T>(
  client: KubernetesClient,
  path: string,
  { signal, query }: Asked,
  keep: (items: readonly unknown[]) => readonly T[],
): Promise<T[]> {
  const kept: T[] = []
  let next = ''
  do {
    const page = { limit: pageSize, ...query }
    const asked = { signal, query: next === '' ? page : { ...page, continue: next } }
    // oxlint-disable-next-line no-await-in-loop -- each page names the next one
    const answer = await client.get(path, asked)
    const { metadata, items } = parseAnswer(Page, answer, path.split('/').at(-1) ?? path)
    kept.push(...keep(items))
    next = metadata.continue
  } while (next !== '')
  return kept
}
