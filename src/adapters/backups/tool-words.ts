import { Fault } from '../../domain/base/fault.ts'

/** Why a tool ended without having done its work. */
export type ToolTrouble =
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'fault'; readonly fault: Fault }

const unreachable = (detail: string): ToolTrouble => ({
  kind: 'fault',
  fault: new Fault({ kind: 'retryable', dependency: 'mongodb', detail }),
})
const refused = (because: string): ToolTrouble => ({ kind: 'refused', because })

/** What the tools and the server say, and what it means. Their own words may quote a document, and are not repeated. */
const KNOWN: readonly (readonly [RegExp, ToolTrouble])[] = [
  [
    /auth(entication)? error|authentication failed|AuthenticationFailed/i,
    refused('the server does not accept the user or the password of MONGODB_RESTORE_URI'),
  ],
  [
    /not authorized|Unauthorized|not allowed to do action/i,
    refused(
      'the account lacks a right that copying needs: docs/database.md has the role that it needs',
    ),
  ],
  [
    /E11000|duplicate key/i,
    refused('two of its documents have the same key, or the collection was not empty'),
  ],
  [
    /failed validation|DocumentValidationFailure/i,
    refused('one of its documents breaks a rule of its own collection'),
  ],
  [
    /No space left|OutOfDiskSpace|disk is full|database or disk is full/i,
    refused('the disk of the database is full'),
  ],
  [
    /UserWritesBlocked|not writable primary|NotWritablePrimary|not master/i,
    unreachable('it takes no writes now'),
  ],
  [
    /server selection (error|timeout)|connection refused|no reachable servers|could not connect|i\/o timeout|connection reset/i,
    unreachable('the tool could not reach it, or lost it'),
  ],
]

export function toolTrouble(tool: string, code: number | null, words: string): ToolTrouble {
  const known = KNOWN.find(([pattern]) => pattern.test(words))
  if (known) return known[1]
  const how = code === null ? 'was killed' : `ended with code ${code}, for a reason it did not say`
  return {
    kind: 'fault',
    fault: new Fault({ kind: 'retryable', dependency: 'backups', detail: `${tool} ${how}` }),
  }
}

const RESULT =
  /(\d+) document\(s\) restored successfully\. (\d+) document\(s\) failed to restore\./g

/** What mongorestore counts at its end; `null`: it did not come to that. */
export function restoredCounts(words: string): { restored: number; failed: number } | null {
  const last = [...words.matchAll(RESULT)].at(-1)
  return last ? { restored: Number(last[1]), failed: Number(last[2]) } : null
}
