import { JOB_NAME } from './job.ts'

/** Pictures of what may stand in an address. Nothing is ever escaped in one of ours. */
const ID = '[0-9a-f]{64}'
const IMAGE = '[A-Za-z0-9][A-Za-z0-9._:/@-]{0,400}'
const NAME = '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,200}'

/** What may be asked for beside the address. What is not listed is refused, and so is the same thing twice. */
type Query = Readonly<Record<string, { readonly is: RegExp; readonly needed?: true }>>

type Row = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Of the whole address, without its version. */
  readonly path: RegExp
  readonly query?: Query
  /** A request without one is sent on without one, whatever came. */
  readonly body?: 'json'
  /** How long it may take. */
  readonly deadlineMs: number
}

const MINUTE = 60_000
const NUMBER = /^\d{1,12}(\.\d{1,9})?$/
const one = (is: RegExp): { readonly is: RegExp; readonly needed: true } => ({ is, needed: true })

function ofContainer(what: string): RegExp {
  return new RegExp(`^/containers/(?<id>${ID})${what}$`)
}

/**
 * Every call that is sent on to an Engine, if the rest of it is right too (`judge.ts`). The integration run holds this
 * list equal to the calls that Backout makes.
 */
export const CALLS = {
  ping: { method: 'GET', path: /^\/_ping$/, deadlineMs: MINUTE },
  version: { method: 'GET', path: /^\/version$/, deadlineMs: MINUTE },
  info: { method: 'GET', path: /^\/info$/, deadlineMs: MINUTE },
  events: {
    method: 'GET',
    path: /^\/events$/,
    query: {
      since: one(NUMBER),
      until: one(NUMBER),
      filters: one(/^\{"type":\["container"\]\}$/),
    },
    deadlineMs: 5 * MINUTE,
  },
  list: {
    method: 'GET',
    path: /^\/containers\/json$/,
    query: { all: { is: /^true$/ } },
    deadlineMs: MINUTE,
  },
  inspect: { method: 'GET', path: ofContainer('/json'), deadlineMs: MINUTE },
  // By the name that it alone may have.
  job: {
    method: 'GET',
    path: new RegExp(`^/containers/(?<name>${JOB_NAME})/json$`),
    deadlineMs: MINUTE,
  },
  network: { method: 'GET', path: new RegExp(`^/networks/(?<name>${NAME})$`), deadlineMs: MINUTE },
  logs: {
    method: 'GET',
    path: ofContainer('/logs'),
    query: {
      stdout: { is: /^true$/ },
      stderr: { is: /^true$/ },
      tail: one(/^\d{1,6}$/),
      since: { is: NUMBER },
    },
    deadlineMs: 5 * MINUTE,
  },
  stats: {
    method: 'GET',
    path: ofContainer('/stats'),
    query: { stream: one(/^false$/) },
    deadlineMs: MINUTE,
  },
  changes: { method: 'GET', path: ofContainer('/changes'), deadlineMs: 5 * MINUTE },
  images: { method: 'GET', path: /^\/images\/json$/, deadlineMs: MINUTE },
  image: {
    method: 'GET',
    path: new RegExp(`^/images/(?<name>${IMAGE})/json$`),
    deadlineMs: MINUTE,
  },
  // The host asks a registry, and pulls nothing.
  distribution: {
    method: 'GET',
    path: new RegExp(`^/distribution/(?<name>${IMAGE}@sha256:[0-9a-f]{64})/json$`),
    deadlineMs: MINUTE,
  },
  create: {
    method: 'POST',
    path: /^\/containers\/create$/,
    query: { name: one(new RegExp(`^${NAME}$`)) },
    body: 'json',
    deadlineMs: 5 * MINUTE,
  },
  connect: {
    method: 'POST',
    path: new RegExp(`^/networks/(?<name>${NAME})/connect$`),
    body: 'json',
    deadlineMs: MINUTE,
  },
  update: { method: 'POST', path: ofContainer('/update'), body: 'json', deadlineMs: MINUTE },
  start: { method: 'POST', path: ofContainer('/start'), deadlineMs: 5 * MINUTE },
  // Its own time to end may be an hour.
  stop: { method: 'POST', path: ofContainer('/stop'), deadlineMs: 70 * MINUTE },
  rename: {
    method: 'POST',
    path: ofContainer('/rename'),
    query: { name: one(new RegExp(`^${NAME}$`)) },
    deadlineMs: MINUTE,
  },
  remove: {
    method: 'DELETE',
    path: ofContainer(''),
    query: { v: { is: /^false$/ }, force: { is: /^false$/ }, link: { is: /^false$/ } },
    deadlineMs: 5 * MINUTE,
  },
  forget: {
    method: 'DELETE',
    path: /^\/images\/backout-kept\/(?<name>[a-z0-9][a-z0-9._-]{0,200}:\w[\w.-]{0,127})$/,
    query: { force: one(/^false$/), noprune: one(/^true$/) },
    deadlineMs: 5 * MINUTE,
  },
  commit: {
    method: 'POST',
    path: /^\/commit$/,
    query: {
      container: one(new RegExp(`^${ID}$`)),
      repo: one(/^backout-kept\/[a-z0-9][a-z0-9._-]{0,200}$/),
      tag: one(/^\w[\w.-]{0,127}$/),
      pause: one(/^false$/),
    },
    body: 'json',
    deadlineMs: 15 * MINUTE,
  },
  pull: {
    method: 'POST',
    path: /^\/images\/create$/,
    query: {
      fromImage: one(new RegExp(`^${IMAGE}$`)),
      tag: one(/^sha256:[0-9a-f]{64}$/),
    },
    deadlineMs: 65 * MINUTE,
  },
} as const satisfies Readonly<Record<string, Row>>

export type CallName = keyof typeof CALLS

export type Call = {
  readonly name: CallName
  readonly method: Row['method']
  /** `/v1.41`, or nothing. */
  readonly version: string
  readonly path: string
  /** Of a container: always its whole id. */
  readonly id: string | null
  /** Of an image, a network, or a container that is asked for by its name. */
  readonly named: string | null
  readonly query: Readonly<Record<string, string>>
  readonly body: 'json' | null
  readonly deadlineMs: number
}

/** Which call a request is, told by its first line alone; or why it is none, in a sentence. */
export function callOf(method: string, url: string): Call | string {
  const [address = '', ...rest] = url.split('?')
  const [, version = '', path = ''] = /^(\/v1\.\d{1,3})?(\/.*)$/s.exec(address) ?? []
  if (!/^[A-Za-z0-9_.:@/-]+$/.test(path) || path.split('/').some(isTrick)) {
    return 'The address of the request is not one that Backout asks for.'
  }
  const rows: readonly (readonly [string, Row])[] = Object.entries(CALLS)
  const fitting = rows.filter(([, row]) => row.method === method && row.path.test(path))
  const [name, row] = fitting[0] ?? []
  if (!isCallName(name) || !row || fitting.length > 1) {
    return `${/^[A-Z]{1,10}$/.test(method) ? method : 'That'} ${path.slice(0, 80)} is not among the calls that Backout makes.`
  }
  const query = queryOf(rest.join('?'), row.query ?? {})
  if (typeof query === 'string') return query
  const { id = null, name: named = null } = row.path.exec(path)?.groups ?? {}
  const { body = null, deadlineMs } = row
  return { name, method: row.method, version, path, id, named, query, body, deadlineMs }
}

function isCallName(name: string | undefined): name is CallName {
  return name !== undefined && Object.hasOwn(CALLS, name)
}

/** The first one is what stands before the first slash. */
function isTrick(segment: string, index: number): boolean {
  return segment === '.' || segment === '..' || (segment === '' && index > 0)
}

function queryOf(text: string, known: Query): Readonly<Record<string, string>> | string {
  const given = [...new URLSearchParams(text)]
  for (const [key] of given) {
    if (!Object.hasOwn(known, key)) {
      return `${JSON.stringify(key.slice(0, 40))} is nothing that Backout asks for in such a call.`
    }
  }
  for (const [key, { is, needed }] of Object.entries(known)) {
    const values = given.filter(([name]) => name === key).map(([, value]) => value)
    if (values.length > 1) return `${key} is given twice.`
    const value = values[0]
    if (value === undefined ? needed : !is.test(value)) {
      return `${key} is not as Backout gives it in such a call.`
    }
  }
  return Object.fromEntries(given)
}
