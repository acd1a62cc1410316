import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import type { View } from '../../domain/base/view.ts'
import { planBlocks } from '../answers/plan-modal.ts'
import { statusView, titleOf } from '../answers/status.ts'
import { planCard } from '../cards/plan-card.ts'
import { runCard } from '../cards/run-card.ts'
import { markup, type Markup } from '../report/markup.ts'
import { CODE_FIELD, framed, hidden, type Frame } from './frame.ts'
import { shownOnPage, type NameOf } from './shown.ts'

export type Outside = Pick<Frame, 'environment' | 'notice'> & {
  readonly signedIn: NonNullable<Frame['signedIn']>
  readonly nameOf: NameOf
}

/** Every open incident, and those that nobody has declared yet, with the way to each. */
export function incidentsPage(
  {
    open,
    undeclared,
    unreadable,
  }: {
    readonly open: readonly Incident[]
    readonly undeclared: readonly Incident[]
    readonly unreadable: readonly string[]
  },
  shown: Outside,
): string {
  const { environment, nameOf } = shown
  const none = open.length + undeclared.length === 0
  const first = statusView([], environment, null, unreadable)
  return framed({
    ...shown,
    title: 'Open incidents',
    body: [
      ...(none || unreadable.length > 0 ? shownOnPage(first, nameOf) : []),
      ...open.flatMap((one) => listed(one, 'Its plans, to read and to sign', shown)),
      ...(undeclared.length > 0 ? [markup`<h2>Not declared</h2>\n`] : []),
      ...undeclared.flatMap((one) => listed(one, 'To plan a rollback, which declares it', shown)),
    ],
  })
}

function listed(incident: Incident, way: string, { environment, nameOf }: Outside): Markup[] {
  return [
    ...shownOnPage(withoutTitle(statusView([incident], environment, null)), nameOf),
    markup`<p><a href="/incident/${incident.id}">${way}</a></p>\n<hr>\n`,
  ]
}

/** One incident: how it stands, what is signed, and what can be. `seal`: of what is shown now. */
export function incidentPage(
  incident: Incident,
  shown: Outside & {
    readonly approval: ApprovalSettings
    readonly open: () => readonly Incident[]
    readonly seal: (plan: PlanState) => string
  },
): string {
  const { environment, nameOf, signedIn } = shown
  const status = shownOnPage(withoutTitle(statusView([incident], environment, null)), nameOf)
  return framed({
    ...shown,
    title: titleOf(incident),
    body: [
      ...status,
      ...incident.plans.toReversed().map((state) => planPart(incident, state, shown)),
      ...(incident.opened && !incident.closed ? [askForPlan(incident, signedIn.token)] : []),
    ],
  })
}

type PlanShown = Parameters<typeof incidentPage>[1]

function planPart(incident: Incident, state: PlanState, shown: PlanShown): Markup {
  const { nameOf } = shown
  const views = planViews(incident, state, shown)
  return markup`<section class="plan">
${views.flatMap((view) => [...shownOnPage(view, nameOf)])}${gate(incident, state, shown)}${stopping(incident, state, shown)}</section>
`
}

/** What is signed is shown to its last word; what was signed, as its card says it. */
export function planViews(
  incident: Incident,
  state: PlanState,
  shown: Pick<PlanShown, 'environment' | 'approval' | 'open'>,
): readonly Pick<View, 'blocks'>[] {
  const card = planCard(incident, state.number, shown)
  if (state.run) return [runCard(incident, state.number, shown.approval)]
  if (!isGateOpen(state) || !state.plan) return [card]
  return [{ blocks: card.blocks.slice(0, 2) }, { blocks: planBlocks(state, state.plan) }]
}

function gate({ id }: Incident, state: PlanState, shown: PlanShown): Markup {
  const { plan, number } = state
  if (!plan || !isGateOpen(state) || !canBeRead(plan)) return markup``
  const { token } = shown.signedIn
  const fields = { token, plan: number, digest: plan.digest, shown: shown.seal(state) }
  return markup`<form class="gate" method="post" action="/incident/${id}/sign">${hidden(fields)}
<p>Your signature is for exactly this plan, and for no other:</p>
<p class="digest">${plan.digest}</p>
${CODE_FIELD(`code-${number}`)}<button type="submit">Sign plan ${number}</button>
</form>
`
}

function stopping(incident: Incident, { number }: PlanState, shown: PlanShown): Markup {
  if (incidentCan.abort(incident, number) !== true) return markup``
  const fields = { token: shown.signedIn.token, plan: number }
  return markup`<form method="post" action="/incident/${incident.id}/abort">${hidden(fields)}
<button type="submit">Stop plan ${number} after this step</button>
</form>
`
}

function askForPlan({ id, declared }: Incident, token: string): Markup {
  const declares = declared
    ? markup``
    : markup`<p>Nobody has declared this incident. Whoever asks for a plan of it declares it.</p>
`
  return markup`<form method="post" action="/incident/${id}/plan">${hidden({ token })}
${declares}<p>A plan changes nothing until two others have signed it: who asks for it does not count.</p>
<button class="quiet" type="submit">Plan a rollback</button>
</form>
`
}

/** The page has a title of its own. */
function withoutTitle({ blocks }: View): Pick<View, 'blocks'> {
  return { blocks: blocks.filter(({ type }) => type !== 'header') }
}
