import { createGunzip, createGzip, type Gunzip, type Gzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { Damage } from './damage.ts'

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

const PIECE = 256 * 1024

/** What was compressed. What follows the end of it, other than another one, is damage. */
export async function* gunzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE })
  let given = 0
  try {
    yield* through(counted(pieces), gunzip)
  } catch (error) {
    throw isOfZlib(error) ? new Damage('its compression is damaged, or it was cut off') : error
  }
  if (gunzip.bytesWritten < given) throw new Damage('something stands after its end')

  async function* counted(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of from) {
      given += piece.length
      yield piece
    }
  }
}

/** Fast rather than small: what is slow here keeps people waiting. */
export function gzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  return through(pieces, createGzip({ level: 1, chunkSize: PIECE }))
}

async function* through(
  pieces: AsyncIterable<Uint8Array>,
  stream: Gzip | Gunzip,
): AsyncGenerator<Buffer> {
  const source = Readable.from(pieces, { highWaterMark: 2 })
  source.on('error', (error) => stream.destroy(error))
  try {
    for await (const piece of source.pipe(stream)) yield piece
  } finally {
    source.destroy()
    stream.destroy()
  }
}

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
