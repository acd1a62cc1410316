import { Fault } from '../../domain/base/fault.ts'
import type { JournaledEvent } from '../../domain/incident/event.ts'
import { headlineOf } from '../../journal/headline.ts'
import type { HeldAgainst } from '../../journal/prove-checkpoints.ts'
import { proving, type Broken, type JournalProof } from '../../journal/prove.ts'
import { parseStored } from '../../journal/stored-event.ts'
import { openConnections, type Connections, type Row } from './connections.ts'
import { versionIn } from './layout.ts'
import { QUESTIONS } from './questions.ts'
import { nameOf, type JournalServer } from './server.ts'

const PAGE_MS = 10_000

/** Walks the whole journal, and names the first event that is not what was written. Changes nothing. */
export async function verifyPostgresJournal(
  server: JournalServer,
  outside?: HeldAgainst,
): Promise<JournalProof> {
  return reading(server, (connections) => proveRows(connections, outside))
}

/** Everything that was written down of one incident, oldest first; empty when there is none of that name. */
export async function readPostgresIncident(
  server: JournalServer,
  incident: string,
): Promise<readonly JournaledEvent[]> {
  return reading(server, (connections) =>
    connections.use(PAGE_MS, async (session) =>
      (await session.ask(QUESTIONS.read, [incident, 0])).map(parseStored),
    ),
  )
}

async function reading<Result>(
  server: JournalServer,
  read: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const connections = openConnections(server)
  try {
    if ((await connections.use(PAGE_MS, versionIn)) === 0) {
      const detail = `there is no journal on ${server.hosts.map(nameOf).join(', ')}`
      throw new Fault({ kind: 'terminal', dependency: 'journal', detail })
    }
    return await read(connections)
  } finally {
    await connections.close()
  }
}

/** Page by page: what is written meanwhile is walked too. */
export async function proveRows(
  connections: Connections,
  outside?: HeldAgainst,
): Promise<JournalProof> {
  const proof = proving(outside)
  for (let position = 0; ;) {
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    const { rows, headlines } = await pageAfter(connections, position)
    if (rows.length === 0) return proof.end()
    for (const row of rows) {
      const broken = proof.next(row) ?? wrongHeadline(row, headlines)
      if (broken) return broken
    }
    position = Number(rows.at(-1)?.['position'])
  }
}

async function pageAfter(connections: Connections, position: number) {
  return connections.use(PAGE_MS, async (session) => {
    const rows = await session.ask(QUESTIONS.rows, [position])
    const last = rows.at(-1)?.['position'] ?? position
    const found = await session.ask(
      `SELECT position::float8, channel, ts FROM backout.headlines
       WHERE position > $1 AND position <= $2`,
      [position, last],
    )
    const headlines = new Map(found.map((row) => [Number(row['position']), row]))
    return { rows, headlines }
  })
}

/** An incident is found by its message through a table of its own, which is in no chain. */
function wrongHeadline(row: Row, headlines: ReadonlyMap<number, Row>): Broken | null {
  const position = Number(row['position'])
  const wanted = headlineOf(String(row['type']), String(row['body']))
  const found = headlines.get(position)
  if (wanted?.channel === found?.['channel'] && wanted?.ts === found?.['ts']) return null
  const what = 'the message that it is found by is not the one that it names'
  return { kind: 'broken', position, incident: String(row['incident']), what }
}
