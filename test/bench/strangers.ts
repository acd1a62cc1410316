import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { reap, spare } from '../servers/reaper.ts'
import { atMost } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const STRANGERS = 120
const BODY_BYTES = 4_000_000
const MOST_MB = 80
/** Nothing more of what they sent is read when the peak stands for so many looks in a row. */
const LOOKS = 6
const LOOK_EVERY_MS = 500

const SUBJECT = resolve(import.meta.dirname, 'strangers-subject.ts')

const Told = z.object({ port: z.number(), peakMb: z.number() })

/**
 * The HTTP receiver alone, in a process of its own. Each stranger says that a body of four megabytes
 * is signed, sends all of it but the last byte, and waits.
 */
export const strangers = async (): Promise<readonly Outcome[]> => {
  const child = fork(SUBJECT, { execArgv: ['--max-semi-space-size=2'] })
  const pid = child.pid ?? 0
  reap({ pid })
  const told = async () => Told.parse((await once(child, 'message'))[0])
  const before = await told()
  const sockets = Array.from({ length: STRANGERS }, (_, at) => {
    const socket = connect(before.port, '127.0.0.1').on('error', () => undefined)
    socket.write(
      [
        'POST /slack/events HTTP/1.1',
        'host: x',
        'transfer-encoding: chunked',
        `x-slack-request-timestamp: ${Math.floor(Date.now() / 1000)}`,
        `x-slack-signature: v0=${String(at).padStart(64, '0')}`,
        `\r\n${BODY_BYTES.toString(16)}\r\n`,
      ].join('\r\n'),
    )
    socket.write('x'.repeat(BODY_BYTES - 1))
    return socket.resume()
  })
  let peakMb = 0
  for (let unchanged = 0; unchanged < LOOKS; unchanged += 1) {
    await pause(LOOK_EVERY_MS)
    child.send('measure')
    const now = await told()
    if (now.peakMb > peakMb) unchanged = 0
    peakMb = now.peakMb
  }
  for (const socket of sockets) socket.destroy()
  child.kill()
  await once(child, 'exit')
  spare({ pid })
  return [
    atMost({
      what: `memory that ${STRANGERS} strangers take who send ${BODY_BYTES / 1e6} MB each and prove nothing`,
      measured: peakMb - before.peakMb,
      gate: MOST_MB,
      unit: 'MB',
      details: ['the highest moment, against the highest before they came'],
    }),
  ]
}
