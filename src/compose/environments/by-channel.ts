import type { Served } from '../../adapters/slack/served.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'

/** What is in a channel of its own, and not always there. */
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
  environments: readonly Served[],
  beside: readonly Beside[],
): (channel: string) => Served | Refusal {
  const right = environments.flatMap(({ channels }) => channels.map((id) => `<#${id}>`)).join(', ')
  return (channel) => {
    const environment = environments.find(({ channels }) => channels.includes(channel))
    if (environment) return environment
    const found = beside.find((one) => one.channel === channel)
    if (found) return found.served()
    return refused(channel.startsWith('D') ? 'direct-message' : 'wrong-channel', right)
  }
}
