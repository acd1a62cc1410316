import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiCall, Fault, Faults } from './faults.ts'
import type { Workspace } from './fixture.ts'
import { guard, refuse } from './guard.ts'
import { bearer, cut, parseArguments, sendJson } from './http.ts'
import { uniqueId } from './json.ts'
import type { Dict } from './json.ts'
import { METHODS, withChannelId } from './methods.ts'
import type { MethodContext } from './methods.ts'
import type { Responses } from './responses.ts'

/** One HTTP call of the bot: logged, faulted, judged as Slack would, carried out, answered. */
export type Calls = {
  web: (method: string, exchange: Exchange) => Promise<void>
  responseUrl: (id: string, exchange: Exchange) => Promise<void>
  log: ApiCall[]
}

export type Exchange = { request: IncomingMessage; response: ServerResponse; raw: Buffer }

type Outcome = { status: number; body: Dict; headers?: Record<string, string> }

export const createCalls = (
  context: MethodContext,
  faults: Faults,
  responses: Responses,
): Calls => {
  const log: ApiCall[] = []
  const { workspace } = context

  const carryOut = async (call: ApiCall): Promise<Dict> => {
    const args = await withChannelId(call.body, context)
    const refused = guard({ ...call, body: args }, workspace)
    if (refused) return refused
    const method = METHODS[call.method]
    const answer = await (method ? method(args, context) : context.upstream.api(call.method, args))
    call.carriedOut = answer['ok'] === true
    return answer
  }

  const web = async (method: string, exchange: Exchange) => {
    const args = parseArguments(exchange.request, exchange.raw)
    const { token: _token, ...body } = args
    const call = record(method, body, bearer(exchange.request, args))
    await run(call, exchange, async () => {
      const headers = scopeHeader(call, workspace)
      return { status: 200, body: await carryOut(call), ...(headers ? { headers } : {}) }
    })
  }

  const responseUrl = async (id: string, exchange: Exchange) => {
    const body = parseArguments(exchange.request, exchange.raw)
    const call = record('response_url', body, '')
    await run(call, exchange, async () => {
      const outcome = await responses.use(id, body)
      call.carriedOut = outcome.status === 200
      return outcome
    })
  }

  const record = (method: string, body: Dict, token: string): ApiCall => {
    const call: ApiCall = {
      id: uniqueId('call-'),
      method,
      body,
      token,
      at: Date.now(),
      carriedOut: false,
    }
    log.push(call)
    return call
  }

  const run = async (call: ApiCall, { response }: Exchange, work: () => Promise<Outcome>) => {
    for (const fault of faults.take(call)) {
      call.fault = fault.kind
      if (fault.kind === 'delay') {
        await new Promise((resolve) => setTimeout(resolve, fault.ms))
      } else if (fault.kind === 'hang') {
        return
      } else if (fault.kind === 'refuse') {
        cut(response)
        return
      } else if (fault.kind === 'lost-reply') {
        await work()
        cut(response)
        return
      } else {
        answer(call, response, invented(fault))
        return
      }
    }
    answer(call, response, await work())
  }

  return { web, responseUrl, log }
}

/** Slack tells the token's scopes with every answer; web-api puts them in response_metadata. */
const scopeHeader = (call: ApiCall, { scopes, app }: Workspace) =>
  call.token === app.botToken ? { 'x-oauth-scopes': scopes.join(',') } : undefined

const answer = (call: ApiCall, response: ServerResponse, outcome: Outcome): void => {
  call.answered = { at: Date.now(), status: outcome.status, body: outcome.body }
  sendJson(response, outcome.status, outcome.body, outcome.headers)
}

const invented = (
  fault: Extract<Fault, { kind: 'rate-limited' | 'http' | 'platform' }>,
): Outcome => {
  if (fault.kind === 'http') return { status: fault.status, body: refuse('service_unavailable') }
  if (fault.kind === 'platform') return { status: 200, body: refuse(fault.error) }
  const limited = { status: 429, body: refuse('ratelimited') }
  if (fault.retryAfterS === undefined) return limited
  return { ...limited, headers: { 'retry-after': String(fault.retryAfterS) } }
}
