import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireBinary } from './find.ts'
import { userOfPostgres } from './postgres.ts'
import { run } from './run.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { Stoppable } from './spawn.ts'

export type Pooler = Stoppable & { readonly url: string }

/** Before a PostgreSQL, with two sessions there for however many connections, and none of them kept. */
export const startPgBouncer = async (
  database: string,
  mode: 'transaction' | 'session',
): Promise<Pooler> => {
  const command = requireBinary('postgres', 'pgbouncer')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('pgbouncer')).path
  await chmod(folder, 0o755)
  const { port: target } = new URL(database)
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
postgres = host=127.0.0.1 port=${target} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${mode === 'transaction' ? 2 : 20}
`,
  )
  const url = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`
  const psql = requireBinary('postgres', 'psql')
  const [program = command, ...user] = await userOfPostgres()
  starting.use(
    await spawnServer({
      name: 'pgbouncer',
      command: program,
      args: user.length > 0 ? [...user, command, file] : [file],
      ready: async () => (await run(psql, ['-tAc', 'select 1', url])).startsWith('1'),
    }),
  )
  return { url, ...stoppable(starting.move()) }
}
