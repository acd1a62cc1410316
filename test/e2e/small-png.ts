import { crc32, deflateSync } from 'node:zlib'

/** Four bytes a pixel: red, green, blue, alpha. */
export type Pixels = { readonly width: number; readonly height: number; readonly rgba: Uint8Array }

const COLOURS = 256

/**
 * A PNG with a palette (https://www.w3.org/TR/png-3/): pictures of text are a third as large so.
 * Colours are rounded just as far as it takes to have 256 of them.
 */
export function smallPng({ width, height, rgba }: Pixels): Buffer {
  for (let bits = 8; bits > 0; bits--) {
    const indexed = indexedBy(bits, { width, height, rgba })
    if (!indexed) continue
    const header = Buffer.alloc(13)
    header.writeUInt32BE(width, 0)
    header.writeUInt32BE(height, 4)
    // Eight bits an index, colour type 3: palette.
    header.set([8, 3, 0, 0, 0], 8)
    return Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      chunk('IHDR', header),
      chunk('PLTE', indexed.palette),
      chunk('IDAT', deflateSync(indexed.rows, { level: 9 })),
      chunk('IEND', Buffer.alloc(0)),
    ])
  }
  throw new Error('one bit a channel makes eight colours: this cannot be')
}

function indexedBy(bits: number, { width, height, rgba }: Pixels) {
  const palette = new Map<number, number>()
  const rows = Buffer.alloc((width + 1) * height)
  const round = (value: number) =>
    Math.round(Math.round((value / 255) * (2 ** bits - 1)) * (255 / (2 ** bits - 1)))
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(pixel * 4, pixel * 4 + 3)
    const colour = (round(red) << 16) | (round(green) << 8) | round(blue)
    let index = palette.get(colour)
    if (index === undefined) {
      index = palette.size
      if (index === COLOURS) return null
      palette.set(colour, index)
    }
    // Each row begins with its filter: none.
    rows[Math.floor(pixel / width) * (width + 1) + 1 + (pixel % width)] = index
  }
  const colours = [...palette.keys()].flatMap((at) => [at >> 16, (at >> 8) & 255, at & 255])
  return { palette: Buffer.from(colours), rows }
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  named.copy(framed, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
