import { uniqueId } from './json.ts'
import type { Dict } from './json.ts'

export type EnvelopeType = 'events_api' | 'slash_commands' | 'interactive'

/** One envelope as sent once. A duplicate or a retry is an envelope of its own in the log. */
export type Envelope = {
  id: string
  type: EnvelopeType
  payload: Dict
  at: number
  /** Slack's `retry_attempt`: absent on the first delivery. */
  attempt?: number
  /** Ids of the bot's sockets it went to: none when it was dropped or nobody was there. */
  sockets: number[]
  acks: { at: number; socket: number; payload: Dict }[]
}

/** What the person in Slack notices: nothing, or one of Slack's two ways to say "that failed". */
export type Delivery = {
  envelope: Envelope
  acked: boolean
  afterMs: number
  response: Dict
  problem?: 'dispatch_failed' | 'operation_timeout'
}

export type ToDeliver = {
  type: EnvelopeType
  payload: Dict
  envelopeId?: string
  attempt?: number
  /** One socket by id, instead of the next in turn. */
  to?: number
}

type Selection = { type?: EnvelopeType; when?: (payload: Dict) => boolean }
type Duplication = Selection & {
  /** The very same envelope again (a transport duplicate), not a retry with an id of its own. */
  sameEnvelope?: boolean
  /** Both at the same moment, as two replicas would see them, not one after the other's ack. */
  atOnce?: boolean
}

export type Tampering = {
  duplicateNext: (how?: Duplication) => void
  dropNext: (which?: Selection) => void
}

const takeFirst = <T extends Selection>(list: T[], { type, payload }: ToDeliver): T | undefined => {
  const index = list.findIndex(
    (item) => (!item.type || item.type === type) && (!item.when || item.when(payload)),
  )
  return index === -1 ? undefined : list.splice(index, 1)[0]
}

export type Post = (item: ToDeliver) => Promise<Delivery>

const dropped = (item: ToDeliver): Delivery => ({
  envelope: {
    id: item.envelopeId ?? uniqueId('env-'),
    type: item.type,
    payload: item.payload,
    at: Date.now(),
    sockets: [],
    acks: [],
  },
  acked: false,
  afterMs: 0,
  response: {},
  problem: 'dispatch_failed',
})

/**
 * Slack's delivery around a plain "send it to a socket": dropping, duplicating, and the retries of
 * events (at once, 1 min, 5 min in real Slack: here whatever `retriesMs` says).
 */
export const withTampering = (
  post: Post,
  log: Envelope[],
  retriesMs: () => number[],
): { deliver: Post } & Tampering => {
  const duplications: Duplication[] = []
  const drops: Selection[] = []

  const again = (item: ToDeliver, first: string, same: boolean | undefined) =>
    post({ ...item, attempt: 1, envelopeId: same ? first : uniqueId('env-') })

  const once = async (item: ToDeliver): Promise<Delivery> => {
    if (takeFirst(drops, item)) {
      const lost = dropped(item)
      log.push(lost.envelope)
      return lost
    }
    const twice = takeFirst(duplications, item)
    if (!twice) return post(item)
    const id = item.envelopeId ?? uniqueId('env-')
    const first = post({ ...item, envelopeId: id })
    if (!twice.atOnce) await first
    await again(item, id, twice.sameEnvelope)
    return first
  }

  const deliver = async (item: ToDeliver): Promise<Delivery> => {
    let delivery = await once(item)
    if (item.type !== 'events_api') return delivery
    for (const [index, waitMs] of retriesMs().entries()) {
      if (delivery.acked) break
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      delivery = await once({ ...item, attempt: index + 1 })
    }
    return delivery
  }

  return {
    deliver,
    duplicateNext: (how = {}) => void duplications.push(how),
    dropNext: (which = {}) => void drops.push(which),
  }
}
