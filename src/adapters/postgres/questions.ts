import { DAY_AND_INCIDENT, TURNS } from './layout.ts'

/** So that nothing else waits long while one page is parsed. */
const PAGE = 500

const SINCE_DAY = `substr($1, 1, 10)`

/** What the journal is asked, each answered through an index however many events there are. */
export const QUESTIONS = {
  read: `
    SELECT incident, sequence, at, body FROM backout.events
    WHERE incident = $1 AND sequence > $2 ORDER BY sequence`,
  follow: `
    SELECT position::float8, incident, sequence, at, body FROM backout.events
    WHERE position > $1 ORDER BY position LIMIT ${PAGE}`,
  rows: `
    SELECT position::float8, incident, sequence, at, delivery, type, body, hash FROM backout.events
    WHERE position > $1 ORDER BY position LIMIT ${PAGE}`,
  head: 'SELECT position::float8, hash FROM backout.events ORDER BY position DESC LIMIT 1',
  receivedUnder: `
    SELECT delivery, incident, at FROM backout.events
    WHERE delivery >= $1 AND delivery < $1 || chr(1114111) ORDER BY delivery DESC LIMIT $2`,
  declared: `
    SELECT incident FROM backout.events
    WHERE type = 'incident-declared' ORDER BY position DESC LIMIT $1`,
  open: `
    SELECT incident FROM backout.events AS declared
    WHERE type = 'incident-declared' AND 'incident-closed' <> (
      SELECT type FROM backout.events
      WHERE incident = declared.incident AND ${TURNS} ORDER BY position DESC LIMIT 1
    ) ORDER BY position DESC`,
  inThread: `
    SELECT incident FROM backout.headlines JOIN backout.events AS posted USING (position)
    WHERE channel = $1 AND ts = $2 AND EXISTS (
      SELECT 1 FROM backout.events
      WHERE incident = posted.incident AND type = 'incident-declared'
    ) ORDER BY position DESC LIMIT 1`,
  lastAt: 'SELECT at FROM backout.events ORDER BY position DESC LIMIT 1',
  // Leaps from incident to incident within a day: a day holds many more events than incidents.
  recent: `
    WITH RECURSIVE
      leaps (to_next) AS (
        SELECT min(${DAY_AND_INCIDENT}) FROM backout.events WHERE ${DAY_AND_INCIDENT} >= ${SINCE_DAY}
        UNION ALL
        SELECT (SELECT min(${DAY_AND_INCIDENT}) FROM backout.events WHERE ${DAY_AND_INCIDENT} > to_next)
        FROM leaps WHERE to_next IS NOT NULL
      ),
      changed AS MATERIALIZED (
        SELECT DISTINCT substr(to_next, 11) AS incident FROM leaps WHERE to_next IS NOT NULL
      )
    SELECT incident FROM changed CROSS JOIN LATERAL (
      SELECT position, at FROM backout.events
      WHERE incident = changed.incident ORDER BY sequence DESC LIMIT 1
    ) AS last
    WHERE last.at >= $1 ORDER BY last.position DESC`,
} as const
