import type { SignatureRule, SignerRole } from '../plan/signature-rule.ts'
import type { ReadinessCheck } from './readiness.ts'

/** How many different people of a role may sign now. */
export type Present =
  | { readonly kind: 'known'; readonly people: number }
  | { readonly kind: 'not-known'; readonly because: string }

const WORDS: Readonly<Record<SignerRole, string>> = {
  approvers: 'approver',
  'data-owners': 'data owner',
}

/** Whether everybody is there whom a plan needs, whoever of them asks for it. */
export function signersCheck(
  rules: readonly SignatureRule[],
  present: Readonly<Record<SignerRole, Present>>,
  { requesterMayApprove }: { readonly requesterMayApprove: boolean },
): ReadinessCheck {
  const found = rules.map(({ count, from, requesterCounts = false }): ReadinessCheck => {
    const there = present[from]
    if (there.kind === 'not-known') {
      return { name: 'signers', state: 'unknown', because: `who may sign: ${there.because}` }
    }
    const asks = requesterMayApprove || requesterCounts ? 0 : 1
    const { people } = there
    const says = `${people} ${WORDS[from]}${people === 1 ? '' : 's'} can sign`
    if (people >= count + asks) return { name: 'signers', state: 'ready', because: says }
    // Approvers ask, and who does not own the data may ask as well.
    if (people >= count && from === 'data-owners') {
      return { name: 'signers', state: 'ready', because: `${says} (unless they ask for the plan)` }
    }
    const unlessAsking = people < count ? '' : ', and who asks for the plan does not count'
    return {
      name: 'signers',
      state: 'not-ready',
      because: `${says}: ${have(count)}${unlessAsking}`,
    }
  })
  const worst =
    found.find(({ state }) => state === 'not-ready') ??
    found.find(({ state }) => state === 'unknown')
  if (worst) return worst
  const because = found.map((one) => one.because).join(', ') || 'nobody has to sign'
  return { name: 'signers', state: 'ready', because }
}

function have(count: number): string {
  return count === 1 ? '1 has to' : `${count} have to`
}
