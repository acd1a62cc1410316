import { LONGEST, SHORTEST } from './archive-format.ts'
import { Damage } from './damage.ts'

/** What a stream of documents is made of. Bytes are only valid until the call returns. */
type Frames = {
  /** One document, whole. False: it is none of a run. */
  frame(bytes: Buffer, from: number, to: number): boolean
  /** Documents that stand one after another, told after each of them. */
  run(bytes: Buffer, from: number, to: number): void
  /** The four bytes after the last one of a block. */
  terminator(): void
}

export type FrameReader = {
  push(bytes: Buffer, from: number): void
  /** Whether the last document has only begun. */
  unfinished(): boolean
}

const TERMINATOR = -1

/**
 * Cuts a stream into documents. Keeps at most one of them: what began in one piece of the stream and ends in a
 * later one.
 */
export function frameReader(frames: Frames): FrameReader {
  let kept = Buffer.alloc(0)
  let keptBytes = 0

  /** Of the document that is kept: 4 until its length is known. */
  function wanted(): number {
    return keptBytes < 4 ? 4 : sizeAt(kept, 0)
  }

  function keep(bytes: Buffer, from: number, to: number): void {
    const needed = keptBytes + to - from
    if (needed > kept.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(needed, 2 * kept.length), LONGEST))
      kept.copy(grown, 0, 0, keptBytes)
      kept = grown
    }
    bytes.copy(kept, keptBytes, from, to)
    keptBytes = needed
  }

  /** Completes what is kept; where the rest of the piece begins. */
  function complete(bytes: Buffer, from: number): number {
    let at = from
    while (keptBytes > 0 && at < bytes.length) {
      const to = Math.min(bytes.length, at + wanted() - keptBytes)
      keep(bytes, at, to)
      at = to
      if (keptBytes < 4) return at
      const size = sizeAt(kept, 0)
      if (size === TERMINATOR) {
        keptBytes = 0
        frames.terminator()
      } else if (keptBytes === size) {
        keptBytes = 0
        if (whole(kept, 0, size)) frames.run(kept, 0, size)
      }
    }
    return at
  }

  function whole(bytes: Buffer, from: number, to: number): boolean {
    if (bytes[to - 1] !== 0) throw new Damage('a document of it does not end where it says')
    return frames.frame(bytes, from, to)
  }

  return {
    push(bytes, start) {
      let at = complete(bytes, start)
      let run = at
      const end = bytes.length
      while (at + 4 <= end) {
        const size = sizeAt(bytes, at)
        if (size === TERMINATOR) {
          if (at > run) frames.run(bytes, run, at)
          at += 4
          run = at
          frames.terminator()
        } else if (at + size <= end) {
          const inRun = whole(bytes, at, at + size)
          at += size
          if (!inRun) run = at
        } else break
      }
      if (at > run) frames.run(bytes, run, at)
      if (at < end) keep(bytes, at, end)
    },
    unfinished: () => keptBytes > 0,
  }
}

function sizeAt(bytes: Buffer, at: number): number {
  const size = bytes.readInt32LE(at)
  if (size !== TERMINATOR && (size < SHORTEST || size > LONGEST)) {
    throw new Damage('a document of it does not begin where it should')
  }
  return size
}
