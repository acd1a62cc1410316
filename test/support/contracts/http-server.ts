import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'
import { portOf } from './outside.ts'

/** A server for the length of one test; its address without a slash at the end. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${portOf(server.address())}`
}

/** One answer to everything. */
export function answerWith(
  status: number,
  body: string,
  contentType = 'application/json',
): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': contentType }).end(body)
  }
}
