import type { Owner, OwnerName, OwnerSetting } from '../domain/plan/owner.ts'
import type { WriteOptions, Written } from './deployments.ts'

/** A write to one owner. It is refused by the target unless `uid` and `from` still stand there (J5). */
export type OwnerWrite = {
  readonly owner: OwnerName
  readonly uid: string
  readonly from: OwnerSetting
  readonly to: OwnerSetting
}

/** What else writes to the team's workloads, and can be told to stop. Throws a `Fault` when it could not be asked. */
export type Owners = {
  /** Absent ones are left out. */
  list(names: readonly OwnerName[], signal: AbortSignal): Promise<readonly Owner[]>
  /**
   * Once: never sent again by itself. Throws a `Fault` of kind `unknown-outcome` when it was sent
   * and no answer came: look before writing again (J4).
   */
  write(
    write: OwnerWrite,
    options: Pick<WriteOptions, 'dryRun' | 'signal' | 'sendBeforeMs'>,
  ): Promise<Written>
}
