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

/** Whether everybody is there whom a plan needs, also when one of the approvers asks for it. */
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
    const asks = from === 'approvers' && !requesterMayApprove && !requesterCounts ? 1 : 0
    const { people } = there
    const says = `${people} ${WORDS[from]}${people === 1 ? '' : 's'} can sign`
    if (there.people >= count + asks) return { name: 'signers', state: 'ready', because: says }
    const why =
      there.people < count
        ? have(count)
        : `${have(count)}, and who asks for the plan does not count`
    return { name: 'signers', state: 'not-ready', because: `${says}: ${why}` }
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
