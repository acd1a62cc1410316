import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { requireBinary } from './find.ts'
import { addressOf, asPostgres, dataFolder, runPostgres } from './postgres.ts'
import { run, untilGone } from './run.ts'
import { freePort, stoppable, type SpawnedServer, type Stoppable } from './spawn.ts'

export type Node = {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly sql: (statement: string) => Promise<string>
}

export type PostgresLine = Stoppable & {
  readonly primary: () => Node
  /** The one that follows the primary, and confirms what it writes; made where there is none. */
  readonly standby: () => Promise<Node>
  /** Kills the primary in the middle of whatever it does. */
  readonly kill: () => Promise<void>
  /** Starts the killed one again, with what is on its disk. */
  readonly restart: () => Promise<void>
  /** Makes the standby the primary. The old one stays dead. */
  readonly promote: () => Promise<void>
}

type Running = Node & { readonly data: string; readonly server: SpawnedServer }

/** A primary, and one standby after the other. */
export const startPostgresLine = async (): Promise<PostgresLine> => {
  await using starting = new AsyncDisposableStack()
  const folders = starting.use(new AsyncDisposableStack())
  const alive = new Set<SpawnedServer>()
  starting.defer(async () => {
    await Promise.all([...alive].map((server) => server.stop()))
  })

  const start = async (data: string, port: number): Promise<Running> => {
    const at = addressOf(port)
    const server = await runPostgres(
      data,
      port,
      [],
      async () => (await at.sql('select 1')) === '1\n',
    )
    alive.add(server)
    return { ...at, port, pid: server.pid, data, server }
  }

  const first = await dataFolder(folders)
  const trusted = ['--auth=trust', '--username=postgres', '--no-sync', '--no-instructions']
  await run(
    ...(await asPostgres(requireBinary('postgres', 'initdb'), ['-D', first, ...trusted])),
    join(first, '..'),
  )
  let primary = await start(first, await freePort())
  let standby: Running | null = null

  const follower = async (): Promise<Node> => {
    if (standby) return standby
    const [data, port] = [await dataFolder(folders), await freePort()]
    const { port: from, sql } = primary
    // A copy of this setting would have the promoted one wait for a standby that it does not have.
    await sql('ALTER SYSTEM RESET synchronous_standby_names')
    const copying = ['-h', '127.0.0.1', '-p', String(from), '-U', 'postgres', '-D', data]
    const how = ['-R', '--checkpoint=fast', '--no-sync']
    await run(
      ...(await asPostgres(requireBinary('postgres', 'pg_basebackup'), [...copying, ...how])),
      join(data, '..'),
    )
    const where = `host=127.0.0.1 port=${from} user=postgres application_name=standby`
    await appendFile(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${where}'\n`)
    standby = await start(data, port)
    await sql(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`)
    await sql('SELECT pg_reload_conf()')
    const state = await eventually(
      () => sql('SELECT sync_state FROM pg_stat_replication'),
      (seen) => seen === 'sync\n',
    )
    if (state !== 'sync\n') throw new Error(`the standby is ${state}`)
    return standby
  }

  return {
    primary: () => primary,
    standby: follower,
    async kill() {
      process.kill(primary.pid, 'SIGKILL')
      await untilGone(primary.pid)
      alive.delete(primary.server)
    },
    async restart() {
      const { data, port } = primary
      // Its children hold on to what they share until they have noticed.
      const started = await eventually(
        () => start(data, port).catch((error: unknown) => error),
        (seen) => !(seen instanceof Error),
      )
      if (started instanceof Error) throw started
      primary = started as Running
    },
    async promote() {
      if (!standby) throw new Error('there is no standby')
      await standby.sql('SELECT pg_promote(true)')
      primary = standby
      standby = null
    },
    ...stoppable(starting.move()),
  }
}
