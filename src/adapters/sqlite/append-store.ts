import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { NO_EVENT, StoredHead } from '../../journal/chain.ts'
import type { AppendStore } from '../../journal/write-append.ts'

const Holder = z.object({ incident: z.string(), plan: z.int() })

/** For use inside a transaction. */
export function appendStore(database: DatabaseSync): AppendStore {
  const statements = prepare(database)
  return {
    hasDelivery: (delivery) => statements.delivery.get(delivery) !== undefined,
    lastSequence: (incident) => Number(statements.last.get(incident)?.['sequence'] ?? 0),
    head() {
      const head = statements.head.get()
      return head ? StoredHead.parse(head) : NO_EVENT
    },
    insert({ position, incident, sequence, at, delivery, type, body, hash }) {
      statements.insert.run(position, incident, sequence, at, delivery, type, body, hash)
    },
    holderOf(target) {
      const row = statements.holderOf.get(target)
      return row ? Holder.parse(row) : null
    },
    claim(targets, { incident, plan }) {
      for (const target of targets) statements.claim.run(target, incident, plan)
    },
    release({ incident, plan }) {
      statements.release.run(incident, plan)
    },
  }
}

function prepare(database: DatabaseSync) {
  return {
    last: database.prepare('SELECT max(sequence) AS sequence FROM events WHERE incident = ?'),
    head: database.prepare('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1'),
    delivery: database.prepare('SELECT 1 FROM events WHERE delivery = ?'),
    insert: database.prepare(
      'INSERT INTO events (position, incident, sequence, at, delivery, type, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    holderOf: database.prepare('SELECT incident, plan FROM holds WHERE target = ?'),
    // What the plan holds already stays its own; another plan's is looked for before.
    claim: database.prepare(
      'INSERT INTO holds (target, incident, plan) VALUES (?, ?, ?) ON CONFLICT (target) DO NOTHING',
    ),
    release: database.prepare('DELETE FROM holds WHERE incident = ? AND plan = ?'),
  }
}
