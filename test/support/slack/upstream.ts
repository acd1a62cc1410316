import { WebSocket } from 'ws'
import { dict, dicts, parseDict, str } from './json.ts'
import type { Dict } from './json.ts'
import type { SlackApp } from './fixture.ts'

/** The real local-slack, behind the proxy. It keeps the messages and serves the web page. */
export type Upstream = {
  url: string
  api: (method: string, args: Dict) => Promise<Dict>
  /** Every message of a channel, oldest first: replies and ephemeral ones included. */
  messages: (channel: string) => Promise<Dict[]>
  control: (path: string, body: Dict) => Promise<Dict>
  close: () => void
}

/** Answers with what goes back to local-slack as the bot's acknowledgement. */
export type OnEnvelope = (type: string, payload: Dict) => Promise<Dict>

const encode = (args: Dict): URLSearchParams => {
  const form = new URLSearchParams()
  for (const [key, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue
    form.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return form
}

export const connectUpstream = async (
  url: string,
  app: SlackApp,
  onEnvelope: OnEnvelope,
): Promise<Upstream> => {
  const post = async (
    path: string,
    body: Dict | URLSearchParams,
    token?: string,
  ): Promise<Dict> => {
    const form = body instanceof URLSearchParams
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(form ? {} : { 'content-type': 'application/json' }),
      },
      body: form ? body : JSON.stringify(body),
    })
    return parseDict(await response.text())
  }
  const api = (method: string, args: Dict) => post(`/api/${method}`, encode(args), app.botToken)

  // One socket only, whatever the bot opens: local-slack sends every envelope to every socket of an
  // app, and real Slack to one. Choosing happens in front of the bot's sockets, in `sockets.ts`.
  const opened = await post('/api/apps.connections.open', encode({}), app.appToken)
  const socket = new WebSocket(str(opened['url']))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const receive = async (text: string) => {
    const envelope = parseDict(text)
    const id = str(envelope['envelope_id'])
    if (!id) return
    const payload = await onEnvelope(str(envelope['type']), dict(envelope['payload']))
    if (socket.readyState === WebSocket.OPEN)
      socket.send(JSON.stringify({ envelope_id: id, payload }))
  }
  socket.on('message', (data: Buffer) => void receive(data.toString()))
  socket.on('error', () => socket.terminate())

  return {
    url,
    api,
    messages: async (channel) => {
      const response = await fetch(`${url}/_control/messages/${encodeURIComponent(channel)}`)
      return dicts(parseDict(await response.text())['messages'])
    },
    control: (path, body) => post(`/_control/${path}`, body),
    close: () => socket.terminate(),
  }
}
