import { createServer } from 'node:http'

export type Labels = Readonly<Record<string, string>>
export type ApiObject = {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: Labels }
  readonly [field: string]: unknown
}
export type Namespace = Readonly<Record<string, readonly ApiObject[]>>

/** One answer that was given. */
export type Listed = {
  readonly kind: string
  readonly labelSelector: string | null
  readonly fieldSelector: string | null
  readonly items: number
}

export type FakeApiServer = AsyncDisposable & {
  readonly url: string
  readonly lists: Listed[]
  /** As many as were being answered at the same time. */
  readonly mostAtOnce: () => number
  /** The next so many answers that go on with a list say that it was forgotten. */
  readonly forget: (times: number) => void
}

/**
 * Serves lists as the API server does, selectors and pages included, and never more in one answer
 * than was asked for. Whoever asks without a limit is refused: an answer would hold everything.
 */
export const fakeApiServer = async (
  namespaces: Readonly<Record<string, () => Namespace>>,
): Promise<FakeApiServer> => {
  const lists: Listed[] = []
  let forgotten = 0
  let now = 0
  let most = 0

  const answerTo = (address: string): { status: number; body: object } => {
    const { pathname, searchParams } = new URL(address, 'http://fake')
    const [, within = '', of = '', name = ''] =
      /\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
    if (name !== '') {
      const found = namespaces[within]?.()[of]?.find(({ metadata }) => metadata.name === name)
      return found ? { status: 200, body: found } : refusal(404, `${of} "${name}" not found`)
    }
    const [, namespace = '', kind = ''] = /\/namespaces\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
    const limit = Number(searchParams.get('limit'))
    if (!(limit > 0)) return refusal(400, 'a list without a limit')
    const begun = searchParams.get('continue')
    if (begun !== null && forgotten > 0) {
      forgotten -= 1
      return refusal(410, 'The provided continue parameter is too old')
    }
    const labelSelector = searchParams.get('labelSelector')
    const fieldSelector = searchParams.get('fieldSelector')
    const matching = (namespaces[namespace]?.()[kind] ?? []).filter(
      ({ metadata }) =>
        matches(labelSelector ?? '', metadata.labels ?? {}) &&
        (fieldSelector === null || fieldSelector === `metadata.name=${metadata.name}`),
    )
    const from = Number(begun ?? 0)
    const items = matching.slice(from, from + limit)
    const left = matching.length - from - items.length
    lists.push({ kind, labelSelector, fieldSelector, items: items.length })
    const metadata = left > 0 ? { continue: String(from + limit), remainingItemCount: left } : {}
    return { status: 200, body: { kind: 'List', metadata, items } }
  }

  const server = createServer((request, response) => {
    now += 1
    most = Math.max(most, now)
    // In the next turn, so that calls that are made together are seen together.
    setImmediate(() => {
      now -= 1
      const { status, body } = answerTo(request.url ?? '')
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    lists,
    mostAtOnce: () => most,
    forget: (times) => (forgotten = times),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const refusal = (status: number, message: string) => ({
  status,
  body: { kind: 'Status', status: 'Failure', message, code: status },
})

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
const matches = (selector: string, labels: Labels): boolean =>
  (selector.match(/[^,(]+(\([^)]*\))?/g) ?? []).every((condition) =>
    holds(condition.trim(), labels),
  )

const holds = (condition: string, labels: Labels): boolean => {
  const [, key = '', operator, list = ''] = /^(\S+) (in|notin) \((.*)\)$/.exec(condition) ?? []
  const value = labels[key]
  if (operator === 'in') return value !== undefined && list.split(',').includes(value)
  if (operator === 'notin') return value === undefined || !list.split(',').includes(value)
  if (condition.startsWith('!')) return labels[condition.slice(1)] === undefined
  const [name = '', wanted] = condition.split('=')
  return wanted === undefined ? name in labels : labels[name] === wanted
}
