/** An event that cannot follow the state it meets: the journal is not what this program wrote (J3). */
export class IllegalEvent extends Error {
  override readonly name = 'IllegalEvent'
}

/** Makes the error that an impossible event is. */
export type Illegal = (why: string) => IllegalEvent
