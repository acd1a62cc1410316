import type { Delivery, Failing, OutboxKind } from './outbox.ts'

/** How far something is that a person had sent. */
export type Sending<Kind extends OutboxKind> =
  /** On its way, or about to be. `failing`: it could not be sent before. */
  | { readonly kind: 'under-way'; readonly failing: Failing | null }
  | Exclude<Delivery<Kind>, { kind: 'claimed' }>

export function sendingOf<Kind extends OutboxKind>(
  delivery: Delivery<Kind> | undefined,
): Sending<Kind> {
  if (!delivery) return { kind: 'under-way', failing: null }
  if (delivery.kind !== 'claimed') return delivery
  return { kind: 'under-way', failing: delivery.failing ?? null }
}

type Stage = Sending<OutboxKind>['kind'] | undefined

/** It is sent, now or once it can be, and nobody has to do anything for it. */
export function isOnItsWay(stage: Stage): boolean {
  return stage === 'under-way' || stage === 'waiting'
}

/** Nobody has had it sent, or it was refused, or it is not known to have arrived. */
export function maySendAgain(stage: Stage): boolean {
  return stage === undefined || stage === 'refused' || stage === 'unknown'
}

/** Whether nothing more comes of it by itself. */
export function isOver(stage: Stage | Delivery['kind']): boolean {
  return stage === 'delivered' || stage === 'unknown' || stage === 'refused'
}
