import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../domain/base/fault.ts'

/** Who we are is asked at the same time as the rest when the bot starts. */
const IDENTITY_MS = 2_000

/** Who we are: only what we said ourselves is found. */
export type Us = Promise<{ readonly bot: string; readonly botUser: string }>

type Author = { readonly user?: string | undefined; readonly bot_id?: string | undefined }

/** Anybody may post blocks with any `block_id`, and files of any name: neither alone proves anything. */
export async function ourselves(us: Us): Promise<(message: Author) => boolean> {
  const self = await Promise.race([us, delay(IDENTITY_MS, null, { ref: false })])
  if (!self) throw unidentified()
  return ({ bot_id, user }) => user === self.botUser || (self.bot !== '' && bot_id === self.bot)
}

function unidentified(): Fault {
  const detail = 'Slack has not said yet who Backout is'
  return new Fault({ kind: 'retryable', dependency: 'slack', detail })
}
