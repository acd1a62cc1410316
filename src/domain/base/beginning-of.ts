/** The text of a stream as far as so many bytes. Leaving its loop ends the stream: the rest is never read. */
export async function beginningOf(
  stream: AsyncIterable<unknown>,
  maxBytes: number,
): Promise<{ readonly body: string; readonly truncated: boolean }> {
  const decoder = new TextDecoder()
  let body = ''
  let room = maxBytes
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    if (chunk.byteLength > room) {
      body += decoder.decode(chunk.subarray(0, room), { stream: true })
      return { body, truncated: true }
    }
    room -= chunk.byteLength
    body += decoder.decode(chunk, { stream: true })
  }
  return { body: body + decoder.decode(), truncated: false }
}
