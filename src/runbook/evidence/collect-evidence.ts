import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toIso } from '../../domain/base/instant.ts'
import { redact } from '../../domain/text/redact.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { Preparation } from '../../engine/run/runbook.ts'
import type { EvidenceFolder, EvidenceStore } from '../../ports/evidence.ts'
import type { EvidencePiece, Workloads } from '../../ports/workloads.ts'
import type { World } from '../../ports/world.ts'
import { roomOf, type Room } from './evidence-room.ts'
import { missing, summaryOf, type Entry } from './evidence-summary.ts'
import type { EvidencePlan } from './settings.ts'

/** Of one question; a log is read for as long as there is time. */
const questionMs = 10_000

/** Of the metrics. */
const stepSeconds = 15

/** After the deadline: for the store to end its files and write the list of them. */
const graceMs = 2_000

/**
 * Keeps what explains the failure before a rollback destroys it. Never throws: what could not be had
 * is in the list of files and in what is said, and then it is not `ok`. A source that hangs, or one
 * without end, takes neither the time nor the room of the others.
 */
export async function collectEvidence(
  incident: Incident,
  world: World,
  store: EvidenceStore,
  plan: EvidencePlan,
  stopped: AbortSignal,
): Promise<Preparation> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(plan.deadlineMs)])
  const over = AbortSignal.timeout(plan.deadlineMs + graceMs)
  let folder: EvidenceFolder
  try {
    folder = await untilAborted(store.open(incident.id), signal)
  } catch (error) {
    return { ok: false, says: `nothing kept: ${wordsFor(error, signal)}` }
  }
  const room = roomOf(plan)
  const keep = keeping({ folder, room, signal, over })
  const entries: Entry[] = []
  const looking = { incident, world, plan, room, keep, signal, over }
  const logs = logsOf(looking).values()
  const answers = answersOf(looking).values()
  const worker = async (...queues: readonly Iterable<AsyncIterable<Entry>>[]): Promise<void> => {
    for (const queue of queues) {
      for (const source of queue) for await (const entry of source) entries.push(entry)
    }
  }
  // Four at a time, of which two begin at either end: neither may hold up all of the other.
  await Promise.all([
    worker(logs, answers),
    worker(logs, answers),
    worker(answers, logs),
    worker(answers, logs),
  ])
  entries.sort((a, b) => (a.file.name < b.file.name ? -1 : 1))
  const { ok, says } = summaryOf(entries, folder.givenUp())
  try {
    await untilAborted(folder.finish(entries.map(({ file }) => file)), over)
    return { ok, says }
  } catch (error) {
    return { ok: false, says: `${says}; no list of the files (${wordsFor(error, over)})` }
  }
}

type Keep = (label: string, name: string, text: AsyncIterable<string>) => Promise<Entry>

type Looking = {
  readonly incident: Incident
  readonly world: World
  readonly plan: EvidencePlan
  readonly room: Room
  readonly keep: Keep
  /** The time for it. */
  readonly signal: AbortSignal
  /** When nobody is waited for any more. */
  readonly over: AbortSignal
}

function logsOf(looking: Looking): AsyncIterable<Entry>[] {
  const { workloads } = looking.world
  if (workloads === null) return []
  return looking.plan.services.map((service) => piecesOf(looking, workloads, service))
}

function answersOf(looking: Looking): AsyncIterable<Entry>[] {
  const { cache, database } = looking.world
  const one = (label: string, name: string, ask: Question) => answerTo(looking, label, name, ask)
  return [
    one('the timeline', 'incident.json', async () => timelineOf(looking.incident)),
    ...(cache ? [one('Redis INFO', 'redis-info.txt', cache.report)] : []),
    ...(database ? [one('MongoDB sizes', 'mongodb-sizes.json', database.report)] : []),
    ...lastHourOf(looking),
  ]
}

function lastHourOf(looking: Looking): AsyncIterable<Entry>[] {
  const { metrics, clock } = looking.world
  if (metrics === null) return []
  const toMs = clock.now()
  const fromMs = toMs - 60 * 60_000
  const over = { from: toIso(fromMs), to: toIso(toMs), stepSeconds }
  return looking.plan.queries.map(({ name, query }) =>
    answerTo(looking, `metric ${name}`, `metrics/${name}.json`, async (signal) => {
      const answer = await metrics.range(query, { fromMs, toMs, stepSeconds, signal })
      // One series a line: a line that is very long is cut.
      const lines = answer.replaceAll('"values":[', '"values":[\n')
      return `${JSON.stringify({ name, query, ...over }).slice(0, -1)},"answer":${lines}}\n`
    }),
  )
}

type Question = (signal: AbortSignal) => Promise<string>

async function* answerTo(
  { keep, signal, over }: Looking,
  label: string,
  name: string,
  ask: Question,
): AsyncIterable<Entry> {
  try {
    signal.throwIfAborted()
    const soon = AbortSignal.any([signal, AbortSignal.timeout(questionMs)])
    const text = await untilAborted(ask(soon), over)
    yield await keep(label, name, only(text))
  } catch (error) {
    yield missing(label, name, wordsFor(error, signal))
  }
}

/** Piece after piece, as the target gives them: each is read before the next is asked for. */
async function* piecesOf(
  { keep, room, signal }: Looking,
  workloads: Workloads,
  service: string,
): AsyncIterable<Entry> {
  let found = 0
  const rest = (because: string): Entry =>
    missing(found === 0 ? `all of ${service}` : `the rest of ${service}`, `${service}/`, because)
  let pieces: AsyncIterator<EvidencePiece> | null = null
  try {
    signal.throwIfAborted()
    pieces = workloads.evidence(service, signal)[Symbol.asyncIterator]()
    for (;;) {
      const { done, value: piece } = await untilAborted(pieces.next(), signal)
      if (done) break
      if (room.isSpent()) {
        yield rest(noRoom)
        return
      }
      found += 1
      const { name } = piece
      yield 'skipped' in piece
        ? missing(name, name, piece.skipped)
        : await keep(name, name, piece.text)
    }
    if (found === 0) yield rest('nothing was found')
  } catch (error) {
    yield rest(wordsFor(error, signal))
  } finally {
    pieces?.return?.().catch(() => undefined)
  }
}

const noRoom = 'the room for all of it was used up'

function keeping(deps: {
  readonly folder: EvidenceFolder
  readonly room: Room
  readonly signal: AbortSignal
  readonly over: AbortSignal
}): Keep {
  const { folder, room, signal, over } = deps
  return async (label, name, text) => {
    const maxBytes = await untilAborted(room.take(), signal)
    let used = maxBytes
    try {
      if (maxBytes === 0) return missing(label, name, noRoom)
      const file = await untilAborted(folder.keep(name, text, { maxBytes, signal }), over)
      used = file.bytes
      return { label, file }
    } finally {
      room.giveBack(maxBytes, used)
    }
  }
}

function timelineOf(incident: Incident): string {
  const { id, sequence, opened, declared, closed, symptoms, plans, timeline } = incident
  const known = { id, sequence, opened, declared, closed, symptoms, plans, timeline }
  return `${JSON.stringify(known, null, 2)}\n`
}

async function* only(text: string): AsyncIterable<string> {
  yield text
}

function wordsFor(error: unknown, signal: AbortSignal): string {
  if (error instanceof Fault) return error.detail
  if (!signal.aborted) return `unexpected: ${redact(String(error))}`
  const late = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
  return late ? 'the time for it was over' : 'it was stopped'
}
