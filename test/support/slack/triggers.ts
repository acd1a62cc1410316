import { uniqueId } from './json.ts'

type Trigger = { id: string; user: string; at: number; used: boolean; fromUpstream: boolean }

export type Triggers = {
  mint: (user: string) => string
  /** Takes in a trigger that local-slack made: it was born from a click on its web page. */
  adopt: (id: string, user: string) => void
  /** Uses it up, or names Slack's error. */
  exchange: (id: string) => Trigger | string
}

export const createTriggers = (lifetimeMs: () => number): Triggers => {
  const known = new Map<string, Trigger>()
  const remember = (id: string, user: string, fromUpstream: boolean) => {
    // A duplicated envelope carries the same trigger: the second delivery must not renew the first.
    if (!known.has(id)) known.set(id, { id, user, at: Date.now(), used: false, fromUpstream })
  }
  return {
    mint: (user) => {
      const id = `${Date.now()}.${Math.floor(Math.random() * 1e12)}.${uniqueId('').toLowerCase()}`
      remember(id, user, false)
      return id
    },
    adopt: (id, user) => remember(id, user, true),
    exchange: (id) => {
      const trigger = known.get(id)
      if (!trigger) return 'invalid_trigger_id'
      if (trigger.used) return 'exchanged_trigger_id'
      if (Date.now() - trigger.at > lifetimeMs()) return 'expired_trigger_id'
      trigger.used = true
      return trigger
    },
  }
}
