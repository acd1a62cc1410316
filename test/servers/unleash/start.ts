import { requireBinary } from '../find.ts'
import { startPostgres, type PostgresServer } from '../postgres.ts'
import { freePort, spawnServer, stoppable } from '../spawn.ts'
import type { Stoppable } from '../spawn.ts'

export const unleashTokens = {
  admin: '*:*.admin-token-for-tests',
  /** Of the environment `development`. */
  client: 'default:development.client-token-for-tests',
} as const

const ADMIN_PASSWORD = 'a-password-for-tests'

export type UnleashServer = Stoppable & {
  readonly url: string
  readonly pids: readonly number[]
  readonly database: Pick<PostgresServer, 'sql'>
  /** Of its admin API, by the admin token. Throws unless it was taken. */
  readonly admin: (method: string, path: string, body?: object) => Promise<unknown>
  /** A token of a new user with this role: `Editor` or `Viewer`. */
  readonly tokenOf: (role: 'Editor' | 'Viewer') => Promise<string>
}

const answered = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  if (!response.ok) throw new Error(`Unleash answered ${response.status}: ${text.slice(0, 300)}`)
  return text === '' ? null : JSON.parse(text)
}

/** The open-source edition, over a PostgreSQL of its own. */
export const startUnleash = async (): Promise<UnleashServer> => {
  const program = requireBinary('unleash', 'unleash')
  await using starting = new AsyncDisposableStack()
  const database = starting.use(await startPostgres())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = starting.use(
    await spawnServer({
      name: 'unleash',
      command: process.execPath,
      args: [program],
      env: {
        DATABASE_URL: database.url,
        PORT: String(port),
        ADMIN_TOKEN: unleashTokens.admin,
        CLIENT_TOKEN: unleashTokens.client,
        ADMIN_PASSWORD,
      },
      ready: async () => (await fetch(`${url}/health`)).ok,
      deadlineMs: 60_000,
    }),
  )

  const ask = async (method: string, path: string, headers: object, body?: object) =>
    fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const admin = async (method: string, path: string, body?: object) =>
    answered(await ask(method, `/api/admin${path}`, { authorization: unleashTokens.admin }, body))

  const cookieOf = async (username: string, password: string): Promise<string> => {
    const response = await ask('POST', '/auth/simple/login', {}, { username, password })
    await answered(response)
    return response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ')
  }
  let users = 0
  const tokenOf = async (role: 'Editor' | 'Viewer'): Promise<string> => {
    const username = `${role.toLowerCase()}-${(users += 1)}`
    const user = { username, password: ADMIN_PASSWORD, rootRole: role, sendEmail: false }
    const asAdmin = { cookie: await cookieOf('admin', ADMIN_PASSWORD) }
    await answered(await ask('POST', '/api/admin/user-admin', asAdmin, user))
    const asUser = { cookie: await cookieOf(username, ADMIN_PASSWORD) }
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const token = { description: 'for tests', expiresAt }
    const made = await answered(await ask('POST', '/api/admin/user/tokens', asUser, token))
    return (made as { secret: string }).secret
  }

  const pids = [server.pid, ...database.pids]
  return { url, pids, database, admin, tokenOf, ...stoppable(starting.move()) }
}
