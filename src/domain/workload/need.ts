/** Something beside its images that a revision cannot start without, as it is called in its own system. */
export type Need = { readonly kind: string; readonly name: string }

export type NeedSeen = Need & {
  /** `not-known`: it may not be looked at. */
  readonly state: 'there' | 'missing' | 'not-known'
  /** When it last changed; `null`: not known. */
  readonly changedAt: string | null
}

/** "ConfigMap settings" */
export function needName({ kind, name }: Need): string {
  return `${kind} ${name}`
}

/** Each of them once. */
export function eachNeedOnce(needs: readonly Need[]): readonly Need[] {
  return [...new Map(needs.map((need) => [needName(need), need])).values()]
}
