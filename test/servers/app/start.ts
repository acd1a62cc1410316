import { fileURLToPath } from 'node:url'
import { freePort, spawnServer } from '../spawn.ts'
import type { Stoppable } from '../spawn.ts'
import type { Faults } from './traffic.ts'

export type AppOptions = {
  readonly version?: string
  readonly faults?: Partial<Faults>
  /** Given when a new version is to answer where the old one did. */
  readonly port?: number
}

export type AppServer = Stoppable & {
  readonly url: string
  /** `host:port`, as Prometheus wants its targets. */
  readonly target: string
  readonly port: number
  readonly pids: readonly number[]
  /** Changes the named faults and leaves the others as they are. */
  readonly setFaults: (faults: Partial<Faults>) => Promise<void>
}

export const startApp = async (options: AppOptions = {}): Promise<AppServer> => {
  const port = options.port ?? (await freePort())
  const target = `127.0.0.1:${port}`
  const url = `http://${target}`
  const { pid, stop } = await spawnServer({
    name: 'app',
    command: process.execPath,
    args: [
      fileURLToPath(import.meta.resolve('./app.ts')),
      `--port=${port}`,
      `--version=${options.version ?? 'v1.0.0'}`,
      `--faults=${JSON.stringify(options.faults ?? {})}`,
    ],
    ready: async () => (await fetch(`${url}/version`)).ok,
  })
  const setFaults = async (faults: Partial<Faults>): Promise<void> => {
    const response = await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify(faults) })
    if (!response.ok) throw new Error(`The app refused the faults: ${await response.text()}`)
  }
  return { url, target, port, pids: [pid], setFaults, stop, [Symbol.asyncDispose]: stop }
}
