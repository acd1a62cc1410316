import { Fault } from '../../../domain/base/fault.ts'
import { keepNewest } from '../../../domain/base/keep-newest.ts'
import { untilAborted } from '../../../domain/base/until-aborted.ts'
import type { DockerHost } from '../client/client.ts'
import {
  hostTimeMs,
  isWellForAnHour,
  inspected,
  inspectedImage,
  listed,
  platformOfHost,
} from './ask.ts'
import { ListedImages, type Inspected, type InspectedImage, type Listed } from './schema.ts'

/** How a look at a host asks: each time anew, or for what it does not know yet. */
export type Asking = {
  listed(signal: AbortSignal): Promise<readonly Listed[]>
  /** By the clock of the host. */
  nowMs(signal: AbortSignal): Promise<number>
  inspected(one: Listed, signal: AbortSignal): Promise<Inspected | null>
  image(id: string, signal: AbortSignal): Promise<InspectedImage | null>
}

export function anew(host: DockerHost): Asking {
  return {
    listed: (signal) => listed(host, signal),
    nowMs: (signal) => hostTimeMs(host, signal),
    inspected: ({ Id }, signal) => inspected(host, Id, signal),
    image: (id, signal) => inspectedImage(host, id, signal),
  }
}

const KNOWN_FOR_MS = 30 * 60_000
/** What is asked for at once by an assessment is asked once. */
const TOGETHER_MS = 2_000
/** Of each host. */
const MOST_KNOWN = 500

export type Remembering = Asking & {
  /** Of the images that lie there. */
  images(signal: AbortSignal): Promise<readonly { Id: string; RepoDigests: readonly string[] }[]>
  /** Of the host itself, which does not change. */
  platform(signal: AbortSignal): Promise<string>
  /** The list as it is now, which an assessment may have as well. */
  listedNow(signal: AbortSignal): Promise<readonly Listed[]>
}

/**
 * Of a container that runs well for an hour nothing changes that a plan is made from, unless somebody changes it by
 * hand: an assessment may say what was so half an hour ago, as a plan looks again. An image never changes.
 */
export function remembering(host: DockerHost, now: () => number): Remembering {
  const containers = new Map<string, { readonly seen: Inspected; readonly atMs: number }>()
  const images = new Map<string, InspectedImage>()
  let aheadMs: { readonly by: number; readonly atMs: number } | null = null
  const list = together(host, now, (signal) => listed(host, signal))
  const lying = together(host, now, (signal) =>
    host.get(ListedImages, { path: '/images/json', signal }),
  )

  let platform: Promise<string> | null = null

  return {
    platform(signal) {
      const asked = (platform ??= platformOfHost(host, new AbortController().signal))
      asked.catch(() => (platform = null))
      return inTime(host, asked, signal)
    },
    listed: list.ask,
    listedNow: list.askForNow,
    images: lying.ask,
    async nowMs(signal) {
      if (!aheadMs || now() - aheadMs.atMs >= KNOWN_FOR_MS) {
        const theirs = await hostTimeMs(host, signal)
        aheadMs = { by: theirs - now(), atMs: now() }
      }
      return now() + aheadMs.by
    },
    async inspected(one, signal) {
      const key = `${one.Id} ${one.Names.join()}`
      const known = containers.get(key)
      const isWell = isWellForAnHour(one)
      if (known && isWell && now() - known.atMs < KNOWN_FOR_MS) return known.seen
      const seen = await inspected(host, one.Id, signal)
      containers.delete(key)
      if (seen && isWell) keepNewest(containers, [key, { seen, atMs: now() }], MOST_KNOWN)
      return seen
    },
    async image(id, signal) {
      const known = images.get(id)
      if (known) return known
      const seen = await inspectedImage(host, id, signal)
      if (seen) keepNewest(images, [id, seen], MOST_KNOWN)
      return seen
    },
  }
}

type Asked<T> = {
  readonly atMs: number
  readonly answer: Promise<T>
  readonly isForNow: boolean
  isOver: boolean
}

/** One question for all who ask it within so long; none of them ends it for the others. */
function together<T>(
  host: DockerHost,
  now: () => number,
  ask: (signal: AbortSignal) => Promise<T>,
) {
  let last: Asked<T> | null = null

  function begin(isForNow: boolean): Asked<T> {
    // The client ends it in time.
    const answer = ask(new AbortController().signal)
    const asked: Asked<T> = { atMs: now(), answer, isForNow, isOver: false }
    const over = (): void => void (asked.isOver = true)
    answer.then(over, () => {
      over()
      if (last === asked) last = null
    })
    return (last = asked)
  }

  return {
    async ask(signal: AbortSignal): Promise<T> {
      if (signal.aborted) throw tooLate(host)
      const ageMs = now() - (last?.atMs ?? -Infinity)
      const isFresh = ageMs >= 0 && ageMs < TOGETHER_MS
      return inTime(host, (last && isFresh ? last : begin(false)).answer, signal)
    },
    /** For whoever counts on how it is now: shared only with an assessment that asks at this moment. */
    async askForNow(signal: AbortSignal): Promise<T> {
      if (signal.aborted) throw tooLate(host)
      const isShared = last !== null && !last.isOver && !last.isForNow
      return inTime(host, (last && isShared ? last : begin(true)).answer, signal)
    },
  }
}

/** Whoever stops waiting is told so as of any other question; the others wait on. */
async function inTime<T>(host: DockerHost, answer: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await untilAborted(answer, signal)
  } catch (error) {
    throw error instanceof Fault ? error : tooLate(host)
  }
}

function tooLate({ name }: DockerHost): Fault {
  const detail = `${name} did not answer in time`
  return new Fault({ kind: 'retryable', dependency: 'docker', code: 'ETIMEDOUT', detail })
}
