import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { execPath } from 'node:process'
import type { Readable } from 'node:stream'
import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { oneAfterAnother } from '../../domain/base/one-after-another.ts'
import type { Drawing } from '../../ports/drawing.ts'

/** One takes a fifth of a second. */
const DEADLINE_MS = 8_000

/** What we draw has some ten thousand letters, and becomes a picture of less than a hundred kilobytes. */
const MOST_SVG = 1_000_000
const MOST_PNG = 4_000_000
const MOST_COMPLAINT = 4_000

/** It holds the text of one drawing. */
const MEMORY = ['--max-old-space-size=64', '--max-semi-space-size=1']

/**
 * Pictures, each by a process of its own, one at a time: while it draws nothing of ours waits, whatever it
 * does can be ended, and its memory goes with it. It gets the drawing, and neither our environment nor a
 * network address.
 */
export function resvgDrawing({
  program = resolve(import.meta.dirname, 'draw.js'),
  deadlineMs = DEADLINE_MS,
}: { readonly program?: string; readonly deadlineMs?: number } = {}): Drawing {
  const inTurn = oneAfterAnother()

  async function draw(svg: string, signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) throw notDrawn('it was stopped')
    const ending = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
    const child = spawn(execPath, [...MEMORY, program], { env: {}, stdio: 'pipe' })
    const stop = () => child.kill('SIGKILL')
    ending.addEventListener('abort', stop, { once: true })
    try {
      const [end, png, complaint] = await Promise.all([
        endOf(child),
        upTo(MOST_PNG, child.stdout, stop),
        upTo(MOST_COMPLAINT, child.stderr, stop),
        given(child, svg),
      ])
      if (ending.aborted) throw notDrawn(signal.aborted ? 'it was stopped' : 'it took too long')
      if (end !== 'done') throw whyNot(end, complaint.toString())
      if (!isPng(png)) throw notDrawn('what was drawn is no picture')
      return png
    } finally {
      ending.removeEventListener('abort', stop)
    }
  }

  return {
    png(svg, signal) {
      if (svg.length > MOST_SVG) return Promise.reject(notDrawn('it is too large', 'terminal'))
      return inTurn(() => draw(svg, signal))
    },
  }
}

/** What ends it, in words; `done`: nothing did but its work. */
function endOf(child: ChildProcess): Promise<string> {
  const ended = Promise.withResolvers<string>()
  child.once('error', ({ message }) => ended.resolve(message))
  child.once('close', (code, signal) => {
    ended.resolve(code === 0 ? 'done' : (signal ?? `exit code ${code}`))
  })
  return ended.promise
}

async function upTo(most: number, stream: Readable, stop: () => void): Promise<Buffer> {
  const chunks: Buffer[] = []
  let room = most
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Buffer)) continue
      room -= chunk.byteLength
      if (room < 0) {
        stop()
        break
      }
      chunks.push(chunk)
    }
  } catch {
    // Its end says why.
  }
  return Buffer.concat(chunks)
}

/** That it ends before it has read everything is no error of ours. */
async function given({ stdin }: ChildProcess, svg: string): Promise<void> {
  stdin?.on('error', () => undefined)
  stdin?.end(svg)
}

const NOT_FOR_US = /MODULE_NOT_FOUND|native binding|Unsupported/

function whyNot(end: string, complaint: string): Fault {
  if (!NOT_FOR_US.test(complaint)) return notDrawn(`the process that draws it ended: ${end}`)
  return notDrawn('@resvg/resvg-js, which draws, is not there for this machine', 'terminal')
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const END = Buffer.from('49454e44ae426082', 'hex')

/** From its first to its last bytes. */
function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, PNG.length).equals(PNG) && bytes.subarray(-END.length).equals(END)
}

function notDrawn(because: string, kind: FaultKind = 'retryable'): Fault {
  return new Fault({ kind, dependency: 'drawing', detail: `it cannot be drawn: ${because}` })
}
