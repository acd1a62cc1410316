import type { OtherChange } from '../domain/workload/other-change.ts'

/** What Backout itself has done to production, as its journal has it. */
export type OwnChanges = {
  list(): Promise<readonly OtherChange[]>
}
