import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { Fault, type FaultKind } from '../../domain/base/fault.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Conversations, SharedFile } from '../../ports/conversations.ts'
import { slackFault, slackWriteFault } from './faults.ts'
import { messagesSince } from './messages-since.ts'
import { ourselves, type Us } from './ourselves.ts'

/** Until the bytes are with Slack. Nothing of it is to be seen until then. */
const BYTES_MS = 5_000

/** Slack takes no longer description of a picture. */
const MOST_ALT_TEXT = 1_000

const Ticket = z.object({ upload_url: z.url(), file_id: z.string().min(1) })

/**
 * Files in three calls: an address is asked for, the bytes go there, and the last call shows the file. Until
 * that one is sent nothing can be seen; when its reply is lost, only the thread tells, and that some seconds
 * later, once Slack has looked at the file.
 */
export function slackFiles(options: {
  readonly client: WebClient
  readonly us: Us
}): Pick<Conversations, 'upload' | 'findFile'> {
  const { client, us } = options

  async function hand(file: SharedFile, signal: AbortSignal): Promise<string> {
    const { name, altText, bytes } = file
    try {
      // The client's own upload would send the token along with the bytes, and knows no signal.
      const answer = await untilAborted(
        client.apiCall('files.getUploadURLExternal', {
          filename: name,
          length: bytes.byteLength,
          ...(altText === null ? {} : { alt_txt: altText.slice(0, MOST_ALT_TEXT) }),
        }),
        signal,
      )
      const { upload_url, file_id } = Ticket.parse(answer)
      const response = await fetch(uploadAddress(upload_url, client.slackApiUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: Buffer.from(bytes),
        redirect: 'error',
        signal,
      })
      await response.body?.cancel()
      if (!response.ok) throw notTaken(response.status)
      return file_id
    } catch (error) {
      if (signal.aborted) throw late('retryable', error)
      throw fileFault(slackFault(error))
    }
  }

  async function show({ channel, thread }: Place, id: string, title: string, signal: AbortSignal) {
    // Not yet sent.
    if (signal.aborted) throw late('retryable', signal.reason)
    try {
      const files: [{ id: string; title: string }] = [{ id, title }]
      await untilAborted(
        thread
          ? client.files.completeUploadExternal({ files, channel_id: channel, thread_ts: thread })
          : client.files.completeUploadExternal({ files, channel_id: channel }),
        signal,
      )
    } catch (error) {
      if (signal.aborted) throw late('unknown-outcome', error)
      throw fileFault(slackWriteFault(error))
    }
  }

  async function look(place: Place, name: string, sinceMs: number) {
    for await (const messages of messagesSince(client, place, sinceMs)) {
      for (const message of messages) {
        const file = message.files?.find((one) => one.name === name)
        if (file && (await ourselves(us))(message)) return { file: file.id }
      }
    }
    return null
  }

  return {
    async upload(place, file, signal) {
      const id = await hand(file, AbortSignal.any([signal, AbortSignal.timeout(BYTES_MS)]))
      await show(place, id, file.title, signal)
      return { file: id }
    },

    async findFile(place, name, sinceMs, signal) {
      try {
        return await untilAborted(look(place, name, sinceMs), signal)
      } catch (error) {
        throw signal.aborted ? late('retryable', error) : fileFault(slackFault(error))
      }
    },
  }
}

/** Whatever an answer says: bytes go to Slack over TLS, or to where a Slack of our own stands. */
function uploadAddress(told: string, apiUrl: string): URL {
  const url = new URL(told)
  if (url.protocol === 'https:' || url.origin === new URL(apiUrl).origin) return url
  const detail = 'Slack named an address for the file that is not its own'
  throw new Fault({ kind: 'terminal', dependency: 'slack', code: 'upload-address', detail })
}

function notTaken(status: number): Fault {
  const passes = status >= 500 || status === 408 || status === 429
  return new Fault({
    kind: passes ? 'retryable' : 'terminal',
    dependency: 'slack',
    code: String(status),
    detail: `Slack did not take the bytes of the file: HTTP ${status}`,
  })
}

function late(kind: FaultKind, cause: unknown): Fault {
  const detail = 'Slack did not take the file in time'
  return new Fault({ kind, dependency: 'slack', code: 'ETIMEDOUT', detail, cause })
}

/** What is said of a layout is not true of a file, and what lacks for files has a name. */
function fileFault(fault: Fault): Fault {
  const words: Readonly<Record<string, string>> = {
    'layout-refused': 'Slack refused the file',
    missing_scope:
      'the token lacks files:write; add it as in manifests/slack-app.yaml, and install the app again',
  }
  const detail = words[fault.code ?? '']
  if (detail === undefined) return fault
  const { kind, dependency, code, cause } = fault
  return new Fault({ kind, dependency, code, detail, cause })
}
