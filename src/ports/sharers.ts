/** A container of none of the services that would be harmed if one of theirs were made anew, or stopped. */
export type Sharer = {
  readonly host: string
  /** Of the one whose it is. */
  readonly id: string
  /** Its own name, or the beginning of its id where its host does not tell that. */
  readonly by: string
  readonly what: 'network' | 'processes' | 'memory'
}

export type Sharers = {
  readonly sharing: readonly Sharer[]
  /** What runs beside them and could not be looked at: whether it shares anything is not known. */
  readonly notLooked: readonly {
    readonly host: string
    readonly name: string
    readonly because: string
  }[]
}
