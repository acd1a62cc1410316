import { CHANNEL, DAY_AND_INCIDENT, IS_HEADLINE, TS, TURNS } from './layout.ts'

/** So that nothing else waits long while one page is parsed. */
const PAGE = 500

/** What the journal is asked, each answered through an index however many events there are. */
export const QUESTIONS = {
  read: `
    SELECT incident, sequence, at, body FROM events
    WHERE incident = ? AND sequence > ? ORDER BY sequence`,
  follow: `
    SELECT position, incident, sequence, at, body FROM events
    WHERE position > ? ORDER BY position LIMIT ${PAGE}`,
  receivedUnder: `
    SELECT delivery, incident, at FROM events
    WHERE delivery >= ?1 AND delivery < ?1 || char(1114111) ORDER BY delivery DESC LIMIT ?2`,
  declared: `
    SELECT incident FROM events
    WHERE type = 'incident-declared' ORDER BY position DESC LIMIT ?`,
  // Through the index by type, which SQLite would choose, every row is read for its incident.
  open: `
    SELECT incident FROM events AS declared INDEXED BY incident_turns
    WHERE ${TURNS} AND type = 'incident-declared' AND 'incident-closed' <> (
      SELECT type FROM events
      WHERE incident = declared.incident AND ${TURNS} ORDER BY position DESC LIMIT 1
    ) ORDER BY position DESC`,
  inThread: `
    SELECT incident FROM events AS posted
    WHERE ${IS_HEADLINE} AND ${CHANNEL} = ? AND ${TS} = ? AND EXISTS (
      SELECT 1 FROM events
      WHERE incident = posted.incident AND ${TURNS} AND type = 'incident-declared'
    ) ORDER BY position DESC LIMIT 1`,
  lastAt: 'SELECT at FROM events WHERE position = (SELECT max(position) FROM events)',
  // Leaps from incident to incident within a day: a day holds many more events than incidents.
  recent: `
    WITH RECURSIVE
      leaps (to_next) AS (
        SELECT min(${DAY_AND_INCIDENT}) FROM events WHERE ${DAY_AND_INCIDENT} >= substr(?1, 1, 10)
        UNION ALL
        SELECT (SELECT min(${DAY_AND_INCIDENT}) FROM events WHERE ${DAY_AND_INCIDENT} > to_next)
        FROM leaps WHERE to_next IS NOT NULL
      ),
      changed AS MATERIALIZED (SELECT DISTINCT substr(to_next, 11) AS incident FROM leaps)
    SELECT incident FROM changed JOIN events AS last USING (incident)
    WHERE last.at >= ?1
      AND last.sequence = (SELECT max(sequence) FROM events WHERE incident = changed.incident)
    ORDER BY last.position DESC`,
} as const
