import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { confirmedBy } from './confirmed-by.ts'
import { openConnections, type Connections, type Session } from './connections.ts'
import { migrate, versionIn } from './layout.ts'
import { poolerBefore } from './pooler.ts'
import { refuseUnsafe } from './safety.ts'
import { nameOf, type JournalServer } from './server.ts'
import { beginWriting, touch } from './transaction.ts'
import { proveRows } from './verify-journal.ts'

const ASK_MS = 3_000

/** Whether the journal can be written, is intact, and outlives its server. */
export async function checkPostgresJournal(server: JournalServer): Promise<readonly Check[]> {
  const tried = `write and verify the journal on ${server.hosts.map(nameOf).join(', ')}`
  const connections = openConnections(server)
  try {
    await connections.use(ASK_MS, refuseUnsafe)
    await migrate(connections)
    await connections.use(ASK_MS, async (session) => {
      await beginWriting(connections, session)
      await touch(session)
      await session.commit()
    })
    return [await verified(connections, tried), ...(await aboutServer(connections))]
  } catch (error) {
    return [wrong('journal', tried, whyOf(error), 'docs/high-availability.md says what it needs')]
  } finally {
    await connections.close()
  }
}

async function verified(connections: Connections, tried: string): Promise<Check> {
  const proof = await proveRows(connections)
  if (proof.kind === 'intact') {
    return ok('journal', tried, `writable, ${proof.events} events, intact`)
  }
  const found = `event ${proof.position}: ${proof.what}`
  return wrong('journal', tried, found, 'keep the database as it is, and run verify-journal')
}

async function aboutServer(connections: Connections): Promise<readonly Check[]> {
  const checks = [confirmedBy, rightsOf, neighboursOf, clockOf, actingOf].map((check) =>
    connections.use(ASK_MS, check),
  )
  return [...(await Promise.all(checks)), await poolerBefore(connections)]
}

/** What the start has to say of a server that can be used. */
export async function aboutJournalServer(server: JournalServer): Promise<readonly Check[]> {
  const connections = openConnections(server)
  try {
    return await aboutServer(connections)
  } catch (error) {
    const tried = 'what the server is'
    return [careful('journal', tried, whyOf(error), 'run doctor')]
  } finally {
    await connections.close()
  }
}

async function rightsOf(session: Session): Promise<Check> {
  const tried = 'what the role may do'
  if ((await versionIn(session)) === 0)
    return careful('journal', tried, 'no journal', 'start Backout')
  const [row] = await session.ask(`
    SELECT rolsuper AS super, array_to_string(ARRAY(
      SELECT lower(may) FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS may
      WHERE has_table_privilege('backout.events', may)
    ), ', ') AS more FROM pg_roles WHERE rolname = current_user`)
  const todo =
    'give Backout a role of its own with prepare-journal; docs/high-availability.md says how'
  if (row?.['super'] === true) return careful('journal', tried, 'it is a superuser', todo)
  const more = String(row?.['more'])
  return more === ''
    ? ok('journal', tried, 'it can add events, and change or remove none')
    : careful('journal', tried, `more than needed, on the events: ${more}`, todo)
}

/** Who brings that database back to yesterday brings the journal back too. */
async function neighboursOf(session: Session): Promise<Check> {
  const tried = 'what else is in the database'
  const [row] = await session.ask(`
    SELECT count(*)::int AS tables FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname NOT IN ('backout', 'pg_catalog', 'information_schema')
      AND nspname NOT LIKE 'pg\\_%'`)
  const tables = Number(row?.['tables'])
  return tables === 0
    ? ok('journal', tried, 'nothing')
    : careful(
        'journal',
        tried,
        `${tables} tables of others: to bring them back to an earlier state would take the journal with them`,
        'give Backout a database of its own',
      )
}

/** Times in the journal are this machine's: two machines that differ mix up what came first. */
const MOST_APART_MS = 2_000

async function clockOf(session: Session): Promise<Check> {
  const tried = 'the clocks of both machines'
  const askedMs = Date.now()
  const [row] = await session.ask(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
  )
  const apartMs = Number(row?.['now']) - (askedMs + Date.now()) / 2
  const seconds = Math.round(Math.abs(apartMs) / 1_000)
  if (Math.abs(apartMs) <= MOST_APART_MS) return ok('journal', tried, 'they agree')
  const found = `the server's is ${seconds} s ${apartMs > 0 ? 'ahead' : 'behind'}`
  return careful('journal', tried, found, 'let both machines take their time from the network')
}

/** Which of several processes acts. */
async function actingOf(session: Session): Promise<Check> {
  const tried = 'which process acts'
  if ((await versionIn(session)) === 0) return ok('journal', tried, 'none: no journal is there')
  const [row] = await session.ask(`
    SELECT holder, extract(epoch FROM until - clock_timestamp())::int AS seconds FROM backout.leases
    WHERE until > clock_timestamp()`)
  if (row === undefined) return ok('journal', tried, 'none now')
  // Behind the name of its machine stands a number that nobody needs.
  const [machine] = String(row['holder']).split(' ')
  return ok('journal', tried, `one on ${machine}, for another ${String(row['seconds'])} s`)
}

function whyOf(error: unknown): string {
  if (error instanceof Fault) return error.detail
  return error instanceof Error ? error.message : String(error)
}
