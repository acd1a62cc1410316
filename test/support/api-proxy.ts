import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { freePort } from '../servers/spawn.ts'

export type ProxiedCall = {
  readonly method: string
  readonly url: string
  /** `before`: the API server has not heard of it. `after`: it has answered, and the answer is here. */
  readonly when: 'before' | 'after'
}

/** What becomes of a call: it goes on, late perhaps, or its sender is hung up on. */
export type Fate =
  | 'on its way'
  | 'hung up on'
  | { readonly lateByMs: number }
  | { readonly heldUntil: Promise<unknown> }

export type ApiProxy = AsyncDisposable & {
  readonly url: string
  /** Decides about every call twice, on its way there and back; `null`: all go on their way. */
  readonly decide: (fate: ((call: ProxiedCall) => Fate) | null) => void
}

/** Stands before an API server, as it is reached by one bot. */
export const apiProxy = async ({ url: target, caFile }: KubernetesCluster): Promise<ApiProxy> => {
  let fateOf: ((call: ProxiedCall) => Fate) | null = null
  const agent = new Agent({ ca: await readFile(caFile), keepAlive: true })
  const goesOn = async (
    { method = '', url = '' }: IncomingMessage,
    when: ProxiedCall['when'],
    outgoing: ServerResponse,
  ): Promise<boolean> => {
    const fate = fateOf?.({ method, url, when }) ?? 'on its way'
    if (fate === 'hung up on') outgoing.destroy()
    else if (fate !== 'on its way') {
      await ('heldUntil' in fate ? fate.heldUntil : sleep(fate.lateByMs))
    }
    return !outgoing.destroyed
  }
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    const passOn = async (): Promise<void> => {
      if (!(await goesOn(incoming, 'before', outgoing))) return
      const asked = request(new URL(url, target), { method, headers, agent }, (answer) => {
        void goesOn(incoming, 'after', outgoing).then((on) => {
          if (on) answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers))
          else answer.resume()
        })
      })
      asked.on('error', () => outgoing.destroy())
      incoming.pipe(asked)
    }
    void passOn()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    decide(fate) {
      fateOf = fate
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      agent.destroy()
    },
  }
}
