import { Fault } from '../../domain/base/fault.ts'
import type { Connections, Session } from './connections.ts'
import { naming, WRITING, type HeldLock } from './lock-holder.ts'

/** What this version of Backout writes. */
export const LAYOUT = 4

/** The events that open, close and reopen an incident. */
export const TURNS = `type IN ('incident-declared', 'incident-closed', 'incident-reopened')`

/** Ten characters of `at`: with them, one leap passes all events of an incident on one day. */
export const DAY_AND_INCIDENT = `(substr(at, 1, 10) || incident)`

/**
 * Numbered from 1, each applied once, and never changed again. Texts compare by their letters' numbers:
 * another order would change with the system's libraries, and the indexes would be wrong then.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE SCHEMA IF NOT EXISTS backout;
  CREATE TABLE backout.layout (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version integer NOT NULL,
    written_by_from integer NOT NULL
  );
  INSERT INTO backout.layout (version, written_by_from) VALUES (1, 1);
  CREATE TABLE backout.events (
    position bigint PRIMARY KEY,
    incident text COLLATE "C" NOT NULL,
    sequence integer NOT NULL,
    at text COLLATE "C" NOT NULL,
    delivery text COLLATE "C" UNIQUE,
    type text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    UNIQUE (incident, sequence)
  );
  CREATE INDEX events_by_type ON backout.events (type, position);
  CREATE INDEX incident_turns ON backout.events (incident, position, type) WHERE ${TURNS};
  CREATE INDEX events_by_day ON backout.events (${DAY_AND_INCIDENT});
  CREATE TABLE backout.headlines (
    position bigint PRIMARY KEY REFERENCES backout.events,
    channel text COLLATE "C" NOT NULL,
    ts text COLLATE "C" NOT NULL
  );
  CREATE INDEX headlines_by_message ON backout.headlines (channel, ts);
  CREATE TABLE backout.holds (
    target text COLLATE "C" PRIMARY KEY,
    incident text COLLATE "C" NOT NULL,
    plan integer NOT NULL
  );
  CREATE INDEX holds_by_plan ON backout.holds (incident, plan);`,
  // Which of several processes acts.
  `
  CREATE TABLE backout.leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    until timestamptz NOT NULL
  );`,
  // Second factors, for signing without Slack. No part of the journal: what is in them is changed and removed.
  `
  CREATE TABLE backout.second_factors (
    person text COLLATE "C" PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    handle text COLLATE "C" NOT NULL UNIQUE,
    secret bytea NOT NULL,
    made bigint NOT NULL,
    proved bigint,
    confirmed bigint,
    confirmed_by text COLLATE "C",
    last_step bigint NOT NULL
  );
  CREATE TABLE backout.second_factor_links (
    person text COLLATE "C" PRIMARY KEY,
    hash text COLLATE "C" NOT NULL UNIQUE,
    until bigint NOT NULL
  );
  CREATE TABLE backout.wrong_codes (person text COLLATE "C" NOT NULL, at bigint NOT NULL);
  CREATE INDEX wrong_codes_by_person ON backout.wrong_codes (person, at);
  CREATE TABLE backout.kept_answers (
    key text COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL,
    body bytea NOT NULL
  );
  CREATE TABLE backout.signing_seal (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    body bytea NOT NULL
  );`,
  // No part of the journal: the history of releases that hosts of containers do not keep, what was found and told last, and what
  // was delivered to one process and is for another.
  `
  CREATE TABLE backout.releases (
    service text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    image text COLLATE "C" NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    PRIMARY KEY (service, host, image, sha256)
  );
  CREATE TABLE backout.kept (
    name text COLLATE "C" PRIMARY KEY,
    body text COLLATE "C" NOT NULL
  );
  CREATE TABLE backout.handed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    body text COLLATE "C" NOT NULL
  );`,
]

/** One for all that make or change the tables: "backout" in letters' numbers. */
const MIGRATION_LOCK = 0x6261_636b

const MAKING: HeldLock = { what: 'makes the tables of the journal', advisory: MIGRATION_LOCK }

/** Making tables waits for whoever makes them too. */
const MIGRATE_MS = 10_000

/**
 * Makes what is missing. Where nothing is, no right to make anything is needed. In one transaction, with a
 * lock that ends with it: through a pooler the next statement may be another session's.
 */
export async function migrate(connections: Connections): Promise<void> {
  await connections.use(MIGRATE_MS, async (session) => {
    if ((await versionIn(session)) >= LAYOUT) return
    await session.ask(`BEGIN; SET LOCAL lock_timeout = ${MIGRATE_MS - 2_000}`)
    const at = { connections, session }
    const taken = session.ask('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await naming(MAKING, at, taken)
    const before = await versionIn(session)
    try {
      for (const [index, migration] of MIGRATIONS.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        if (index >= before) await session.ask(migration)
      }
    } catch (error) {
      throw refusedChange(error, before)
    }
    await naming(WRITING, at, session.ask('UPDATE backout.layout SET version = $1', [LAYOUT]))
    await session.commit()
  })
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege. */
const MAY_NOT = '42501'

/** The role that Backout uses may change no table: whoever owns them does. */
function refusedChange(error: unknown, before: number): unknown {
  if (!(error instanceof Fault) || error.code !== MAY_NOT) return error
  const detail = `the journal's tables have layout ${before}, this version needs layout ${LAYOUT}, and its role may not change them: run prepare-journal once more, with the address of their owner`
  return new Fault({ kind: 'terminal', dependency: 'journal', detail, code: MAY_NOT, cause: error })
}

/** 0: there is no journal yet. */
export async function versionIn(session: Session): Promise<number> {
  // Not by to_regclass: it remembers that there was none before the wait for the lock.
  const [found] = await session.ask(`
    SELECT EXISTS (
      SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE nspname = 'backout' AND relname = 'layout'
    ) AS there`)
  if (found?.['there'] !== true) return 0
  const [layout] = await session.ask('SELECT version, written_by_from FROM backout.layout')
  if (layout) refuseNewer(layout)
  return Number(layout?.['version'] ?? 0)
}

/** An older version goes on beside a newer one as long as the newer one allows it. */
export function refuseNewer(layout: { readonly [column: string]: unknown }): void {
  const from = Number(layout['written_by_from'])
  if (from <= LAYOUT) return
  const detail = `the journal has a layout that only versions of Backout from layout ${from} on may write, and this one writes layout ${LAYOUT}`
  throw new Fault({ kind: 'terminal', dependency: 'journal', detail })
}

/** What a role needs, and nothing more: it can change no event, and take none away. */
export function grantsFor(role: string): string {
  return `
  GRANT USAGE ON SCHEMA backout TO ${role};
  GRANT SELECT, INSERT ON backout.events, backout.headlines TO ${role};
  GRANT SELECT, INSERT, DELETE ON backout.holds TO ${role};
  GRANT SELECT, UPDATE ON backout.layout TO ${role};
  GRANT SELECT, INSERT, UPDATE ON backout.leases, backout.signing_seal, backout.kept TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE
    ON backout.releases, backout.second_factors, backout.second_factor_links, backout.kept_answers TO ${role};
  GRANT SELECT, INSERT, DELETE ON backout.wrong_codes TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON backout.handed TO ${role};`
}
