import { z } from 'zod'
import { SANDBOX_CACHE } from '../../sandbox/cache/cache.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { EvidencePiece, Workloads } from '../../ports/workloads.ts'
import { marked, signalsIn, unmarked } from './lent-marks.ts'
import type { Platform } from './demo-config.ts'
import type { World } from '../../ports/world.ts'

/**
 * A production that lives in one process and is asked from another one, over the channel between a
 * process and its child: so the bot can be killed, and production stands.
 */
const PORTS = [
  'endpoints',
  'metrics',
  'cache',
  'database',
  'workloads',
  'deployments',
  'containers',
  'ledger',
  'owners',
  'alerts',
] as const
type Port = (typeof PORTS)[number]

const Question = z.union([
  z.object({
    ask: z.number(),
    port: z.enum(PORTS),
    method: z.string(),
    args: z.array(z.unknown()),
  }),
  z.object({ abort: z.number() }),
])

const Answer = z.object({
  answer: z.number(),
  value: z.unknown().optional(),
  fault: z
    .object({
      kind: z.enum(['retryable', 'terminal', 'unknown-outcome']),
      dependency: z.string(),
      detail: z.string(),
      code: z.string().nullable(),
      retryAfterMs: z.number().nullable(),
    })
    .optional(),
  error: z.string().optional(),
})
type Answer = z.infer<typeof Answer>
type Question = z.infer<typeof Question>

const Collected = z.array(
  z.union([
    z.object({ name: z.string(), text: z.array(z.string()) }),
    z.object({ name: z.string(), skipped: z.string() }),
  ]),
)
type Collected = z.infer<typeof Collected>

/** Answers what a child process asks of this world. `answer` is called once for each question. */
export function lend(world: World, answer: (message: Answer) => void): (message: unknown) => void {
  const open = new Map<number, AbortController>()

  async function carryOut(id: number, port: Port, method: string, args: readonly unknown[]) {
    const stopping = new AbortController()
    open.set(id, stopping)
    try {
      const asked: unknown = world[port] ?? {}
      const given = args.map((arg) => unmarked(arg, stopping.signal))
      const run: unknown = typeof asked === 'object' && asked && Reflect.get(asked, method)
      if (typeof run !== 'function') throw new TypeError(`there is no ${port}.${method}`)
      const found: unknown = await Reflect.apply(run, asked, given)
      answer({ answer: id, value: isPieces(found) ? await collected(found) : found })
    } catch (error) {
      answer({ answer: id, ...failure(error) })
    } finally {
      open.delete(id)
    }
  }

  return (message) => {
    const { data } = Question.safeParse(message)
    if (!data) return
    if ('abort' in data) open.get(data.abort)?.abort()
    else void carryOut(data.ask, data.port, data.method, data.args)
  }
}

function failure(error: unknown): Pick<Answer, 'fault' | 'error'> {
  if (!(error instanceof Fault)) return { error: String(error) }
  const { kind, dependency, detail, code, retryAfterMs } = error
  return { fault: { kind, dependency, detail, code, retryAfterMs } }
}

function isPieces(value: unknown): value is AsyncIterable<EvidencePiece> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** A stream does not go over the channel; what a simulation keeps is short. */
async function collected(pieces: AsyncIterable<EvidencePiece>): Promise<Collected> {
  const all: Collected = []
  for await (const piece of pieces) {
    if ('skipped' in piece) all.push(piece)
    else {
      const text: string[] = []
      for await (const chunk of piece.text) text.push(chunk)
      all.push({ name: piece.name, text })
    }
  }
  return all
}

/** The other end: what answers is in the process that `send` reaches, and its answers come to `hear`. */
export function borrow(
  send: (question: Question) => void,
  platform: Platform,
): {
  readonly world: World
  hear(message: unknown): void
} {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0

  function ask(port: Port, method: string, args: readonly unknown[]): Promise<unknown> {
    const id = (last += 1)
    const answered = Promise.withResolvers<unknown>()
    waiting.set(id, answered)
    send({ ask: id, port, method, args: args.map(marked) })
    for (const signal of args.flatMap(signalsIn)) {
      signal.addEventListener('abort', () => waiting.has(id) && send({ abort: id }), { once: true })
    }
    return answered.promise
  }

  function hear(message: unknown): void {
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

type Ask = (port: Port, method: string, args: readonly unknown[]) => Promise<unknown>

function worldAskedBy(ask: Ask, platform: Platform): World {
  const runs = {
    kubernetes: {
      deployments: { ...remote('deployments', ask), evidence: evidenceOver(ask, 'deployments') },
      owners: remote('owners', ask),
      containers: null,
      ledger: null,
    },
    docker: {
      deployments: null,
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
    workloads: { ...remote('workloads', ask), evidence: evidenceOver(ask, 'workloads') },
    alerts: remote('alerts', ask),
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
  metrics: ['instant', 'targets', 'range'],
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
  database: ['ping', 'status', 'report'],
  workloads: ['list', 'logs'],
  deployments: ['list', 'logs', 'releases', 'needs', 'sightings', 'rollouts', 'write'],
  containers: [
    'list',
    'logs',
    'sightings',
    'localImages',
    'keptImages',
    'imageAt',
    'freeBytes',
    'follow',
    'write',
    'pull',
  ],
  ledger: ['entries', 'put'],
  owners: ['list', 'write'],
  alerts: ['open'],
}

async function* piecesOf(found: Promise<unknown>): AsyncIterable<EvidencePiece> {
  for (const piece of Collected.parse(await found)) {
    yield 'text' in piece ? { name: piece.name, text: streamOf(piece.text) } : piece
  }
}

async function* streamOf(chunks: readonly string[]): AsyncIterable<string> {
  yield* chunks
}
