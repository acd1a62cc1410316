import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A way to Prometheus on which it is always this moment: hundreds of questions, and none grows older. */
export async function pinnedAt(url: string, moment: number | (() => number)) {
  const seconds = () => (typeof moment === 'number' ? moment : moment())
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await text(request))
    if (request.url?.endsWith('/query') && !form.has('time')) form.set('time', seconds().toFixed(3))
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'GET',
      ...(request.method === 'POST' ? { body: form } : {}),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(await answer.text())
  }
  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => response.destroy(Error(String(error))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
