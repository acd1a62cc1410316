import type { ModalView } from '@slack/types'
import { ACTIONS } from '../../chat/reading/action-ids.ts'
import { parsePlanPage, parseShowPlan, type AboutPlan } from '../../chat/reading/parse-show-plan.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import { planOf } from '../../domain/incident/incident.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import { slackFault } from './faults.ts'
import type { Intake, Listening } from './intake.ts'
import { openForm } from './on-form.ts'
import type { Served } from './served.ts'

/** A plan of which the card does not hold all: to read, page by page, and nothing is done by it. */
export function onShowPlan(deps: Listening, intake: Intake): void {
  deps.app.action(ACTIONS.showPlan, async ({ ack, body }) => {
    await ack()
    const press = parseShowPlan(body)
    if (!press) return
    const { by, trigger, about } = press
    const { place } = about
    const here = deps.at(place.channel)
    if ('reason' in here) return intake.tell(by, place, here)
    await openForm(deps, intake, { by, trigger, place }, () => pageOf(here, about, 1))
  })

  for (const action of [ACTIONS.planPageBefore, ACTIONS.planPageNext]) {
    deps.app.action(action, async ({ ack, body }) => {
      await ack()
      const press = parsePlanPage(body)
      if (!press) return
      const { by, about, page } = press
      const here = deps.at(about.place.channel)
      const shown =
        'reason' in here ? here : ((await intake.barred(by)) ?? (await pageOf(here, about, page)))
      if ('reason' in shown) return intake.tell(by, about.place, shown)
      await turn(press, 'reason' in here ? shown : here.form(shown))
    })
  }

  async function turn(
    { view: view_id, by, about }: NonNullable<ReturnType<typeof parsePlanPage>>,
    view: ModalView,
  ): Promise<void> {
    try {
      await deps.client.views.update({ view_id, view })
    } catch (error) {
      deps.log.warn('the page of a plan could not be shown', { error: slackFault(error) })
      await intake.tell(by, about.place, refused('form-not-opened'))
    }
  }
}

async function pageOf(here: Served, about: AboutPlan, page: number): Promise<ModalView | Refusal> {
  const incident = await here.incident(about.incident)
  if (!incident) return refused('incident-unknown', about.incident)
  const state = planOf(incident, about.plan)
  if (!state?.plan) return refused('stale-card')
  if (state.plan.digest !== about.digest) return refused('plan-changed')
  if (!canBeRead(state.plan)) return refused('plan-too-long')
  return here.wholePlan(state, state.plan, about, page)
}
