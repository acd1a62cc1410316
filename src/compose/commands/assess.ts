import { assess } from '../../assess/assess.ts'
import { assessmentTable } from '../../chat/text/terminal.ts'
import type { Config } from '../../config/load-config.ts'
import { assessmentContract } from '../../domain/assessment/assessment.ts'
import type { Decision } from '../../domain/assessment/rule.ts'
import type { Symptom } from '../../domain/assessment/symptom.ts'
import { feasibilityReader } from '../../runbook/runbook.ts'
import { openWorld } from '../open-world.ts'

/** Public: scripts branch on it. */
const EXIT_CODES: Record<Decision, number> = { 'do-not': 0, 'roll-back': 10, 'person-decides': 11 }

/** Longer than any single question: the process ends by then. */
const WHOLE_MS = 60_000

export async function runAssess(
  config: Config,
  options: { readonly symptoms: readonly Symptom[]; readonly json: boolean },
): Promise<{ readonly output: string; readonly exitCode: number }> {
  const { world, close } = await openWorld(config)
  try {
    const feasibility = feasibilityReader(config.runbook)
    const signal = AbortSignal.timeout(WHOLE_MS)
    const assessment = await assess(world, config.assess, options.symptoms, (sharing, began) =>
      feasibility(sharing, [], signal, began),
    )
    const output = options.json
      ? JSON.stringify(assessmentContract(assessment))
      : assessmentTable(assessment, config.settings.environment)
    return { output, exitCode: EXIT_CODES[assessment.decision] }
  } finally {
    await close()
  }
}
