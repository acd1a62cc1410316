/** Whom to call. From the configuration. */
export type Contacts = {
  readonly onCall: readonly {
    readonly role: string
    readonly name: string
    readonly phone?: string | undefined
    readonly email?: string | undefined
    readonly slack?: string | undefined
  }[]
  readonly support: readonly { readonly name: string; readonly address: string }[]
  readonly channels: readonly { readonly name: string; readonly address: string }[]
  /** Who is told of a critical incident by people; left out where nobody is named. */
  readonly customers?: readonly { readonly name: string; readonly to: readonly string[] }[]
}
