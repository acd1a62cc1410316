import { crc32, deflateSync, inflateSync } from 'node:zlib'

// https://www.w3.org/TR/png-3/
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const BYTES_A_PIXEL = new Map([
  [2, 3],
  [6, 4],
])
const COLOURS = 256

type Pixels = { readonly width: number; readonly height: number; readonly colours: Uint32Array }

/**
 * The same picture with a palette: pictures of text are a third as large so. Colours are rounded just
 * as far as it takes to have 256 of them.
 */
export function smallPng(png: Buffer): Buffer {
  const pixels = decoded(png)
  for (let bits = 8; bits > 0; bits--) {
    const indexed = indexedBy(bits, pixels)
    if (!indexed) continue
    const header = Buffer.alloc(13)
    header.writeUInt32BE(pixels.width, 0)
    header.writeUInt32BE(pixels.height, 4)
    // Eight bits an index, colour type 3: palette.
    header.set([8, 3, 0, 0, 0], 8)
    return Buffer.concat([
      SIGNATURE,
      chunk('IHDR', header),
      chunk('PLTE', indexed.palette),
      chunk('IDAT', deflateSync(indexed.rows, { level: 9 })),
      chunk('IEND', Buffer.alloc(0)),
    ])
  }
  throw new Error('one bit a channel makes eight colours: this cannot be')
}

/** Reads what browsers write: eight bits a channel, not interlaced. */
function decoded(png: Buffer): Pixels {
  const data: Buffer[] = []
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') {
      data.push(png.subarray(at + 8, at + 8 + length))
    }
    at += length + 12
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const step = BYTES_A_PIXEL.get(png.readUInt8(25))
  if (png.readUInt8(24) !== 8 || !step || png.readUInt8(28) !== 0) {
    throw new Error('this kind of PNG cannot be read')
  }
  const rows = unfiltered(inflateSync(Buffer.concat(data)), width * step, height, step)
  const colours = new Uint32Array(width * height).map((_, pixel) =>
    rows.readUIntBE(pixel * step, 3),
  )
  return { width, height, colours }
}

/** Each byte is stored as its difference to what its neighbours let expect. */
function unfiltered(filtered: Buffer, stride: number, height: number, step: number): Buffer {
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)] ?? 0
    for (let x = 0; x < stride; x++) {
      const left = x < step ? 0 : (out[y * stride + x - step] ?? 0)
      const up = y === 0 ? 0 : (out[(y - 1) * stride + x] ?? 0)
      const corner = x < step || y === 0 ? 0 : (out[(y - 1) * stride + x - step] ?? 0)
      const expected = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
      out[y * stride + x] = (filtered[y * (stride + 1) + 1 + x] ?? 0) + expected
    }
  }
  return out
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const far = (one: number) => Math.abs(guess - one)
  if (far(left) <= far(up) && far(left) <= far(corner)) return left
  return far(up) <= far(corner) ? up : corner
}

function indexedBy(bits: number, { width, height, colours }: Pixels) {
  const palette = new Map<number, number>()
  const rows = Buffer.alloc((width + 1) * height)
  const most = 2 ** bits - 1
  const round = (value: number) => Math.round(Math.round((value / 255) * most) * (255 / most))
  for (const [pixel, exact] of colours.entries()) {
    const colour =
      (round(exact >> 16) << 16) | (round((exact >> 8) & 255) << 8) | round(exact & 255)
    let index = palette.get(colour)
    if (index === undefined) {
      index = palette.size
      if (index === COLOURS) return null
      palette.set(colour, index)
    }
    // Each row begins with its filter: none.
    rows[Math.floor(pixel / width) * (width + 1) + 1 + (pixel % width)] = index
  }
  const channels = [...palette.keys()].flatMap((at) => [at >> 16, (at >> 8) & 255, at & 255])
  return { palette: Buffer.from(channels), rows }
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  named.copy(framed, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
