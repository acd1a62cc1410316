/** https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach */
const HEADER_BYTES = 8
/** Of what is written at once no Engine makes a frame that is longer: it is no log then. */
const LONGEST_FRAME = 16 * 1024 * 1024

/** A line that is longer is given in parts; it is cut where it is redacted. */
const LONGEST_LINE = 1024 * 1024

export type LogPart = { readonly stream: number; readonly bytes: Uint8Array }

/**
 * What a container wrote, by its stream, in parts as they come, all of a chunk together: a long frame is in several, and
 * what one stream wrote without the other is one. A line has a frame of its own, and there are millions of them.
 */
export async function* logParts(
  chunks: AsyncIterable<Uint8Array>,
  format: 'framed' | 'plain',
): AsyncIterable<readonly LogPart[]> {
  const header = new Uint8Array(HEADER_BYTES)
  const lengths = new DataView(header.buffer)
  let headed = 0
  let stream = 0
  let left = 0

  function framesIn(chunk: Uint8Array): readonly LogPart[] {
    const parts: LogPart[] = []
    const payload = new Uint8Array(chunk.length)
    let [begun, filled] = [0, 0]
    const endPart = (): void => {
      if (filled > begun) parts.push({ stream, bytes: payload.subarray(begun, filled) })
      begun = filled
    }
    let from = 0
    while (from < chunk.length) {
      if (left > 0) {
        const bytes = chunk.subarray(from, from + left)
        payload.set(bytes, filled)
        filled += bytes.length
        from += bytes.length
        left -= bytes.length
        continue
      }
      const more = chunk.subarray(from, from + HEADER_BYTES - headed)
      from += more.length
      header.set(more, headed)
      headed += more.length
      if (headed < HEADER_BYTES) continue
      if (header[0] !== stream) endPart()
      stream = header[0] ?? 0
      left = lengths.getUint32(4)
      if (stream > 3 || left > LONGEST_FRAME) throw new Error('no frame of a log')
      headed = 0
    }
    endPart()
    return parts
  }

  for await (const chunk of chunks) {
    yield format === 'plain' ? [{ stream: 1, bytes: chunk }] : framesIn(chunk)
  }
}

/**
 * Whole lines in the order in which they ended: what two streams wrote at once is not mixed. Those of a chunk come
 * together, as each line by itself would be written and waited for by itself.
 */
export async function* logLines(batches: AsyncIterable<readonly LogPart[]>): AsyncIterable<string> {
  const begun = new Map<number, ReturnType<typeof beginning>>()

  function linesIn({ stream, bytes }: LogPart): string {
    const one = begun.get(stream) ?? beginning()
    begun.set(stream, one)
    const text = one.text + one.decoder.decode(bytes, { stream: true })
    const end = text.length > LONGEST_LINE ? text.length : text.lastIndexOf('\n') + 1
    one.text = text.slice(end)
    return text.slice(0, end)
  }

  for await (const parts of batches) {
    const text = parts.map(linesIn).join('')
    if (text !== '') yield text
  }
  for (const { decoder, text } of begun.values()) {
    const last = text + decoder.decode()
    if (last !== '') yield last.endsWith('\n') ? last : `${last}\n`
  }
}

function beginning() {
  return { decoder: new TextDecoder(), text: '' }
}
