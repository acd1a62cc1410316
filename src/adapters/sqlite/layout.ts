import type { DatabaseSync } from 'node:sqlite'

/** The layout below. A journal of another layout is refused, never converted in passing. */
export const LAYOUT = 1

const EVENTS = `
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY,
    incident TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at TEXT NOT NULL,
    delivery TEXT UNIQUE,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (incident, sequence)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_type ON events (type);`

/*
 * SQLite uses an index over an expression, or over a part of the rows, only where the question has the
 * same words as the index: so both take them from here.
 */

/** The events that open, close and reopen an incident. */
export const TURNS = `type IN ('incident-declared', 'incident-closed', 'incident-reopened')`

/**
 * Old journals hold `message-posted`, newer ones `outbox-delivered`. A body that is no JSON is no
 * headline: it must not keep the journal from being opened.
 */
export const IS_HEADLINE = `CASE
  WHEN type IN ('message-posted', 'outbox-delivered') AND json_valid(body)
  THEN coalesce(body ->> 'kind', 'message') = 'message'
    AND coalesce(body ->> 'surface', body ->> 'key') = 'headline'
  END`
export const CHANNEL = `coalesce(body ->> '$.channel', body ->> '$.receipt.channel')`
export const TS = `coalesce(body ->> '$.ts', body ->> '$.receipt.ts')`

/** Ten characters of `at`: with them, one leap passes all events of an incident on one day. */
export const DAY_AND_INCIDENT = 'substr(at, 1, 10) || incident'

/**
 * What has been added since the first journals. It needs no other layout: whoever does not know it reads
 * and writes the events as ever, and SQLite keeps the indexes up to date for them too. Only the holds of
 * a plan mean nothing to an older version; there the guards at the target are what protects it (J5).
 */
const ADDED: Readonly<Record<string, string>> = {
  holds: `TABLE holds (
    target TEXT NOT NULL PRIMARY KEY, incident TEXT NOT NULL, plan INTEGER NOT NULL
  ) STRICT`,
  incident_turns: `INDEX incident_turns ON events (incident, position, type) WHERE ${TURNS}`,
  headline_messages: `INDEX headline_messages ON events (${CHANNEL}, ${TS}) WHERE ${IS_HEADLINE}`,
  events_by_day: `INDEX events_by_day ON events (${DAY_AND_INCIDENT})`,
}

export function layoutOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
}

/** Writes what stands there already: a commit like any other, that changes nothing. */
export function writeLayout(database: DatabaseSync): void {
  database.exec(`PRAGMA user_version = ${LAYOUT}`)
}

export function createEvents(database: DatabaseSync): void {
  database.exec(EVENTS)
  writeLayout(database)
}

/** Asked before anything is added, because a file that is only read must stay as it is. */
export function lacksAdditions(database: DatabaseSync): boolean {
  const there = definitions(database)
  return Object.keys(ADDED).some((name) => !there.has(name))
}

export function addWhatIsMissing(database: DatabaseSync): void {
  for (const definition of Object.values(ADDED)) {
    database.exec(`CREATE ${definition.replace(/^(TABLE|INDEX)/, '$1 IF NOT EXISTS')}`)
  }
}

/** The table or index that stands there under a name of ours and is not ours; `null`: there is none. */
export function changedAddition(database: DatabaseSync): string | null {
  const there = definitions(database)
  const changed = Object.entries(ADDED).find(([name, definition]) => {
    const found = there.get(name)
    return found !== undefined && found !== `CREATE ${definition}`
  })
  return changed?.[0] ?? null
}

function definitions(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL').all()
  return new Map(rows.map(({ name, sql }) => [String(name), String(sql)]))
}
