import { jsonOf } from '../../domain/base/json-of.ts'
import { z } from 'zod'
import { Place } from '../../domain/incident/place.ts'
import { ACTIONS } from './action-ids.ts'
import { IncidentId, OF_CARD, readPress } from './parse-press.ts'

/** The plan that is shown whole; comes back with each page. It names, and entitles to nothing. */
const AboutPlan = z.strictObject({
  incident: IncidentId,
  plan: z.int().positive(),
  digest: z.string(),
  place: Place,
})
export type AboutPlan = z.infer<typeof AboutPlan>

/** A press that opens a plan whole; `null` when it is not one. */
export function parseShowPlan(
  payload: unknown,
): { readonly by: string; readonly trigger: string; readonly about: AboutPlan } | null {
  const press = readPress(payload)
  if (press?.action !== ACTIONS.showPlan) return null
  const parts = OF_CARD.safeParse(press.parts)
  if (!parts.success) return null
  const [plan, digest] = parts.data
  const { incident, by, place, trigger } = press
  return { by, trigger, about: { incident, plan, digest, place } }
}

const Turning = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({ id: z.string(), private_metadata: z.string() }),
  actions: z.tuple(
    [
      z.object({
        action_id: z.enum([ACTIONS.planPageBefore, ACTIONS.planPageNext]),
        value: z.string().regex(/^\d{1,3}$/),
      }),
    ],
    z.unknown(),
  ),
})

/** A press in the plan that is open, which wants another page of it; `null` when it is not one. */
export function parsePlanPage(payload: unknown): {
  readonly by: string
  readonly view: string
  readonly page: number
  readonly about: AboutPlan
} | null {
  const parsed = Turning.safeParse(payload)
  if (!parsed.success) return null
  const { user, view, actions } = parsed.data
  const about = AboutPlan.safeParse(jsonOf(view.private_metadata)).data ?? null
  return about && { by: user.id, view: view.id, page: Number(actions[0].value), about }
}
