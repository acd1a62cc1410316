import type { Actor } from '../base/actor.ts'
import type { ItemResult, VerificationCause, VerificationItem } from './item.ts'

/** What is known of one item. A measurement goes before what a person ticked for want of one. */
type Known = {
  readonly result: (ItemResult & { readonly at: string }) | null
  readonly tick: { readonly by: Actor; readonly at: string } | null
}

/** The list as it was asked for last, folded from its events. */
export type Verification = {
  /** How often it was asked for. */
  readonly number: number
  readonly items: readonly VerificationItem[]
  readonly known: Readonly<Record<string, Known>>
  /** What is being measured now, and since when; `null`: nothing. */
  readonly due: { readonly since: string; readonly items: readonly string[] } | null
  readonly cause: VerificationCause
  readonly askedBy: Actor
  /** `rolled-back/1`, `stable/2`, `window-over/1`: what was asked for by itself, so that it is asked once. */
  readonly askedFor: readonly string[]
  /** The plan that has changed production since: nothing here speaks of now. */
  readonly outdatedBy: number | null
}

export type ItemState =
  | { readonly kind: 'passed'; readonly result: Known['result'] & {} }
  | { readonly kind: 'failed'; readonly result: Known['result'] & {} }
  | {
      readonly kind: 'ticked'
      readonly tick: Known['tick'] & {}
      readonly result: Known['result']
    }
  /** A person looks. `result`: why it could not be measured; `null` where it never is. */
  | { readonly kind: 'wants-person'; readonly result: Known['result'] }
  /** Backout has not measured it yet. */
  | { readonly kind: 'measuring' }

/** Where one item stands. Nothing but a measurement or a person says that it is well (J10). */
export function stateOfItem({ known }: Verification, { id, by }: VerificationItem): ItemState {
  const { result = null, tick = null } = Object.hasOwn(known, id) ? (known[id] ?? {}) : {}
  if (result?.verdict === 'passed') return { kind: 'passed', result }
  if (result?.verdict === 'failed') return { kind: 'failed', result }
  if (tick) return { kind: 'ticked', tick, result }
  if (by === 'backout' && !result) return { kind: 'measuring' }
  return { kind: 'wants-person', result }
}

export function isVerified(verification: Verification, item: VerificationItem): boolean {
  if (verification.outdatedBy !== null) return false
  const { kind } = stateOfItem(verification, item)
  return kind === 'passed' || kind === 'ticked'
}

/** What is not verified as production is now. Empty where nothing was to be verified. */
export function openVerification(incident: {
  readonly verification: Verification | null
}): readonly VerificationItem[] {
  const { verification } = incident
  return verification ? verification.items.filter((item) => !isVerified(verification, item)) : []
}

/** What Backout can measure and has not found well. */
export function unmeasuredItems(verification: Verification): readonly VerificationItem[] {
  return openVerification({ verification }).filter(({ by }) => by === 'backout')
}

/** How many are verified, wait for a person, or failed. */
export function counts(verification: Verification) {
  const states = verification.items.map((item) => stateOfItem(verification, item).kind)
  const count = (...kinds: readonly ItemState['kind'][]) =>
    states.filter((kind) => kinds.includes(kind)).length
  return {
    all: states.length,
    verified: count('passed', 'ticked'),
    forPeople: count('wants-person'),
    failed: count('failed'),
    measuring: count('measuring'),
  }
}

type Asked = {
  readonly by: Actor
  readonly cause: VerificationCause
  readonly items: readonly VerificationItem[]
  /** Of them, what is measured this time. */
  readonly measured: readonly string[]
  readonly askedFor?: string | undefined
}

/** Asked for, from now on. What was found before stands until it is measured anew, unless a plan has come between. */
export function askedAnew(before: Verification | null, asked: Asked, at: string): Verification {
  const stands = before !== null && before.outdatedBy === null
  const { items, by, cause, measured, askedFor } = asked
  return {
    number: (before?.number ?? 0) + 1,
    items,
    known: stands ? before.known : doneOnce(before),
    due: measured.length > 0 ? { since: at, items: measured } : null,
    cause,
    askedBy: by,
    askedFor: [...(before?.askedFor ?? []), ...(askedFor === undefined ? [] : [askedFor])],
    outdatedBy: null,
  }
}

/** What was found speaks of how it was; what was to be done once, and was, is done. */
function doneOnce(before: Verification | null): Verification['known'] {
  const once = (before?.items ?? []).filter(({ afterPlan }) => afterPlan !== undefined)
  return Object.fromEntries(
    once.flatMap(({ id }) => {
      const known = before?.known[id]
      return known ? [[id, known]] : []
    }),
  )
}

export function taken(
  verification: Verification,
  results: readonly ItemResult[],
  at: string,
): Verification {
  const entries = results.map((result): [string, Known] => {
    // Measured, it does not rest on anybody's word any more.
    const before = result.verdict === 'not-measured' ? verification.known[result.item] : undefined
    return [result.item, { result: { ...result, at }, tick: before?.tick ?? null }]
  })
  return {
    ...verification,
    due: null,
    known: { ...verification.known, ...Object.fromEntries(entries) },
  }
}

export function ticked(
  verification: Verification,
  item: string,
  tick: { readonly by: Actor; readonly at: string },
): Verification {
  const result = verification.known[item]?.result ?? null
  return { ...verification, known: { ...verification.known, [item]: { result, tick } } }
}

/** A plan has begun to change production: what was measured is of before. */
export function outdated(verification: Verification | null, plan: number): Verification | null {
  return verification && { ...verification, due: null, outdatedBy: plan }
}
