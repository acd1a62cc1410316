import { inflateSync } from 'node:zlib'

export type Pixels = {
  readonly width: number
  readonly height: number
  /** How dark it is there: 0 is white, 255 is black. */
  readonly dark: (x: number, y: number) => number
}

/** A PNG of 8 bits a channel, as pictures of ours are: just enough of it to see where there is ink. */
export function pixelsOf(png: Uint8Array): Pixels {
  const bytes = Buffer.from(png)
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const channels = bytes[25] === 6 ? 4 : 3
  const data: Buffer[] = []
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') {
      data.push(bytes.subarray(at + 8, at + 8 + length))
    }
    at += 12 + length
  }
  const rows = unfiltered(inflateSync(Buffer.concat(data)), { width, height, channels })
  return {
    width,
    height,
    dark(x, y) {
      const at = (y * width + x) * channels
      return 255 - Math.min(rows[at] ?? 255, rows[at + 1] ?? 255, rows[at + 2] ?? 255)
    },
  }
}

/** https://www.w3.org/TR/png-3/#9Filters */
function unfiltered(
  raw: Buffer,
  { width, height, channels }: { width: number; height: number; channels: number },
): Buffer {
  const stride = width * channels
  const rows = Buffer.alloc(height * stride)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : (rows[y * stride + x - channels] ?? 0)
      const up = y === 0 ? 0 : (rows[(y - 1) * stride + x] ?? 0)
      const corner = x < channels || y === 0 ? 0 : (rows[(y - 1) * stride + x - channels] ?? 0)
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
      rows[y * stride + x] = ((raw[y * (stride + 1) + 1 + x] ?? 0) + predicted) & 255
    }
  }
  return rows
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

export type Box = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** How many of its pixels are darker than half. */
export function inkIn({ dark }: Pixels, { x, y, width, height }: Box): number {
  let ink = 0
  for (let row = y; row < y + height; row += 1) {
    for (let column = x; column < x + width; column += 1) if (dark(column, row) > 128) ink += 1
  }
  return ink
}
