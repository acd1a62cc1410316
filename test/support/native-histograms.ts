/** What was counted of durations until a moment, in buckets that grow by the same factor. */
export type NativeSample = {
  readonly atMs: number
  /** Seconds, and how many of them. */
  readonly durations: ReadonlyMap<number, number>
}

export type NativeSeries = {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly NativeSample[]
}

/** The label under which the name of a metric is kept. */
const NAME = '__name__'

/** Each bucket ends at this power of two to the `2^-SCHEMA`: about a tenth above where it begins. */
const SCHEMA = 3

/**
 * Writes native histograms as another Prometheus would, the oldest first: promtool cannot write them, and only so has
 * one a past. https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export async function writeNative(url: string, series: readonly NativeSeries[]): Promise<void> {
  const moments = [...new Set(series.flatMap(({ samples }) => samples.map(({ atMs }) => atMs)))]
  for (const atMs of moments.toSorted((a, b) => a - b)) {
    const now = series.flatMap(({ metric, labels, samples }) =>
      samples
        .filter((one) => one.atMs === atMs)
        .map((sample) => timeSeries({ ...labels, [NAME]: metric }, sample)),
    )
    // oxlint-disable-next-line no-await-in-loop -- what is older than the newest is refused
    const answer = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: uncompressed(Buffer.concat(now.map((one) => field(1, one)))),
    })
    if (!answer.ok) throw new Error(`it was not written: ${answer.status} ${await answer.text()}`)
  }
}

function timeSeries(labels: NativeSeries['labels'], sample: NativeSample): Buffer {
  const names = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([
    ...names.map(([name, value]) => field(1, Buffer.concat([text(1, name), text(2, value)]))),
    field(4, histogram(sample)),
  ])
}

function histogram({ atMs, durations }: NativeSample): Buffer {
  const counts = new Map<number, number>()
  let sum = 0
  for (const [seconds, count] of durations) {
    const index = Math.ceil(Math.log2(seconds) * 2 ** SCHEMA)
    counts.set(index, (counts.get(index) ?? 0) + count)
    sum += seconds * count
  }
  const sorted = [...counts].toSorted(([a], [b]) => a - b)
  const spans = sorted.map(([index], at) => {
    const gap = at === 0 ? index : index - (sorted[at - 1]?.[0] ?? 0) - 1
    return field(11, Buffer.concat([number(1, zigzag(gap)), number(2, 1)]))
  })
  const deltas = sorted.map(([, count], at) => zigzag(count - (sorted[at - 1]?.[1] ?? 0)))
  const count = sorted.reduce((all, [, one]) => all + one, 0)
  return Buffer.concat([
    number(1, count),
    double(3, sum),
    number(4, zigzag(SCHEMA)),
    double(5, 1e-9),
    number(6, 0),
    ...spans,
    field(12, Buffer.concat(deltas.map(varint))),
    number(15, atMs),
  ])
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Buffer.from([...bytes, Number(rest)])
}

const number = (id: number, value: number): Buffer =>
  Buffer.concat([varint(id << 3), varint(value)])
const field = (id: number, inner: Buffer): Buffer =>
  Buffer.concat([varint((id << 3) | 2), varint(inner.length), inner])
const text = (id: number, value: string): Buffer => field(id, Buffer.from(value))

function double(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([varint((id << 3) | 1), bytes])
}

/** Snappy's block format, in which everything may stand as it is. https://github.com/google/snappy/blob/main/format_description.txt */
function uncompressed(bytes: Buffer): Buffer<ArrayBuffer> {
  const parts = [varint(bytes.length)]
  for (let from = 0; from < bytes.length; from += 65_536) {
    const part = bytes.subarray(from, from + 65_536)
    const length = part.length - 1
    parts.push(Buffer.from([61 << 2, length & 255, length >> 8]), part)
  }
  return Buffer.concat(parts)
}
