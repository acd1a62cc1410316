/** A Pod from its beginning to its end, of which the later parts may lie in the future. */
export type SimulatedPod = {
  readonly name: string
  /** The uid of its ReplicaSet. */
  readonly revision: string
  readonly version: string
  readonly bornAtMs: number
  /** `Infinity`: never. */
  readonly readyAtMs: number
  /** It is told to end, takes no more requests, and is gone later. */
  readonly endsAtMs: number
  readonly goneAtMs: number
}

export const rolloutMs = 8_000
const startMs = 2_000
const endMs = 3_000

export function existsAt({ bornAtMs, goneAtMs }: SimulatedPod, atMs: number): boolean {
  return bornAtMs <= atMs && atMs < goneAtMs
}

export function isReadyAt({ readyAtMs, endsAtMs }: SimulatedPod, atMs: number): boolean {
  return readyAtMs <= atMs && atMs < endsAtMs
}

export function isEndingAt(pod: SimulatedPod, atMs: number): boolean {
  return existsAt(pod, atMs) && pod.endsAtMs <= atMs
}

type Wanted = {
  readonly nowMs: number
  readonly revision: string
  readonly version: string
  readonly replicas: number
  /** A Pod of this revision never becomes ready: one is tried, and the old ones stay. */
  readonly starts: boolean
  readonly nameOf: (serial: number) => string
}

/**
 * What becomes of the Pods when something else is wanted from now on: one after another is
 * replaced, each new one ready before an old one ends.
 */
export function rolled(pods: readonly SimulatedPod[], wanted: Wanted): SimulatedPod[] {
  const { nowMs, revision, version, replicas, starts, nameOf } = wanted
  const begun = pods.filter(({ bornAtMs }) => bornAtMs <= nowMs)
  const staying = begun
    .filter(({ endsAtMs }) => endsAtMs > nowMs)
    .map((pod) => ({ ...pod, endsAtMs: Infinity, goneAtMs: Infinity }))
  const over = begun.filter(({ endsAtMs }) => endsAtMs <= nowMs)
  const kept = staying.filter((pod) => pod.revision === revision)
  const old = staying.filter((pod) => pod.revision !== revision)
  const missing = Math.max(0, replicas - kept.length)

  const stepMs = old.length > 0 ? rolloutMs / Math.max(1, replicas) : 0
  const upMs = old.length > 0 ? 0.7 * stepMs : startMs
  const started = starts || old.length === 0 ? missing : Math.min(1, missing)
  const fresh = Array.from({ length: started }, (_, index): SimulatedPod => {
    const bornAtMs = nowMs + index * stepMs
    return {
      name: nameOf(begun.length + index),
      revision,
      version,
      bornAtMs,
      readyAtMs: starts ? bornAtMs + upMs : Infinity,
      endsAtMs: Infinity,
      goneAtMs: Infinity,
    }
  })
  // As many old ones as are replaced wait for their turn; more than these are too many.
  const tooMany = Math.max(0, old.length - missing)
  const replaced = old.map((pod, index) => {
    if (index < tooMany) return ended(pod, nowMs, endMs)
    const successor = fresh[index - tooMany]
    return successor ? ended(pod, successor.readyAtMs, 0.3 * stepMs) : pod
  })
  const fewer = kept.map((pod, index) => (index < replicas ? pod : ended(pod, nowMs, endMs)))
  return [...over, ...replaced, ...fewer, ...fresh]
}

function ended(pod: SimulatedPod, endsAtMs: number, takesMs: number): SimulatedPod {
  return { ...pod, endsAtMs, goneAtMs: endsAtMs + takesMs }
}
