import type { WriteOptions } from './deployments.ts'

/** A program that is carried out once, in an image that is named by its digest. */
export type Job = {
  /** Of the run that starts it: there is never a second one of that name. */
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  /** It is ended after so long. */
  readonly seconds: number
  /** What it is told; what it must keep secret it has from where it runs. */
  readonly variables: Readonly<Record<string, string>>
}

export type JobFound =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly says: string }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly says: string }
  /** Somebody else's, of the same name. */
  | { readonly kind: 'another' }

export type JobStarted =
  | { readonly kind: 'started' }
  /** There is one of that name already. */
  | { readonly kind: 'exists' }
  /** In the words of whoever refuses it. Nothing was started. */
  | { readonly kind: 'refused'; readonly because: string }

/** What runs a program once and remembers how it ended. Throws a `Fault` when it could not be asked. */
export type Jobs = {
  /** Where they run, in a few words: `namespace backout-jobs`, `host shop-1`. */
  readonly where: string
  /** Of a run of this name and key. One whose time is over is ended by this, where nothing else ends it. */
  find(name: string, key: string, signal: AbortSignal): Promise<JobFound>
  /**
   * Sent once. Throws a `Fault` of kind `unknown-outcome` when it was sent and no answer came: look
   * before starting it again (J4).
   */
  start(job: Job, options: WriteOptions): Promise<JobStarted>
}
