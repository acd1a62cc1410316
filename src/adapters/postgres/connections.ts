import pg from 'pg'
import { Fault } from '../../domain/base/fault.ts'
import { NoAnswer, serverFault } from './faults.ts'
import { numberOf, preparedAs, preparing, type Prepared } from './prepared.ts'
import { nameOf, type JournalServer } from './server.ts'

export type Row = Readonly<Record<string, unknown>>

export type Statement = { readonly text: string; readonly values: readonly unknown[] }

/** One connection, lent until `until`. Throws `Fault`s. */
export type Session = {
  /** `db-1:5432` */
  readonly at: string
  /** The number that the connection was given; `null`: none. */
  readonly process: number | null
  /** Nothing stands before the server that could give the next statement to another session. */
  readonly isOwn: boolean
  /** The rows of the last statement in it. What is asked before an answer has come is sent at once, and answered in order. */
  ask(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /**
   * Sends these together with the commit, in one way there and back: where one of them is refused, nothing of the
   * transaction is there. Resolves when it is durable wherever it has to be, and not before.
   */
  commit(last?: readonly Statement[]): Promise<void>
  /** Sends a statement that is a transaction of its own, and answers how many rows it has written. As durable as a commit. */
  commitAlone(statement: Statement): Promise<number>
}

export type Connections = {
  /** The primary's, for at most so long. What fails leaves no connection behind it. */
  use<Result>(withinMs: number, run: (session: Session) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

const CONNECT_MS = 1_500
const MOST_CONNECTIONS = 5
const IDLE_MS = 30_000

/**
 * A few connections, made when they are needed. Through a pooler no statement leaves anything behind in a session: the
 * next statement may meet another one. A session of our own keeps what it has prepared.
 */
export function openConnections(server: JournalServer): Connections {
  const prepared = preparing()
  const pools = server.hosts.map((host) => ({
    at: nameOf(host),
    pool: poolOf(server, host, prepared),
  }))
  let current = 0

  /** Whichever is the primary. All are asked, from the one on that was it last. */
  async function primary(): Promise<{ readonly at: string; readonly client: pg.PoolClient }> {
    const faults: Fault[] = []
    for (let tried = 0; tried < pools.length; tried += 1) {
      const index = (current + tried) % pools.length
      const one = pools[index]
      if (!one) continue
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const client = await one.pool.connect()
        current = index
        return { at: one.at, client }
      } catch (error) {
        faults.push(serverFault(error, { at: one.at }))
      }
    }
    throw joined(faults)
  }

  return {
    async use(withinMs, run) {
      const until = performance.now() + withinMs
      const { at, client } = await primary()
      let isSound = false
      try {
        const result = await run(sessionOf(client, { at, until, prepared }))
        isSound = true
        return result
      } finally {
        // What it was in the middle of is nobody's to know: another one is made.
        client.release(!isSound)
      }
    },
    async close() {
      await Promise.all(pools.map(({ pool }) => pool.end()))
    },
  }
}

function poolOf(
  server: JournalServer,
  { host, port }: JournalServer['hosts'][number],
  prepared: Prepared,
): pg.Pool {
  const pool = new pg.Pool({
    host,
    port,
    database: server.database,
    user: server.user,
    // Never looked for anywhere else.
    password: server.password ?? '',
    // Whoever answers has to be who it says it is.
    ssl: server.tls ? { rejectUnauthorized: true, ca: server.tls.ca } : false,
    application_name: 'backout',
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    pipeline: true,
    allowExitOnIdle: true,
    // oxlint-disable-next-line typescript/no-misused-promises -- it is waited for, whatever its type says
    onConnect: (client) => refuseStandby(client, prepared),
  })
  // One that idles and is cut is gone, and the next is made when it is needed.
  pool.on('error', () => undefined)
  return pool
}

/** What is read there may be old, and nothing can be written. */
async function refuseStandby(client: pg.ClientBase, prepared: Prepared): Promise<void> {
  client.on('error', () => undefined)
  const asked = client.query<{ standby: boolean; process: number }>(
    'SELECT pg_is_in_recovery() AS standby, pg_backend_pid() AS process',
  )
  const [found] = (await within(asked, CONNECT_MS)).rows
  if (found?.standby !== true) return prepared.meet(client, Number(found?.process))
  throw Object.assign(new Error('it is a standby'), { code: '25006', severity: 'ERROR' })
}

function sessionOf(
  client: pg.PoolClient,
  {
    at,
    until,
    prepared,
  }: { readonly at: string; readonly until: number; readonly prepared: Prepared },
): Session {
  const isOwn = prepared.isOwn(client)

  async function answered(
    text: string,
    { values, committing }: { readonly values?: readonly unknown[]; readonly committing?: boolean },
  ) {
    const leftMs = until - performance.now()
    // Nothing is sent that nobody would wait for: it could be carried out all the same.
    if (leftMs <= 0) throw serverFault(new NoAnswer(), { at })
    try {
      const name = isOwn && values ? { name: preparedAs(text) } : {}
      const asked = client.query({ text, ...name, ...(values && { values: [...values] }) })
      return await within(asked, leftMs)
    } catch (error) {
      prepared.hear(error)
      throw serverFault(error, { at, committing })
    }
  }

  /** Waits for what commits. */
  async function confirmed<Result>(committing: () => Promise<Result>): Promise<Result> {
    let isUnconfirmed = false
    const hear = ({ routine }: { routine?: string | undefined }): void => {
      if (routine === 'SyncRepWaitForLSN') isUnconfirmed = true
    }
    client.on('notice', hear)
    try {
      const result = await committing()
      if (isUnconfirmed) throw unconfirmed(at)
      return result
    } finally {
      client.off('notice', hear)
    }
  }

  return {
    at,
    process: numberOf(client),
    isOwn,
    async ask(text, values) {
      const answer: unknown = await answered(text, values ? { values } : {})
      return rowsOf(Array.isArray(answer) ? answer.at(-1) : answer)
    },
    commit(last = []) {
      return confirmed(async () => {
        // Once a COMMIT is on its way, what comes of those before it is only known by an answer.
        const sent = last.map(({ text, values }) => answered(text, { values, committing: true }))
        const [{ command }] = await Promise.all([answered('COMMIT', { committing: true }), ...sent])
        if (command !== 'COMMIT') throw undone(at)
      })
    },
    async commitAlone({ text, values }) {
      const { rowCount } = await confirmed(() => answered(text, { values, committing: true }))
      return rowCount ?? 0
    },
  }
}

function rowsOf(result: unknown): readonly Row[] {
  return result instanceof pg.Result ? (result.rows as readonly Row[]) : []
}

/** A transaction that had failed is answered so, and nothing of it is there. */
function undone(at: string): Fault {
  const detail = `the journal on ${at}: it has undone the transaction`
  return new Fault({ kind: 'retryable', dependency: 'journal', detail })
}

/** Somebody has ended the wait for the standby: it is written here, and a failover may lose it. */
function unconfirmed(at: string): Fault {
  const detail = `the journal on ${at}: no standby has confirmed what was written, because somebody has broken off the wait for it`
  return new Fault({ kind: 'unknown-outcome', dependency: 'journal', detail })
}

async function within<Result>(asked: Promise<Result>, ms: number): Promise<Result> {
  // Nobody hears it any more when it comes late.
  asked.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer()), Math.max(0, ms))
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

function joined(faults: readonly Fault[]): Fault {
  const [first, ...others] = faults
  if (first && others.length === 0) return first
  const hope = faults.find(({ kind }) => kind !== 'terminal') ?? first
  return new Fault({
    kind: hope?.kind ?? 'terminal',
    dependency: 'journal',
    detail: faults.map(({ detail }) => detail).join('; '),
    code: hope?.code ?? null,
    cause: hope,
  })
}
