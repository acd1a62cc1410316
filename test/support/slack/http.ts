import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDict, parseDict } from './json.ts'
import type { Dict } from './json.ts'

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** web-api sends lists and objects as JSON text inside a form: undo that, and only that. */
const decoded = (value: string): unknown => {
  if (!/^[[{]/.test(value)) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) || isDict(parsed) ? parsed : value
  } catch {
    return value
  }
}

const JSON_ARGUMENTS = new Set(['blocks', 'attachments', 'view', 'metadata', 'files'])

export const parseArguments = (request: IncomingMessage, raw: Buffer): Dict => {
  const type = request.headers['content-type'] ?? ''
  if (type.includes('application/json')) return parseDict(raw.toString())
  const form = new URLSearchParams(raw.toString())
  const query = new URL(request.url ?? '/', 'http://proxy').searchParams
  return Object.fromEntries(
    [...query, ...form].map(([key, value]) => [
      key,
      JSON_ARGUMENTS.has(key) ? decoded(value) : value,
    ]),
  )
}

export const bearer = (request: IncomingMessage, args: Dict): string => {
  const header = request.headers.authorization ?? ''
  if (header.startsWith('Bearer ')) return header.slice('Bearer '.length)
  return typeof args['token'] === 'string' ? args['token'] : ''
}

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: Dict,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify(body))
}

/** The client sees "socket hang up": nothing tells it whether the request was carried out. */
export const cut = (response: ServerResponse): void => void response.socket?.destroy()

/** File bytes and whatever else is not the Web API goes to local-slack as it came. */
export const passOn = async (
  request: IncomingMessage,
  response: ServerResponse,
  upstream: string,
  raw: Buffer,
): Promise<void> => {
  const headers = new Headers()
  for (const name of ['content-type', 'authorization']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const method = request.method ?? 'GET'
  const withBody = method !== 'GET' && method !== 'HEAD'
  const answer = await fetch(`${upstream}${request.url ?? '/'}`, {
    method,
    headers,
    ...(withBody ? { body: new Uint8Array(raw) } : {}),
  })
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'text/plain',
  })
  response.end(Buffer.from(await answer.arrayBuffer()))
}
