import { userInfo } from 'node:os'
import { planViews } from '../../chat/outside/incident-page.ts'
import { atTerminal, shownAtTerminal } from '../../chat/outside/shown.ts'
import {
  ASK_AGAIN,
  CODE_PROMPT,
  CODE_PROMPT_TO_PLAN,
  NAME_PROMPT,
  NOT_CONFIGURED,
  NOT_DECIDED,
  refusedInWords,
  TO_DECLARE,
  toDeclareOne,
  toReadPlan,
  UNREADABLE,
  verdictInWords,
  WRONG_SIGN_IN,
} from '../../chat/outside/words.ts'
import { statusView } from '../../chat/answers/status.ts'
import type { Config } from '../../config/load-config.ts'
import { toIso } from '../../domain/base/instant.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import { planOf, type Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { intentsToPlan } from '../../domain/incident/undeclared.ts'
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
  if (command === 'status' && id === undefined) {
    return shownAll(config, open, await reading.undeclared(), reading.unreadable())
  }
  const incident = id === undefined ? onlyOne(open) : await reading.incident(id)
  if (id !== undefined && reading.unreadable().includes(id)) return no(UNREADABLE)
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
  if (command === 'plan' && incidentCan.declare(incident) === true) {
    return await declareAndPlan(config, reading, { incident, typed })
  }
  const state = plan === null ? waitingIn(incident) : planOf(incident, plan)
  if (!state)
    return no(`No plan of incident ${incident.id} waits for signatures. Name the one you mean.`)
  const shown = planInWords(config, incident, state, open)
  if (command === 'plan') return { output: shown, exitCode: 0 }
  return await sign(config, reading, { incident, state, shown, typed })
}

function shownAll(
  config: Config,
  open: readonly Incident[],
  undeclared: readonly Incident[],
  unreadable: readonly string[],
): Done {
  const { output, exitCode } = shownStatus(config, [...open, ...undeclared], unreadable)
  const [newest] = undeclared
  return { output: newest ? `${output}\n\n${toDeclareOne(newest.id)}` : output, exitCode }
}

function shownStatus(
  { settings }: Config,
  incidents: readonly Incident[],
  unreadable: readonly string[] = [],
): Done {
  const view = statusView(incidents, settings.environment, null, unreadable)
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
  if (!config.signing || !state.plan) return no(config.signing ? shown : NOT_CONFIGURED)
  const shownAt = toIso(reading.clock.now())
  const who = await identified(config, reading, { shown, prompt: CODE_PROMPT, typed })
  if ('output' in who) return who
  const { number: plan } = state
  const intent = { kind: 'approve', plan, digest: state.plan.digest, shownAt } as const
  return await wished(config, reading, { ...who, incident, intent })
}

/** As somebody does it on the page: whoever asks declares it, and does not count among those who sign. */
async function declareAndPlan(
  config: Config,
  reading: Reading,
  { incident, typed }: { readonly incident: Incident; readonly typed: Typed },
): Promise<Done> {
  const shown = `${shownStatus(config, [incident]).output}\n\n${TO_DECLARE}`
  if (!config.signing) return no(`${shown}\n${NOT_CONFIGURED}`)
  const who = await identified(config, reading, { shown, prompt: CODE_PROMPT_TO_PLAN, typed })
  if ('output' in who) return who
  for (const intent of intentsToPlan(incident)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const done = await wished(config, reading, { ...who, incident, intent })
    if (done.exitCode !== 0) return done
  }
  const now = (await reading.incident(incident.id)) ?? incident
  const { output } = shownStatus(config, [now])
  return { output: `It counts.\n\n${output}\n\n${toReadPlan(incident.id)}`, exitCode: 0 }
}

/** Who it is, by their name here and a code, which is spent whatever then becomes of their wish. */
async function identified(
  config: Config,
  reading: Reading,
  asked: { readonly shown: string; readonly prompt: string; readonly typed: Typed },
): Promise<{ readonly by: string } | Done> {
  const { signing } = config
  if (!signing) return no(NOT_CONFIGURED)
  const secondFactor = await openStore(config, signing, reading.clock)
  try {
    const [name, code] = await asked.typed(`${asked.shown}\n\n`, [NAME_PROMPT, asked.prompt])
    const enrolment = await secondFactor.named((name ?? '').trim().toLowerCase())
    if (!enrolment) return no(atTerminal(WRONG_SIGN_IN.mrkdwn, () => null))
    const verdict = await secondFactor.use(enrolment.user, code ?? '')
    return verdict.kind === 'counts' ? { by: enrolment.user } : no(verdictInWords(verdict))
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
