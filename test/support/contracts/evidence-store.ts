import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { EvidenceFile, EvidenceFolder, EvidenceStore } from '../../../src/ports/evidence.ts'
import { patience } from './outside.ts'

export type EvidenceSubject = {
  readonly store: EvidenceStore
  /** What the newest folder of the incident holds under that name; `null`: no such file. */
  readonly read: (incident: string, name: string) => Promise<string | null>
  /** The same of bytes that are no text. */
  readonly readBytes: (incident: string, name: string) => Promise<Uint8Array | null>
  /** What was listed when it was finished; `null`: it was not. */
  readonly listed: (incident: string) => Promise<readonly EvidenceFile[] | null>
}

const megabyte = 1_000_000

export function evidenceContract(name: string, start: () => EvidenceSubject): void {
  const keepIn = (folder: EvidenceFolder, file: string, text: AsyncIterable<string>) =>
    folder.keep(file, text, { maxBytes: megabyte, signal: patience() })

  describe(`${name} keeps the promises of EvidenceStore`, () => {
    test('a text is kept whole, with its length and its sha256', async () => {
      const { store, read } = start()
      const text = 'first ✓\nsecond\nand no line’s end'
      const kept = await keepIn(
        await store.open('i-1'),
        'backend/pod/c.log',
        pieces(...text.split(/(?<= )/)),
      )
      expect(kept).toEqual({
        name: 'backend/pod/c.log',
        bytes: Buffer.byteLength(text),
        sha256: sha256(text),
        skipped: null,
      })
      expect(await read('i-1', kept.name)).toBe(text)
    })

    test('an empty text is a file of no bytes, and not a missing one', async () => {
      const { store, read } = start()
      const kept = await keepIn(await store.open('i-1'), 'empty.log', pieces())
      expect(kept).toMatchObject({ bytes: 0, sha256: sha256(''), skipped: null })
      expect(await read('i-1', 'empty.log')).toBe('')
    })

    test('a log without end stops at its limit, and the rest of it is not read', async () => {
      const { store, read } = start()
      let made = 0
      let closed = false
      async function* endless() {
        try {
          for (;;) {
            made += 1
            yield `line ${made} ✓ of a log without end\n`
          }
        } finally {
          closed = true
        }
      }
      const options = { maxBytes: 10_000, signal: patience() }
      const kept = await (await store.open('i-1')).keep('endless.log', endless(), options)
      expect(kept.bytes).toBeGreaterThan(9_900)
      expect(kept.bytes).toBeLessThanOrEqual(10_000)
      expect(kept.skipped).toContain('longer than there was room for')
      const text = (await read('i-1', 'endless.log')) ?? ''
      expect(Buffer.byteLength(text)).toBe(kept.bytes)
      expect(sha256(text)).toBe(kept.sha256)
      // A little is read ahead: what is judged together.
      expect(made * 30).toBeLessThan(300_000)
      expect(closed).toBe(true)
    })

    test('a stream that hangs ends with the signal, and its lines until then stay', async () => {
      const { store, read } = start()
      const late = new AbortController()
      async function* hanging() {
        yield 'one\ntwo\nDB_PASS'
        late.abort(new DOMException('late', 'TimeoutError'))
        await new Promise(() => undefined)
      }
      const options = { maxBytes: megabyte, signal: late.signal }
      const kept = await (await store.open('i-1')).keep('hanging.log', hanging(), options)
      expect(kept).toMatchObject({ bytes: 8, skipped: 'the time for it was over' })
      expect(await read('i-1', 'hanging.log')).toBe('one\ntwo\n')
    })

    test('nothing is begun with a signal that is over', async () => {
      const { store, read } = start()
      const options = { maxBytes: megabyte, signal: AbortSignal.abort() }
      const kept = await (await store.open('i-1')).keep('late.log', pieces('text\n'), options)
      expect(kept).toEqual({ name: 'late.log', bytes: 0, sha256: null, skipped: 'it was stopped' })
      expect(await read('i-1', 'late.log')).toBeNull()
    })

    test('a stream that fails keeps its lines until then, and says what its source said', async () => {
      const { store, read } = start()
      async function* failing() {
        yield 'one\ntwo'
        throw new Fault({ kind: 'retryable', dependency: 'kubernetes', detail: 'connection reset' })
      }
      const kept = await keepIn(await store.open('i-1'), 'failing.log', failing())
      expect(kept).toMatchObject({ bytes: 4, sha256: sha256('one\n'), skipped: 'connection reset' })
      expect(await read('i-1', 'failing.log')).toBe('one\n')
    })

    test('a stream that fails at once leaves no file, and not a word of an error unknown to us', async () => {
      const { store, read } = start()
      const failing = refused(new Error('GET /?token=canary-0451'))
      const kept = await keepIn(await store.open('i-1'), 'failing.log', failing)
      expect(kept).toMatchObject({ bytes: 0, sha256: null, skipped: 'its source failed' })
      expect(await read('i-1', 'failing.log')).toBeNull()
    })

    const canary = 'Zq0451canary9931'
    const secret = `start\npassword=${canary}\nGET /?token=${canary}&page=2\nmongodb://es:${canary}@db/es\nend\n`
    test.each([1, 7, 50, secret.length])(
      'no secret is kept, in whatever pieces of %d it comes',
      async (size) => {
        const { store, read } = start()
        const cut = Array.from({ length: Math.ceil(secret.length / size) }, (_, index) =>
          secret.slice(index * size, (index + 1) * size),
        )
        const kept = await keepIn(await store.open('i-1'), 'secret.log', pieces(...cut))
        const text = await read('i-1', 'secret.log')
        expect(text).toBe('start\npassword=***\nGET /?token=***&page=2\nmongodb://***@db/es\nend\n')
        expect(kept).toMatchObject({ sha256: sha256(text ?? ''), skipped: null })
      },
    )

    test('the same name twice is two files', async () => {
      const { store, read } = start()
      const folder = await store.open('i-1')
      const first = await keepIn(folder, 'one.log', pieces('first'))
      const second = await keepIn(folder, 'one.log', pieces('second'))
      expect(second.name).not.toBe(first.name)
      expect(await read('i-1', first.name)).toBe('first')
      expect(await read('i-1', second.name)).toBe('second')
    })

    test('it is finished by the list of what was kept and what was not', async () => {
      const { store, listed } = start()
      const folder = await store.open('i-1')
      expect(await listed('i-1')).toBeNull()
      const files = [
        await keepIn(folder, 'one.log', pieces('one\n')),
        { name: 'redis-info.txt', bytes: 0, sha256: null, skipped: 'connection refused' },
      ]
      await folder.finish(files)
      expect(await listed('i-1')).toEqual(files)
    })

    /** Every byte, and what would be hidden in a text. */
    const bytes = Uint8Array.from([
      ...Array.from({ length: 256 }, (_, index) => index),
      ...Buffer.from('\npassword=hunter2\n'),
    ])
    const png = (options: { readonly maxBytes?: number; readonly signal?: AbortSignal } = {}) => ({
      kind: 'image/png' as const,
      maxBytes: megabyte,
      signal: patience(),
      ...options,
    })

    test('bytes are kept as they are, and listed with their length, sha256 and kind', async () => {
      const { store, readBytes, listed } = start()
      const folder = await store.open('i-1')
      const kept = await folder.keepBytes(
        'below/incident.png',
        bytes,
        png({ maxBytes: bytes.length }),
      )
      const file = {
        name: 'below/incident.png',
        bytes: bytes.length,
        sha256: sha256(bytes),
        skipped: null,
        kind: 'image/png',
      }
      expect(kept).toEqual(file)
      expect(await readBytes('i-1', kept.name)).toEqual(bytes)
      await folder.finish([kept])
      expect(await listed('i-1')).toEqual([file])
    })

    test('bytes for which there is no room, or no time, are not kept at all', async () => {
      const { store, readBytes } = start()
      const folder = await store.open('i-1')
      const none = { bytes: 0, sha256: null, kind: 'image/png' }
      const long = await folder.keepBytes('long.png', bytes, png({ maxBytes: bytes.length - 1 }))
      expect(long).toMatchObject({
        ...none,
        skipped: expect.stringMatching(/longer than there was/),
      })
      const late = await folder.keepBytes('late.png', bytes, png({ signal: AbortSignal.abort() }))
      expect(late).toMatchObject({ ...none, skipped: 'it was stopped' })
      expect(await readBytes('i-1', 'long.png')).toBeNull()
      expect(await readBytes('i-1', 'late.png')).toBeNull()
    })

    test('a text and bytes of the same name are two files', async () => {
      const { store, read, readBytes } = start()
      const folder = await store.open('i-1')
      const text = await keepIn(folder, 'one.log', pieces('text'))
      const other = await folder.keepBytes('one.log', bytes, png())
      const third = await keepIn(folder, 'one.log', pieces('third'))
      expect(new Set([text.name, other.name, third.name]).size).toBe(3)
      expect(await read('i-1', text.name)).toBe('text')
      expect(await readBytes('i-1', other.name)).toEqual(bytes)
    })

    test('the same incident once more is another folder', async () => {
      const { store } = start()
      const folders = await Promise.all([store.open('i-1'), store.open('i-1'), store.open('i-1')])
      expect(new Set(folders.map(({ place }) => place)).size).toBe(3)
    })
  })
}

export async function* pieces(...texts: readonly string[]): AsyncIterable<string> {
  yield* texts
}

async function* refused(error: Error): AsyncIterable<string> {
  yield await Promise.reject(error)
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}
