import { Agent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

/** Who is asking: a client certificate (the admin) or a token (a service account). */
export type Identity = {
  readonly url: string
  readonly ca: string
  readonly cert?: string
  readonly key?: string
  readonly token?: string
}

type ApiAnswer = {
  readonly status: number
  /** JSON as parsed, anything else (logs) as text. */
  readonly body: unknown
}

export type ApiClient = Disposable & {
  /** Whatever the status is, it is an answer; only a broken connection rejects. */
  readonly request: (
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ) => Promise<ApiAnswer>
  /** As `request`, but a status of 400 or more rejects, with what the API server said. */
  readonly must: (
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ) => Promise<unknown>
}

/** Just enough of a client to prepare a cluster for a test, sharing nothing with the adapter. */
export const apiClient = ({ url, ca, cert, key, token }: Identity): ApiClient => {
  const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: 8 })

  const request: ApiClient['request'] = async (method, path, body, contentType) => {
    const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const headers = {
      accept: 'application/json, */*',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': contentType ?? patch }),
    }
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(15_000)
      const asked = httpsRequest(new URL(path, url), { method, agent, headers, signal })
      asked.once('error', reject)
      asked.once('response', (response) => {
        const json = response.headers['content-type']?.includes('json') ?? false
        text(response)
          .then((received) => {
            const parsed: unknown = json ? JSON.parse(received) : received
            resolve({ status: response.statusCode ?? 0, body: parsed })
          })
          .catch(reject)
      })
      asked.end(body === undefined ? undefined : sent)
    })
  }

  const must: ApiClient['must'] = async (method, path, body, contentType) => {
    const answer = await request(method, path, body, contentType)
    if (answer.status < 400) return answer.body
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  return { request, must, [Symbol.dispose]: () => agent.destroy() }
}
