import { Severity } from '../assessment/rule.ts'
import { toMs } from '../base/instant.ts'
import { pageKey, pageOfKey, type Occasion, type PageKey, type PageTo } from '../outbox/page.ts'
import type { Delivery } from '../outbox/outbox.ts'
import { signaturesMissing } from '../plan/gate.ts'
import { isGateOpen } from '../plan/plan-state.ts'
import type { PagerName } from '../text/product-names.ts'
import { severityOf } from './declaration.ts'
import { planOf, type Incident } from './incident.ts'
import type { PagingSettings } from './paging-settings.ts'

export type PagingRules = {
  readonly pagers: readonly {
    readonly name: PagerName
    /** Told that somebody has it, it calls nobody else. */
    readonly takesAcknowledgement: boolean
  }[]
  readonly occasions: PagingSettings['occasions']
}

/** Something that people have to be woken for. `over`: it need not, any more. */
type Occurred = { readonly occasion: Occasion; readonly at: string; readonly over: boolean }

/** Each occasion once, however often it comes to the same. */
export function occasionsOf(
  incident: Incident,
  { occasions }: Pick<PagingRules, 'occasions'>,
): readonly Occurred[] {
  return [
    ...declaredOccasion(incident, occasions.declared),
    ...(occasions.relapse ? relapses(incident) : []),
    ...(occasions.signatureMissing > 0 ? unsigned(incident, occasions.signatureMissing) : []),
  ]
}

/** A severity that nobody knows yet is none: it comes with the assessment. */
function declaredOccasion(
  incident: Incident,
  least: PagingSettings['occasions']['declared'],
): readonly Occurred[] {
  const { declared } = incident
  const severity = severityOf(incident)
  if (!declared || !severity || least === 'never') return []
  const order = Severity.options
  if (order.indexOf(severity) > order.indexOf(least)) return []
  return [{ occasion: 'declared', at: declared.at, over: false }]
}

/** Bad again, and until it is stable or something else was done about it, that is one occasion. */
function relapses({ timeline }: Incident): readonly Occurred[] {
  const found: Occurred[] = []
  for (const { event, at, sequence } of timeline) {
    const open = found.at(-1)?.over === false
    const relapse = event.type === 'watch-turned' && event.to === 'relapse'
    const ends =
      event.type === 'watch-started' || (event.type === 'watch-turned' && event.to === 'stable')
    if (relapse && !open) found.push({ occasion: `relapse-${sequence}`, at, over: false })
    const last = found.at(-1)
    if (ends && last) found[found.length - 1] = { ...last, over: true }
  }
  return found
}

/** One call for each plan: the later ones in Slack are about the same signatures. */
function unsigned(incident: Incident, call: number): readonly Occurred[] {
  const calls = incident.timeline.flatMap(({ event, at }) =>
    event.type === 'signatures-missing' && event.call >= call ? [{ plan: event.plan, at }] : [],
  )
  const plans = [...new Set(calls.map(({ plan }) => plan))]
  return plans.map((plan) => {
    const at = calls.find((one) => one.plan === plan)?.at ?? ''
    return { occasion: `signatures-${plan}`, at, over: !lacksSignatures(incident, plan) }
  })
}

export function lacksSignatures(incident: Incident, plan: number): boolean {
  const state = planOf(incident, plan)
  if (!state?.plan || !isGateOpen(state) || incident.closed) return false
  const { signatures, digest } = state.plan
  const theirs = state.approvals.filter((approval) => approval.digest === digest)
  return signaturesMissing(signatures, theirs) > 0
}

export type OwedPage = { readonly key: PageKey; readonly to: PageTo }

/**
 * What every pager should have been told by now. A call is owed while its occasion lasts; that somebody
 * has it, and that it is over, only once the call may have arrived. Whatever was called for is resolved
 * when the incident closes.
 */
export function pagesOwed(incident: Incident, rules: PagingRules): readonly OwedPage[] {
  const occurred = occasionsOf(incident, rules)
  return rules.pagers.flatMap(({ name, takesAcknowledgement }) =>
    [...occurred, ...leftFrom(incident, name, occurred)].flatMap((one) =>
      owedFor(incident, { ...one, pager: name, takesAcknowledgement }),
    ),
  )
}

function owedFor(
  incident: Incident,
  {
    occasion,
    at,
    over,
    pager,
    takesAcknowledgement,
  }: Occurred & { readonly pager: PagerName; readonly takesAcknowledgement: boolean },
): readonly OwedPage[] {
  const owed = (deed: PageTo['deed']): OwedPage => ({
    key: pageKey({ occasion, deed, pager }),
    to: { pager, deed, occasion, since: at },
  })
  const call = owed('trigger')
  const sent: Delivery<'page'> | undefined = incident.outbox.page[call.key]
  const ends = over || incident.closed !== null
  // On its way, it comes to its own end first.
  if (!sent || sent.kind === 'claimed') return ends && !sent ? [] : [call]
  if (sent.kind === 'waiting') return ends ? [] : [call]
  if (sent.kind === 'refused') return []
  if (ends) return [owed('resolve')]
  const answered = incident.pagesAcknowledged[call.key] !== undefined
  return takesAcknowledgement && !answered && isLedSince(incident, at) ? [owed('acknowledge')] : []
}

/** Somebody has said *I have it* since then. */
export function isLedSince({ lead }: Incident, at: string): boolean {
  return lead !== null && toMs(lead.at) >= toMs(at)
}

/** Called for once, and by the rules or the severity of now there is no such occasion. */
function leftFrom(
  incident: Incident,
  pager: PagerName,
  occurred: readonly Occurred[],
): readonly Occurred[] {
  return Object.entries(incident.outbox.page).flatMap(([key, delivery]) => {
    const page = pageOfKey(key)
    if (!page || page.pager !== pager || page.deed !== 'trigger') return []
    const known = occurred.some(({ occasion }) => occasion === page.occasion)
    // What has not been sent needs no sending now.
    if (known || delivery === undefined || delivery.kind === 'waiting') return []
    return [{ occasion: page.occasion, at: sentAt(delivery), over: false }]
  })
}

function sentAt(delivery: Delivery<'page'>): string {
  if (delivery.kind === 'delivered') return delivery.receipt.since
  if (delivery.kind === 'claimed') return delivery.to.since
  return 'at' in delivery ? delivery.at : delivery.since
}

/** For so long it is asked whether somebody has answered: by then a pager has called everybody it knows. */
const ASKED_FOR_MS = 2 * 60 * 60_000

/** The calls of which it can be asked whether somebody has answered, and is not known. */
export function unansweredPages(incident: Incident, nowMs: number): readonly PageKey[] {
  if (incident.closed) return []
  return Object.entries(incident.outbox.page).flatMap(([key, delivery]) => {
    const page = pageOfKey(key)
    if (page?.deed !== 'trigger' || delivery?.kind !== 'delivered') return []
    const { tells, acceptedAt, since } = delivery.receipt
    const name = pageKey(page)
    const known = incident.pagesAcknowledged[name] !== undefined || isLedSince(incident, since)
    const young = nowMs - toMs(acceptedAt) < ASKED_FOR_MS
    const over = incident.outbox.page[pageKey({ ...page, deed: 'resolve' })] !== undefined
    return tells && young && !known && !over ? [name] : []
  })
}
