import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logLines, logParts } from '../../../src/adapters/docker/evidence/log-frames.ts'

const frame = (stream: number, text: string): Buffer => {
  const bytes = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]) {
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(from, from + size)
    from += size
  }
}

const read = async (
  bytes: Uint8Array,
  sizes = [bytes.length],
  format: 'framed' | 'plain' = 'framed',
) => {
  let text = ''
  for await (const line of logLines(logParts(inPieces(bytes, sizes), format))) text += line
  return text
}

test('frames are read the same however they were cut', async () => {
  const texts = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' })))
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(texts, sizes, async (written, cut) => {
      const bytes = Buffer.concat(written.map(([stream, text]) => frame(stream, `${text}\n`)))
      expect(await read(bytes, cut)).toBe(written.map(([, text]) => `${text}\n`).join(''))
    }),
  )
})

test('lines of two streams are not mixed, and neither are the bytes of one letter', async () => {
  const euro = Buffer.from('€\n')
  const cut = Buffer.concat([
    frame(1, 'first '),
    frame(2, 'second\n'),
    frame(1, 'line\n'),
    Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 1]), euro.subarray(0, 1)]),
    frame(2, 'x\n'),
    Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 3]), euro.subarray(1)]),
  ])
  expect(await read(cut)).toBe('second\nfirst line\nx\n€\n')
})

test('a terminal has no frames', async () => {
  expect(await read(Buffer.from('plain\r\ntext'), [3], 'plain')).toBe('plain\r\ntext\n')
})

test('what is no frame is not taken for one', async () => {
  await expect(read(Buffer.from('plain text, and no frame'))).rejects.toThrow('no frame')
})

test('the lines of one piece come together, as each that comes by itself is written by itself', async () => {
  const bytes = Buffer.concat(Array.from({ length: 500 }, (_, at) => frame(1, `line ${at}\n`)))
  const pieces: string[] = []
  const parts = logParts(inPieces(bytes, [bytes.length]), 'framed')
  for await (const piece of logLines(parts)) pieces.push(piece)
  expect(pieces).toHaveLength(1)
  expect(pieces[0]?.split('\n')).toHaveLength(501)
})
