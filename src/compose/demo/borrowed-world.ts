import { Fault } from '../../domain/base/fault.ts'
import type { EvidencePiece, Workloads } from '../../ports/workloads.ts'
import type { World } from '../../ports/world.ts'
import { SANDBOX_CACHE } from '../../sandbox/cache/cache.ts'
import type { Platform } from './as-simulated.ts'
import { marked, signalsIn } from './lent-marks.ts'
import { Answer, Collected, Told, type Port, type Question } from './lent-messages.ts'

/** The other end: what answers is in the process that `send` reaches, and its answers come to `hear`. */
export function borrow(
  send: (question: Question) => void,
  platform: Platform,
): {
  readonly world: World
  hear(message: unknown): void
} {
  const waiting = new Map<number, Waiting>()
  let last = 0

  function ask(port: Port, method: string, args: readonly unknown[]): Promise<unknown> {
    const id = (last += 1)
    const answered = Promise.withResolvers<unknown>()
    waiting.set(id, { ...answered, report: args.find(isFunction) ?? null })
    send({ ask: id, port, method, args: args.map(marked) })
    for (const signal of args.flatMap(signalsIn)) {
      signal.addEventListener('abort', () => waiting.has(id) && send({ abort: id }), { once: true })
    }
    return answered.promise
  }

  function hear(message: unknown): void {
    const { data: told } = Told.safeParse(message)
    if (told) waiting.get(told.told)?.report?.(told.value)
    const { data } = Answer.safeParse(message)
    const answered = data && waiting.get(data.answer)
    if (!answered) return
    waiting.delete(data.answer)
    if (data.fault) answered.reject(new Fault(data.fault))
    else if (data.error !== undefined) answered.reject(new Error(data.error))
    else answered.resolve(data.value)
  }

  return { hear, world: worldAskedBy(ask, platform) }
}

type Waiting = PromiseWithResolvers<unknown> & {
  /** Who wants to hear how far it is. */
  readonly report: ((value: unknown) => void) | null
}

function isFunction(value: unknown): value is (value: unknown) => void {
  return typeof value === 'function'
}

type Ask = (port: Port, method: string, args: readonly unknown[]) => Promise<unknown>

function worldAskedBy(ask: Ask, platform: Platform): World {
  const runs = {
    kubernetes: {
      deployments: { ...remote('deployments', ask), evidence: evidenceOver(ask, 'deployments') },
      configMaps: remote('configMaps', ask),
      owners: remote('owners', ask),
      containers: null,
      ledger: null,
    },
    docker: {
      deployments: null,
      configMaps: null,
      owners: null,
      containers: { ...remote('containers', ask), evidence: evidenceOver(ask, 'containers') },
      ledger: remote('ledger', ask),
    },
  }
  return {
    clock: { now: Date.now },
    endpoints: remote('endpoints', ask),
    metrics: remote('metrics', ask),
    cache: { ...remote('cache', ask), name: SANDBOX_CACHE },
    database: remote('database', ask),
    collections: remote('collections', ask),
    backups: remote('backups', ask),
    workloads: { ...remote('workloads', ask), evidence: evidenceOver(ask, 'workloads') },
    alerts: remote('alerts', ask),
    instances: remote('instances', ask),
    flagStores: remote('flagStores', ask),
    ...runs[platform],
  }
}

function evidenceOver(
  ask: Ask,
  port: 'workloads' | 'deployments' | 'containers',
): Workloads['evidence'] {
  return (...args) => piecesOf(ask(port, 'evidence', args))
}

function remote<P extends Port>(port: P, ask: Ask): NonNullable<World[P]>
function remote(port: Port, ask: Ask): object {
  return Object.fromEntries(
    METHODS[port].map((method) => [
      method,
      (...args: readonly unknown[]) => ask(port, method, args),
    ]),
  )
}

/** Named, and not made up as they are asked: what answers to everything answers to `then` too. */
const METHODS: { readonly [P in Port]: readonly (keyof NonNullable<World[P]> & string)[] } = {
  endpoints: ['ask'],
  metrics: ['instant', 'labelled', 'targets', 'range'],
  cache: [
    'ping',
    'status',
    'readNumber',
    'identity',
    'count',
    'clear',
    'rightToClear',
    'readText',
    'changeTexts',
    'report',
  ],
  database: ['ping', 'status', 'count', 'report'],
  collections: [
    'server',
    'freeBytes',
    'list',
    'measure',
    'contents',
    'compare',
    'count',
    'expired',
    'createIndexes',
    'setExpiry',
    'create',
    'rename',
    'drop',
    'fence',
    'tryWrite',
    'moment',
    'writtenSince',
    'quiet',
    'copyMissing',
  ],
  backups: ['list', 'verify', 'make', 'restore', 'markUnusable', 'remove', 'freeBytes', 'tools'],
  workloads: ['list', 'logs'],
  deployments: ['list', 'logs', 'releases', 'needs', 'sightings', 'rollouts', 'write'],
  configMaps: ['find', 'write'],
  containers: [
    'list',
    'logs',
    'sightings',
    'sharers',
    'variableOf',
    'localImages',
    'keptImages',
    'imageAt',
    'atRegistry',
    'freeBytes',
    'follow',
    'write',
    'pull',
  ],
  ledger: ['entries', 'put'],
  owners: ['list', 'write'],
  alerts: ['open'],
  instances: ['list', 'ask'],
  flagStores: ['look', 'write'],
}

async function* piecesOf(found: Promise<unknown>): AsyncIterable<EvidencePiece> {
  for (const piece of Collected.parse(await found)) {
    yield 'text' in piece ? { name: piece.name, text: streamOf(piece.text) } : piece
  }
}

async function* streamOf(chunks: readonly string[]): AsyncIterable<string> {
  yield* chunks
}
