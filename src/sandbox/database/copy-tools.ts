import { Fault } from '../../domain/base/fault.ts'
import type { CopyTool } from '../../ports/backups.ts'
import { TOOL_VERSION } from './catalogue.ts'

/** What becomes of the next copying: the program is killed in the middle, hangs, or says so and did not do it. */
export type ToolTrouble = 'killed' | 'hangs' | 'nothing-done' | 'some-failed'

export type CopyTools = ReturnType<typeof copyTools>

/** `mongodump` and `mongorestore`, as they are on this machine. */
export function copyTools() {
  let version: string | null = TOOL_VERSION
  let next: ToolTrouble | null = null
  const problem = (): string | null => {
    if (version === null) return 'it is not there'
    return Number.parseInt(version, 10) < 100 ? `version ${version} is too old` : null
  }
  return {
    all: (): readonly CopyTool[] =>
      ['mongodump', 'mongorestore'].map((name) => ({ name, version, problem: problem() })),
    mustBeUsable(name: string): void {
      const because = problem()
      if (because === null) return
      const detail = `${name}: ${because}`
      throw new Fault({ kind: 'terminal', dependency: 'backups', detail })
    },
    setVersion: (to: string | null): void => void (version = to),
    /** Of the next copying, and only of that. */
    trouble: (kind: ToolTrouble): void => void (next = kind),
    takeTrouble(): ToolTrouble | null {
      const taken = next
      next = null
      return taken
    },
  }
}

export function killed(name: string): Fault {
  const detail = `${name} was killed`
  return new Fault({ kind: 'retryable', dependency: 'backups', detail })
}
