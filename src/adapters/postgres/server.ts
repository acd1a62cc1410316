/** Where the journal is kept, and who we are there. */
export type JournalServer = {
  /** Those of one cluster: whichever of them is the primary is written to. A path is the folder of a socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user: string
  readonly password: string | null
  /** `null`: in the clear, which is for this machine alone. */
  readonly tls: { readonly ca: string | undefined } | null
}

/** As people are told of it: no user, no password. */
export function nameOf({ host, port }: JournalServer['hosts'][number]): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
