/** A collection that the server lists, without views. */
export type DumpedName = {
  readonly name: string
  /** Of its documents; `null`: it does not tell. */
  readonly bytes: number | null
}

/** What the server tells when a copy of it begins, and when it has ended. Unknown stays unknown. */
export type Beginning = {
  /** Which one is copied from, as the settings or the server call it. */
  readonly node: string | null
  /** How far that one is behind. */
  readonly lagSeconds: number | null
  end(signal: AbortSignal): Promise<{
    /** By the server's clock; `null`: it does not tell, and ours has to do. */
    readonly at: string | null
    /** Whether nobody has written in between. */
    readonly oneMoment: 'yes' | 'no' | 'not-known'
  }>
}

/** Of a server that tells none of it. */
export async function nothingTold(): Promise<Beginning> {
  return {
    node: null,
    lagSeconds: null,
    end: async () => ({ at: null, oneMoment: 'not-known' }),
  }
}
