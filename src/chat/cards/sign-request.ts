import { planOf, type Incident } from '../../domain/incident/incident.ts'
import type { View } from '../../domain/base/view.ts'
import { redact } from '../../domain/text/redact.ts'
import { section, view } from '../parts/blocks.ts'
import { signedInWords, titleOfPlan } from '../parts/plan-words.ts'
import { link } from '../text/links.ts'
import { clipped, mrk, trusted } from '../text/text.ts'

/** Asks one person to sign, in a message to them alone. It is read and signed on the plan's card. */
export function signRequest(
  incident: Incident,
  plan: number,
  { environment, url }: { readonly environment: string; readonly url: string | null },
): View {
  const state = planOf(incident, plan)
  if (!state) return view(`Plan ${plan}`, [section(mrk`Plan ${plan}`)])
  const title = clipped(redact(titleOfPlan(state)), 200)
  const first = mrk`🔔 Plan ${plan} for ${environment} waits for your signature: ${title}. ${signedInWords(state, incident)}.`
  const next =
    url === null
      ? mrk`Next: read its card in the thread of incident ${incident.id}, then approve or deny it there.`
      : mrk`Next: ${link(url, 'read its card')}, then approve or deny it there.`
  return view(first, [section(first, next, trusted('It cannot be signed from here.'))])
}
