import { Fault } from '../../domain/base/fault.ts'

export type RedisAddress = {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly database: number
  readonly family: number | null
  readonly tls: boolean
  /** Host and port, never the user and password before them. */
  readonly where: string
}

/**
 * `redis://[user:password@]host:port/db`. ioredis would read it too, and would take any option of
 * its own from the query, a host that is missing for this machine, and `/cache` for database 0:
 * too much to guess for somebody who deletes keys there.
 */
export function redisAddress(text: string): RedisAddress {
  const url = URL.parse(text)
  if (url === null || url.hostname === '') throw wrong('names no host')
  const [, database = '0'] = /^\/?(\d{1,9})?$/.exec(url.pathname) ?? [null, null]
  if (database === null) throw wrong('does not end with the number of a database')
  const { family = null, ...others } = Object.fromEntries(url.searchParams)
  if (Object.keys(others).length > 0) throw wrong('has options in its query besides "family"')
  const host = url.hostname.toLowerCase()
  const port = url.port || '6379'
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    username: decoded(url.username),
    password: decoded(url.password),
    database: Number(database),
    family: family === null ? null : Number(family),
    tls: url.protocol === 'rediss:',
    where: `${host}:${port}`,
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong('has a user or password that is not percent-encoded')
  }
}

const wrong = (what: string): Fault =>
  new Fault({ kind: 'terminal', dependency: 'redis', detail: `its address ${what}` })
