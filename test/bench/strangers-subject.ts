// Forked: the HTTP receiver on a port of its own, which it tells with its memory. Tells it again when asked.
import { App } from '@slack/bolt'
import { signedHttpReceiver } from '../../src/adapters/slack/http-receiver.ts'
import { quietLogger } from '../../src/adapters/slack/quiet-logger.ts'
import { freePort } from '../servers/spawn.ts'

const log = { info() {}, warn() {}, error() {} }
const port = await freePort()
const logger = quietLogger(log)
const receiver = signedHttpReceiver({ signingSecret: 's', port, log, logger, now: Date.now })
const authorize = async () => ({ botToken: 'xoxb-test', botId: 'B1', botUserId: 'U1' })
await new App({ receiver, logger, convoStore: false, authorize }).start()

/** In MB; the kernel's own mark of the highest moment. */
const tell = (): void => {
  process.send?.({ port, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 })
}
process.on('message', tell)
tell()
