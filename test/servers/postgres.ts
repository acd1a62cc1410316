import { appendFile, chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireBinary } from './find.ts'
import { run } from './run.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { SpawnedServer, Stoppable } from './spawn.ts'

export type PostgresServer = Stoppable & {
  readonly url: string
  readonly port: number
  readonly pids: readonly number[]
  /** What `psql` answers. */
  readonly sql: (statement: string) => Promise<string>
}

/** PostgreSQL refuses to run as root: then it is the user that Debian made for it. */
export const userOfPostgres = async (): Promise<readonly string[]> =>
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
    : []

const givenToPostgres = async (path: string): Promise<void> => {
  if (process.getuid?.() !== 0) return
  const idOf = async (flag: string) => Number(await run('id', [flag, 'postgres']))
  await chown(path, await idOf('-u'), await idOf('-g'))
}

/** The program and its arguments, as that user runs it. */
export const asPostgres = async (
  program: string,
  args: readonly string[],
): Promise<readonly [string, readonly string[]]> => {
  const [setpriv, ...user] = await userOfPostgres()
  return setpriv === undefined ? [program, args] : [setpriv, [...user, program, ...args]]
}

export type PostgresOptions = {
  /** Whether a commit waits for the disk. */
  readonly commits: 'to-disk' | 'to-memory'
  /** As in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>
  /** As PEM. With one it speaks TLS, and nothing else. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

const speakTls = async (
  data: string,
  { certificate, key }: NonNullable<PostgresOptions['tls']>,
) => {
  const keep = async (name: string, text: string) => {
    await writeFile(join(data, name), text, { mode: 0o600 })
    await givenToPostgres(join(data, name))
  }
  await keep('server.crt', certificate)
  await keep('server.key', key)
  await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 trust\n')
  await appendFile(join(data, 'postgresql.conf'), 'ssl = on\n')
}

/** With one empty database. */
export const startPostgres = async (
  { commits, settings = {}, tls }: PostgresOptions = { commits: 'to-memory' },
): Promise<PostgresServer> => {
  await using starting = new AsyncDisposableStack()
  const data = await dataFolder(starting)
  const trusted = ['--auth=trust', '--username=postgres', '--no-sync', '--no-instructions']
  await run(
    ...(await asPostgres(requireBinary('postgres', 'initdb'), ['-D', data, ...trusted])),
    join(data, '..'),
  )
  if (tls) await speakTls(data, tls)
  const port = await freePort()
  const at = addressOf(port, tls ? 'require' : 'disable')
  const more = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = starting.use(
    await runPostgres(data, port, [...(commits === 'to-memory' ? ['-F'] : []), ...more], async () =>
      (await at.sql('select 1')).startsWith('1'),
    ),
  )
  return { ...at, port, pids: [server.pid], ...stoppable(starting.move()) }
}

/** Gone with whoever it is made for. */
export const dataFolder = async (starting: AsyncDisposableStack): Promise<string> => {
  const folder = starting.use(await freshFolder('postgres')).path
  await givenToPostgres(folder)
  return join(folder, 'data')
}

export const addressOf = (port: number, sslmode: 'require' | 'disable' = 'disable') => {
  const url = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=${sslmode}`
  const psql = requireBinary('postgres', 'psql')
  const sql = (statement: string) =>
    run(psql, ['--no-psqlrc', '--tuples-only', '--no-align', '-c', statement, url])
  return { url, sql }
}

export const runPostgres = async (
  data: string,
  port: number,
  more: readonly string[],
  ready: () => Promise<boolean>,
): Promise<SpawnedServer> => {
  const listening = ['-D', data, '-p', String(port), '-h', '127.0.0.1']
  // No socket in a folder of the system.
  const args = [...listening, '-k', '', ...more]
  const [command, all] = await asPostgres(requireBinary('postgres', 'postgres'), args)
  return spawnServer({ name: 'postgres', command, args: all, cwd: join(data, '..'), ready })
}
