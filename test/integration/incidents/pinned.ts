import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A way to Prometheus on which it is always this moment: hundreds of questions, and none grows older. */
export async function pinnedAt(url: string, moment: number | (() => number)) {
  const seconds = () => (typeof moment === 'number' ? moment : moment())
  return inBetween(url, (form, path) => {
    if (path.endsWith('/query') && !form.has('time')) form.set('time', seconds().toFixed(3))
    return (answer) => answer
  })
}

/**
 * A way to Prometheus on which its past always ends now: what was written until `moment` is asked for, and answered, as
 * if it had been written until this second. However long hundreds of questions take, nothing grows older.
 */
export async function movedToNow(url: string, moment: number) {
  return inBetween(url, (form, path) => {
    const later = Math.round(Date.now() / 1_000 - moment)
    if (path.endsWith('/query') && !form.has('time')) form.set('time', String(moment + later))
    for (const name of ['time', 'start', 'end']) {
      const asked = form.get(name)
      if (asked !== null) form.set(name, (Number(asked) - later).toFixed(3))
    }
    return (answer) => answer.replaceAll(MOMENT, (_, at) => `[${Number(at) + later},`)
  })
}

/** Before the number of a sample, and before a native histogram. */
const MOMENT = /\[(\d{10}(?:\.\d+)?),(?=["{])/g

type OnItsWay = (form: URLSearchParams, path: string) => (answer: string) => string

async function inBetween(url: string, onItsWay: OnItsWay) {
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await text(request))
    const back = onItsWay(form, request.url ?? '')
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'GET',
      ...(request.method === 'POST' ? { body: form } : {}),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(back(await answer.text()))
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
