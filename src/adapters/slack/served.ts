import type { ModalView } from '@slack/types'
import type { Query } from '../../chat/reading/command.ts'
import type { AboutPlan } from '../../chat/reading/parse-show-plan.ts'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { ReceivedIntent } from '../../domain/incident/intent.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import type { Plan } from '../../domain/plan/plan.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { ProcedureName } from '../../domain/plan/requests.ts'
import type { Refusal } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
import type { Enrolling } from './enrolling.ts'

/** What people reach from the channels of one environment: its incidents, and nobody else's. */
export type Served = {
  /** The first one is where what comes from elsewhere is answered. */
  readonly channels: readonly string[]
  readonly services: readonly string[]
  readonly procedures: readonly ProcedureName[]
  /** Makes a wish durable; `null` opens a new incident. Rejects when the journal cannot be written. */
  receive(wish: { readonly incident: string | null; readonly received: ReceivedIntent }): Promise<
    | Refusal
    | { readonly kind: 'received' | 'duplicate' }
    /** Made durable, and not done by this process: whoever asked is told `because`. */
    | { readonly kind: 'left'; readonly because: Refusal }
  >
  /** The declared incident whose thread this is. Rejects where it cannot be read. */
  incidentIn(place: Place): Promise<Incident | null>
  /** Declared and not closed. */
  openIncidents(): readonly Incident[]
  incident(id: string): Promise<Incident | null>
  /** What the status page would be told, as Backout words it. */
  statusDraft(incident: Incident, stage: StatusStage): string
  /** Every rule and every question behind an answer, to read. */
  everyRule(assessment: Assessment): ModalView
  /** A page of everything that a plan holds, to read. */
  wholePlan(state: PlanState, plan: Plan, about: AboutPlan, page: number): ModalView
  /** A form, as it is shown there: so that nobody takes it for one of another environment. */
  form(view: ModalView): ModalView
  /** Second factors for when Slack is down; `null`: nothing real is signed here. */
  readonly enrolling: Enrolling | null
  /** Answers a question that changes nothing. Never throws. */
  answer(query: Query): Promise<View>
}
