import { userInfo } from 'node:os'
import { planViews } from '../../chat/outside/incident-page.ts'
import { atTerminal, shownAtTerminal } from '../../chat/outside/shown.ts'
import {
  ASK_AGAIN,
  CODE_PROMPT,
  NAME_PROMPT,
  NOT_CONFIGURED,
  NOT_DECIDED,
  refusedInWords,
  verdictInWords,
  WRONG_SIGN_IN,
} from '../../chat/outside/words.ts'
import { statusView } from '../../chat/answers/status.ts'
import type { Config } from '../../config/load-config.ts'
import { toIso } from '../../domain/base/instant.ts'
import { planOf, type Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import { typedAtTerminal, type Typed } from '../signing/typed.ts'
import { nameIn } from '../signing/names.ts'
import { openStore } from '../signing/open-store.ts'
import { openReading, type Reading } from '../signing/reading.ts'

type Done = { readonly output: string; readonly exitCode: number }

/** What people do on Backout's own machine, over its journal. What is wished for is decided by the running bot. */
export async function runOutside(
  config: Config,
  [command, id, number]: readonly string[],
  typed: Typed = typedAtTerminal,
): Promise<Done> {
  await using reading = await openReading(config)
  const open = await reading.open()
  if (command === 'status' && id === undefined) return shownStatus(config, open)
  const incident = id === undefined ? onlyOne(open) : await reading.incident(id)
  if (!incident)
    return no(
      `${id === undefined ? 'Of which incident' : `There is no incident ${id}`}. ${ASK_AGAIN}`,
    )
  if (command === 'status') return shownStatus(config, [incident])
  const plan = number === undefined ? null : planNumber(number)
  if (plan === undefined || (plan !== null && !planOf(incident, plan))) {
    return no(`Incident ${incident.id} has no plan ${number ?? ''}.`)
  }
  if (command === 'abort') {
    const by = `command-line:${userInfo().username}`
    // Awaited here, so that the journal is open until it is decided.
    return await wished(config, reading, { by, incident, intent: { kind: 'abort', plan } })
  }
  const state = plan === null ? waitingIn(incident) : planOf(incident, plan)
  if (!state)
    return no(`No plan of incident ${incident.id} waits for signatures. Name the one you mean.`)
  const shown = planInWords(config, incident, state, open)
  if (command === 'plan') return { output: shown, exitCode: 0 }
  return await sign(config, reading, { incident, state, shown, typed })
}

function shownStatus({ settings }: Config, incidents: readonly Incident[]): Done {
  const view = statusView(incidents, settings.environment)
  return { output: shownAtTerminal(view, nameIn(settings.contacts)), exitCode: 0 }
}

function planInWords(
  { settings }: Config,
  incident: Incident,
  state: PlanState,
  open: readonly Incident[],
): string {
  const { environment, approval, contacts } = settings
  const views = planViews(incident, state, { environment, approval, open: () => open })
  const texts = views.map((view) => shownAtTerminal(view, nameIn(contacts)))
  const digest = state.plan ? [`The digest of what is signed:\n${state.plan.digest}`] : []
  return [...texts, ...digest].join('\n\n')
}

async function sign(
  config: Config,
  reading: Reading,
  given: {
    readonly incident: Incident
    readonly state: PlanState
    readonly shown: string
    readonly typed: Typed
  },
): Promise<Done> {
  const { incident, state, shown, typed } = given
  const { signing } = config
  if (!signing || !state.plan) return no(signing ? shown : NOT_CONFIGURED)
  const secondFactor = await openStore(config, signing, reading.clock)
  try {
    const shownAt = toIso(reading.clock.now())
    const [name, code] = await typed(`${shown}\n\n`, [NAME_PROMPT, CODE_PROMPT])
    const enrolment = await secondFactor.named((name ?? '').trim().toLowerCase())
    if (!enrolment) return no(atTerminal(WRONG_SIGN_IN.mrkdwn, () => null))
    const { user: by } = enrolment
    // Spent before anything is signed with it, whatever then becomes of the signature.
    const verdict = await secondFactor.use(by, code ?? '')
    if (verdict.kind !== 'counts') return no(verdictInWords(verdict))
    const { number: plan } = state
    const intent = { kind: 'approve', plan, digest: state.plan.digest, shownAt } as const
    return await wished(config, reading, { by, incident, intent })
  } finally {
    await secondFactor.close()
  }
}

async function wished(
  config: Config,
  reading: Reading,
  asked: { readonly by: string; readonly incident: Incident; readonly intent: Intent },
): Promise<Done> {
  const outcome = await reading.wish(asked)
  if (outcome.kind === 'undecided') return no(NOT_DECIDED)
  if (outcome.kind === 'refused') {
    return no(atTerminal(refusedInWords(outcome).mrkdwn, nameIn(config.settings.contacts)))
  }
  const after = (await reading.incident(asked.incident.id)) ?? asked.incident
  const { output } = shownStatus(config, [after])
  return { output: `It counts.\n\n${output}`, exitCode: 0 }
}

function onlyOne(open: readonly Incident[]): Incident | null {
  const [only = null, ...others] = open
  return others.length === 0 ? only : null
}

function waitingIn({ plans }: Incident): PlanState | null {
  const [only = null, ...others] = plans.filter(isGateOpen)
  return others.length === 0 ? only : null
}

function planNumber(typed: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(typed) ? Number(typed) : undefined
}

function no(output: string): Done {
  return { output, exitCode: 1 }
}
