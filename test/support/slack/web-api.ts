import { text } from 'node:stream/consumers'
import { WebClient } from '@slack/web-api'
import { serve } from '../contracts/http-server.ts'

type Call = { readonly method: string; readonly args: Record<string, string> }
export type Answer = (call: Call) => object

/** A Web API that says what the test wants. */
export async function slackThat(answer: Answer) {
  const calls: Call[] = []
  const url = await serve((request, response) => {
    void text(request).then((body) => {
      const args = Object.fromEntries(new URLSearchParams(body))
      const call = { method: request.url?.split('/').at(-1) ?? '', args }
      calls.push(call)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer(call)))
    })
  })
  const slackApiUrl = `${url}/api/`
  const client = new WebClient('xoxb-test', { slackApiUrl, retryConfig: { retries: 0 } })
  return { calls, client, slackApiUrl }
}
