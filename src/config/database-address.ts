import { isThisMachine } from '../domain/base/in-the-clear.ts'

/** The address of the PostgreSQL that keeps the journal, in its parts. */
export type DatabaseAddress = {
  /** Those of one cluster. A path is the folder of a socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user: string
  readonly password: string | null
  /** Whether it is spoken to by TLS, with a certificate that is checked. */
  readonly tls: boolean
}

const FORM =
  'must be like postgres://user:password@host:5432/database, or with several hosts: user@db-1:5432,db-2:5432/database'

/** All of them mean the same here: the certificate is checked, always. */
const CHECKED = ['require', 'verify-ca', 'verify-full']

/** What is wrong with it, without a word of it: it holds a password. `null`: nothing. */
export function databaseAddressProblem(address: string): string | null {
  const read = readAddress(address)
  return typeof read === 'string' ? read : null
}

/** Of an address in which nothing is wrong. */
export function databaseAddress(address: string): DatabaseAddress {
  const read = readAddress(address)
  if (typeof read === 'string') throw new TypeError(`BACKOUT_DATABASE_URL ${read}`)
  return read
}

function readAddress(address: string): DatabaseAddress | string {
  const [, login = '', places = '', database = '', options = ''] =
    /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)\/([^/?#]+)(?:\?([^#]*))?$/.exec(address) ?? []
  const [user, password = null] = decoded(login)
  const [name] = decoded(database)
  if (!user || !name) return FORM
  const parameters = new Map(new URLSearchParams(options))
  const strange = [...parameters].find(([key, value]) => !isKnown(key, value))
  if (strange) return `has a parameter that is not known here, or not so: ${strange[0]}`
  const hosts = hostsOf(places, parameters.get('host'))
  if (!hosts) return FORM
  const isNear = hosts.every(({ host }) => host.startsWith('/') || isThisMachine(host))
  const mode = parameters.get('sslmode')
  if (mode === 'disable' && !isNear) {
    return 'must not switch TLS off (sslmode=disable): who is on the way could read and change the journal'
  }
  const tls = !isNear || (mode !== undefined && mode !== 'disable')
  return { hosts, database: name, user, password, tls }
}

function isKnown(key: string, value: string): boolean {
  switch (key) {
    case 'sslmode':
      return value === 'disable' || CHECKED.includes(value)
    case 'host':
      return value.startsWith('/')
    // Nothing else is ever done.
    case 'target_session_attrs':
      return value === 'read-write' || value === 'primary'
    default:
      return false
  }
}

function hostsOf(places: string, socket: string | undefined): DatabaseAddress['hosts'] | null {
  if (socket !== undefined) {
    const port = /^(?:localhost)?(?::(\d+))?$/.exec(places)
    return port ? [{ host: socket, port: Number(port[1] ?? 5432) }] : null
  }
  const hosts = places.split(',').map((place) => {
    const [, six, name, port = '5432'] =
      /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(place) ?? []
    const host = six ?? name
    return host !== undefined && Number(port) <= 65_535 ? { host, port: Number(port) } : null
  })
  return hosts.every((host) => host !== null) ? hosts : null
}

/** What stands before and after the first colon; nothing where it cannot be read. */
function decoded(text: string): readonly string[] {
  const [before = '', ...after] = text.split(':')
  try {
    return [before, ...(after.length > 0 ? [after.join(':')] : [])].map(decodeURIComponent)
  } catch {
    return []
  }
}
