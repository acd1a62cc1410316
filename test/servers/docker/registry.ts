import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { requireBinary } from '../find.ts'
import { freePort, freshFolder, spawnServer, stoppable } from '../spawn.ts'
import type { Stoppable } from '../spawn.ts'

export type RegistryOptions = {
  /** Ask for a login: then the one in `auth` is the only one let in. */
  readonly auth?: boolean
  readonly port?: number
}

export type Registry = Stoppable & {
  /** `127.0.0.1:PORT`, with which the names of its images begin. */
  readonly address: string
  readonly url: string
  readonly port: number
  /** Where its blobs are. */
  readonly folder: string
  readonly pids: readonly number[]
  /** As the Engine wants it with a push and a pull; undefined where everybody is let in. */
  readonly auth:
    | { readonly username: string; readonly password: string; readonly serveraddress: string }
    | undefined
}

const registryLogin = { username: 'backout', password: 'registry-password' } as const

// Made with bcrypt's lowest cost: the registry checks it on every request of every test.
const loginHash = '$2a$04$abcdefghijklmnopqrstuuvMfIFKvu0UMo4ROgipiW53f9qa5YK3q'

const answers = async (url: string): Promise<boolean> => {
  const { status } = await fetch(`${url}/v2/`, { signal: AbortSignal.timeout(1_000) })
  return status === 200 || status === 401
}

/** Plain http on loopback, which every Engine takes from a registry there. */
export const startRegistry = async (options: RegistryOptions = {}): Promise<Registry> => {
  const command = requireBinary('docker', 'docker-registry')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('registry')).path
  const port = options.port ?? (await freePort())
  const address = `127.0.0.1:${port}`
  const passwords = join(folder, 'htpasswd')
  await writeFile(passwords, `${registryLogin.username}:${loginHash}\n`)
  const config = {
    version: '0.1',
    log: { level: 'warn' },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
    },
    http: { addr: address },
    ...(options.auth ? { auth: { htpasswd: { realm: 'test', path: passwords } } } : {}),
  }
  const configFile = join(folder, 'config.yaml')
  await writeFile(configFile, stringify(config))
  const url = `http://${address}`
  const server = starting.use(
    await spawnServer({
      name: 'docker-registry',
      command,
      args: ['serve', configFile],
      ready: () => answers(url),
    }),
  )
  const auth = options.auth ? { ...registryLogin, serveraddress: address } : undefined
  return { address, url, port, folder, auth, pids: [server.pid], ...stoppable(starting.move()) }
}
