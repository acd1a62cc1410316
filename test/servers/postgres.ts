import { chown } from 'node:fs/promises'
import { requireBinary } from './find.ts'
import { run } from './run.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { Stoppable } from './spawn.ts'

export type PostgresServer = Stoppable & {
  readonly url: string
  readonly pids: readonly number[]
  /** What `psql` answers. */
  readonly sql: (statement: string) => Promise<string>
}

/** PostgreSQL refuses to run as root: then it is the user that Debian made for it. */
const asPostgres = async (folder: string): Promise<readonly string[]> => {
  if (process.getuid?.() !== 0) return []
  const idOf = async (flag: string) => Number(await run('id', [flag, 'postgres']))
  await chown(folder, await idOf('-u'), await idOf('-g'))
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
}

/** With one empty database, kept in memory as far as a crash is concerned. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const command = requireBinary('unleash', 'postgres')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('postgres')).path
  const [setpriv, ...user] = await asPostgres(folder)
  const as = (program: string, args: readonly string[]) =>
    setpriv === undefined
      ? ([program, args] as const)
      : ([setpriv, [...user, program, ...args]] as const)
  const data = `${folder}/data`
  const initdb = requireBinary('unleash', 'initdb')
  const trusted = ['--auth=trust', '--username=postgres', '--no-sync', '--no-instructions']
  await run(...as(initdb, ['-D', data, ...trusted]), folder)
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`
  const psql = requireBinary('unleash', 'psql')
  const sql = (statement: string) =>
    run(psql, ['--no-psqlrc', '--tuples-only', '--no-align', '-c', statement, url])
  const listening = ['-D', data, '-p', String(port), '-h', '127.0.0.1']
  // No socket in a folder of the system, and nothing waits for the disk.
  const [program, args] = as(command, [...listening, '-k', '', '-F'])
  const server = starting.use(
    await spawnServer({
      name: 'postgres',
      command: program,
      args,
      cwd: folder,
      ready: async () => (await sql('select 1')).startsWith('1'),
    }),
  )
  return { url, sql, pids: [server.pid], ...stoppable(starting.move()) }
}
