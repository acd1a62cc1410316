import type { Served } from '../../adapters/slack/served.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'

/** An environment beside the one at home, in a channel of its own. */
export type Beside = {
  readonly channel: string
  /** As it is at this moment; or why nobody is reached from there now. */
  served(): Served | Refusal
}

/**
 * Whose channel it is. Everything that people send goes through here, and no further than to whom it leads: an
 * incident of one environment cannot be reached from the channel of another.
 */
export function byChannel(
  home: Served,
  beside: readonly Beside[],
): (channel: string) => Served | Refusal {
  const right = home.channels.map((id) => `<#${id}>`).join(', ')
  return (channel) => {
    if (home.channels.includes(channel)) return home
    const found = beside.find((one) => one.channel === channel)
    if (found) return found.served()
    return refused(channel.startsWith('D') ? 'direct-message' : 'wrong-channel', right)
  }
}
