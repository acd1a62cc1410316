import type { FlagValue } from '../domain/plan/flag-value.ts'
import type { Manager } from './deployment-state.ts'
import type { WriteOptions, Written } from './deployments.ts'

/** One key of a ConfigMap, as a plan and a step look at it. What else it holds is not kept. */
export type ConfigMapKey = {
  readonly configMap: string
  readonly key: string
  /** Another ConfigMap of the same name has another one. */
  readonly uid: string
  /** Another one after every change, whatever was changed. A write names the one it has seen (J5). */
  readonly version: string
  /** `null`: the key is not there. */
  readonly value: FlagValue
  /** When whoever wrote the key last wrote anything there; `null`: not known. */
  readonly changedAt: string | null
  /** When anything in it was last written, and by whom; left out: that is not told. */
  readonly lastWritten?: { readonly at: string; readonly by: string | null }
  /** The key is there and holds bytes: its value is not told. */
  readonly binary: boolean
  /** Nothing in it can ever be changed. */
  readonly immutable: boolean
  /** Another controller owns the whole object: `SealedSecret settings`. */
  readonly ownedBy: string | null
  /** Who would put back what stands in it: Argo CD, Flux, Helm. */
  readonly managedBy: readonly Manager[]
  /** The key under which the last write of ours was made. Others may have changed it since. */
  readonly lastWrite: string | null
}

/** A write to one key. It is refused by the target unless `seen` still stands there (J5). */
export type ConfigMapWrite = {
  readonly seen: Pick<ConfigMapKey, 'configMap' | 'key' | 'uid' | 'version' | 'value'>
  /** `null`: the key is taken away. */
  readonly to: FlagValue
}

/** The ConfigMaps that the services read. Throws a `Fault` when it could not be asked. */
export type ConfigMaps = {
  /** `null`: there is no such ConfigMap. */
  find(configMap: string, key: string, signal: AbortSignal): Promise<ConfigMapKey | null>
  /**
   * Writes once: never sent again by itself. Throws a `Fault` of kind `unknown-outcome` when it was sent
   * and no answer came: look before writing again (J4).
   */
  write(write: ConfigMapWrite, options: WriteOptions): Promise<Written>
}
