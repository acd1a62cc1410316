// The application that is rolled back in the tests: node test/servers/app/app.ts --port 8080
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { noFaults, syntheticTraffic } from './traffic.ts'
import type { Faults } from './traffic.ts'

const ratio = z.number().min(0).max(1)

const faultsSchema = z
  .strictObject({
    errorRatio: ratio,
    authFailureRatio: ratio,
    latencyFactor: z.number().positive(),
    down: z.boolean(),
    requestsPerSecond: z.number().min(0),
  })
  .partial()

export type AppAnswer = { readonly status: number; readonly type: string; readonly body: string }

/**
 * More that it answers, to `POST /api/projects` and what was sent, by whoever the header says; `null`: there is no such
 * thing.
 */
export type MoreAnswers = (
  request: string,
  sent: string,
  authorization: string,
) => Promise<AppAnswer | null>

export const json = (status: number, body: unknown): AppAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

/** Not yet listening. Faults are switched by `POST /faults` with those that are to change. */
export const createApp = (
  version: string,
  initially: Partial<Faults> = {},
  more: MoreAnswers = async () => null,
): Server => {
  let faults: Faults = { ...noFaults, ...initially }
  const traffic = syntheticTraffic(() => performance.now())

  const switchFaults = (sent: string): AppAnswer => {
    const changed = faultsSchema.safeParse(JSON.parse(sent))
    if (!changed.success) return json(400, { error: z.prettifyError(changed.error) })
    // What came until now came under the old faults.
    traffic.advance(faults)
    faults = { ...faults, ...changed.data }
    return json(200, faults)
  }

  const answer = async (request: string, sent: string, by: string): Promise<AppAnswer> => {
    switch (request) {
      case 'GET /health':
        return faults.down ? json(503, { status: 'down' }) : json(200, { status: 'ok' })
      case 'GET /version':
        return json(200, { version })
      case 'GET /metrics':
        traffic.advance(faults)
        return { status: 200, type: 'text/plain; version=0.0.4', body: traffic.metrics(faults) }
      case 'POST /faults':
        return switchFaults(sent)
      default:
        return (await more(request, sent, by)) ?? json(404, { error: `no such thing: ${request}` })
    }
  }

  return createServer((request, response) => {
    const reply = ({ status, type, body }: AppAnswer): void => {
      response.writeHead(status, { 'content-type': type }).end(body)
    }
    const path = (request.url ?? '/').split('?', 1)[0]
    const { method, headers } = request
    text(request)
      .then(async (sent) => {
        reply(await answer(`${method} ${path}`, sent, headers.authorization ?? ''))
      })
      .catch((error: unknown) => reply(json(400, { error: String(error) })))
  })
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      version: { type: 'string', default: 'v1.0.0' },
      faults: { type: 'string', default: '{}' },
    },
  })
  const app = createApp(values.version, faultsSchema.parse(JSON.parse(values.faults)))
  app.listen(Number(values.port), '127.0.0.1')
  process.once('SIGTERM', () => {
    app.closeAllConnections()
    app.close()
  })
}
