const USUAL_PORTS: Readonly<Record<string, string>> = {
  redis: '6379',
  mongodb: '27017',
  postgres: '5432',
}

/** Schemes that lead to the same. */
const SAME_SCHEMES: Readonly<Record<string, string>> = { rediss: 'redis', postgresql: 'postgres' }

/** Where an address leads, without who logs in there and how. */
export type Destination = {
  /** One text for each server, the same for all spellings of it. */
  readonly servers: readonly string[]
  /** What is meant on it: a database, or its number. */
  readonly path: string
  readonly user: string
}

/** Equal for all spellings of one address: with the usual port and without it, in capitals, by another path to a socket. */
export function whereItLeads(address: string): Destination {
  const [, written = '', login = '', places = '', path = '', options = ''] =
    /^([a-z+]+):\/\/(?:([^@/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(address) ?? []
  const lower = written.toLowerCase()
  const scheme = SAME_SCHEMES[lower] ?? lower
  const socket = scheme === 'unix' ? path : new URLSearchParams(options).get('host')
  const servers =
    socket === null
      ? places.split(',').map((place) => withPort(place.toLowerCase(), USUAL_PORTS[scheme]))
      : [socket.replace(/^\/var\/run\//, '/run/')]
  return { servers: servers.map((server) => `${scheme} ${server}`), path, user: userOf(login) }
}

function withPort(place: string, usual: string | undefined): string {
  const [, host = place, port = usual ?? ''] = /^(.*?)(?::(\d+))?$/.exec(place) ?? []
  return `${host === 'localhost' ? '127.0.0.1' : host}:${port}`
}

const userOf = (login: string): string => login.split(':', 1)[0] ?? ''
