import type { Offered } from '../../chat/answers/drill.ts'
import type { DrillWords } from '../../chat/cards/drill-note.ts'
import type { DrillWish } from '../../chat/reading/command.ts'
import { toIso } from '../../domain/base/instant.ts'
import type { Drill } from '../../domain/drill/score.ts'
import { nearest } from '../../domain/text/nearest.ts'
import { DRILL_FAULTS, drillFaultNames } from '../../sandbox/drill-faults.ts'
import { DRILL_SCENES } from '../../sandbox/drill-scenes.ts'
import { scenarioNames } from '../../sandbox/scenario.ts'

export const OFFERED: Offered = {
  scenarios: scenarioNames.map((name) => ({ name, told: DRILL_SCENES[name].told })),
  faults: drillFaultNames.map((name) => ({ name, says: DRILL_FAULTS[name] })),
}

export const WORDS: DrillWords = {
  toldOf: (scenario) => OFFERED.scenarios.find(({ name }) => name === scenario)?.told ?? '',
  faultOf: (fault) => OFFERED.faults.find(({ name }) => name === fault)?.says ?? fault,
}

/** Which drill that is; or what there is in place of it, in words. `any`: one that nobody knows. */
export function wishedDrill(
  { scenario: typed, fault }: Extract<DrillWish, { what: 'start' }>,
  by: string,
  nowMs: number,
): Drill | string {
  const secret = typed === 'any'
  const scenario = secret ? drawn() : scenarioNames.find((name) => name === typed)
  if (!scenario) return `There is no scenario of that name. ${meant(typed, scenarioNames)}`
  const known = drillFaultNames.find((name) => name === fault) ?? null
  if (fault !== null && !known) {
    return `There is no fault of that name. ${meant(fault, drillFaultNames)}`
  }
  const startedAt = toIso(nowMs)
  const id = `drill-${startedAt.slice(0, 19).replaceAll(/[-:]/g, '')}-${crypto.randomUUID().slice(0, 8)}`
  return {
    id,
    scenario,
    wanted: DRILL_SCENES[scenario].wanted,
    fault: known,
    secret,
    by,
    startedAt,
  }
}

function drawn() {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1))
  return scenarioNames[number % scenarioNames.length]
}

function meant(typed: string, names: readonly string[]): string {
  const near = nearest(typed, names)
  return near ? `Did you mean ${near}?` : `There are: ${names.join(', ')}.`
}
