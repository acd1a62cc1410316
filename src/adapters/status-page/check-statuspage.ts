import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { Components, Page } from './statuspage-schema.ts'

/** The whole list may be asked for once a minute; its pages may be asked for like anything else. */
const PER_PAGE = 100
const MOST_PAGES = 3

const NAME = 'status page'

/** The page is there, the key is taken, and it has the components that are set. Publishes nothing. */
export async function checkStatuspage(
  {
    read,
    page,
    components,
  }: {
    readonly read: (path: string, signal: AbortSignal) => Promise<unknown>
    readonly page: string
    readonly components: Readonly<Record<string, string>>
  },
  signal: AbortSignal,
): Promise<readonly Check[]> {
  try {
    const found = Page.safeParse(await read('', signal)).data
    if (!found) {
      return [wrong(NAME, 'page', 'its answer could not be read', 'check statusPage.apiUrl')]
    }
    const reached = ok(NAME, 'page and key', `${found.name ?? page}: the key is taken`)
    if (Object.keys(components).length === 0) {
      return [reached, careful(NAME, 'components', 'none is set, so no component is marked', TODO)]
    }
    const there = await idsOnPage(read, signal)
    const missing = Object.entries(components).filter(([, id]) => !there.includes(id))
    const names = missing.map(([service, id]) => `${service} (${id})`).join(', ')
    return [
      reached,
      missing.length > 0
        ? wrong(NAME, 'components', `the page has none of that id: ${names}`, TODO)
        : ok(NAME, 'components', `all ${Object.keys(components).length} are there`),
    ]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const todo =
      error.kind === 'terminal'
        ? 'check BACKOUT_STATUSPAGE_API_KEY and communication.statusPage.page'
        : 'check the way there, and ask again in a minute'
    return [wrong(NAME, 'page and key', error.detail, todo)]
  }
}

const TODO = 'set communication.statusPage.components to ids of the page'

async function idsOnPage(
  read: (path: string, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one page after the other, until there is none
    const found = await read(`/components?per_page=${PER_PAGE}&page=${page}`, signal)
    const parsed = Components.safeParse(found)
    if (!parsed.success) {
      throw new Fault({
        kind: 'retryable',
        dependency: NAME,
        detail: 'its answer could not be read',
      })
    }
    ids.push(...parsed.data.map(({ id }) => id))
    if (parsed.data.length < PER_PAGE) break
  }
  return ids
}
