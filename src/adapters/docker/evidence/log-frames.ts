/** https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach */
const HEADER_BYTES = 8
/** Of what is written at once no Engine makes a frame that is longer: it is no log then. */
const LONGEST_FRAME = 16 * 1024 * 1024

/** A line that is longer is given in parts; it is cut where it is redacted. */
const LONGEST_LINE = 1024 * 1024

export type LogPart = { readonly stream: number; readonly bytes: Uint8Array }

/** What a container wrote, by its stream, in parts as they come: a long frame in several. */
export async function* logParts(
  chunks: AsyncIterable<Uint8Array>,
  format: 'framed' | 'plain',
): AsyncIterable<LogPart> {
  let header = new Uint8Array(0)
  let stream = 0
  let left = 0
  for await (const chunk of chunks) {
    if (format === 'plain') {
      yield { stream: 1, bytes: chunk }
      continue
    }
    let from = 0
    while (from < chunk.length) {
      if (left > 0) {
        const bytes = chunk.subarray(from, from + left)
        from += bytes.length
        left -= bytes.length
        yield { stream, bytes }
        continue
      }
      const more = chunk.subarray(from, from + HEADER_BYTES - header.length)
      from += more.length
      header = Uint8Array.from([...header, ...more])
      if (header.length < HEADER_BYTES) continue
      stream = header[0] ?? 0
      left = new DataView(header.buffer).getUint32(4)
      if (stream > 3 || left > LONGEST_FRAME) throw new Error('no frame of a log')
      header = new Uint8Array(0)
    }
  }
}

/** Whole lines in the order in which they ended: what two streams wrote at once is not mixed. */
export async function* logLines(parts: AsyncIterable<LogPart>): AsyncIterable<string> {
  const begun = new Map<number, ReturnType<typeof beginning>>()
  for await (const { stream, bytes } of parts) {
    const one = begun.get(stream) ?? beginning()
    begun.set(stream, one)
    const text = one.text + one.decoder.decode(bytes, { stream: true })
    const end = text.lastIndexOf('\n') + 1
    one.text = text.slice(end)
    if (end > 0) yield text.slice(0, end)
    if (one.text.length > LONGEST_LINE) {
      yield one.text
      one.text = ''
    }
  }
  for (const { decoder, text } of begun.values()) {
    const last = text + decoder.decode()
    if (last !== '') yield last.endsWith('\n') ? last : `${last}\n`
  }
}

function beginning() {
  return { decoder: new TextDecoder(), text: '' }
}
