import type { Journal } from '../../src/ports/journal.ts'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import { stepRecord } from '../../src/engine/run/step-record.ts'
import {
  asked,
  evidenceKept,
  planApproved,
  planProposed,
  rehearsed,
  runStarted,
} from '../support/plan-story.ts'

/** A long runbook. */
export const STEPS = 25

export type CarriedOut = {
  /** Of each step: both of its appends, and what is read before them. */
  readonly times: readonly number[]
  /** What the journal holds of the last step. */
  readonly rows: readonly Buffer[]
}

/** A signed run of many steps whose effects take no time, as the engine writes it down. */
export const carryOut = async (journal: Journal, incident: string): Promise<CarriedOut> => {
  await begin(journal, incident)
  const incidents = incidentLog(journal, { reach() {} })
  const times: number[] = []
  for (let index = 0; index < STEPS; index += 1) {
    const startedMs = performance.now()
    const record = stepRecord(incidents, incident, 1, index)
    const begun = await record.start({ finishes: false })
    if (!begun) throw new Error(`step ${index + 1} may not be carried out`)
    await record.succeed({ applied: true, says: 'runs v1.9.0; 3 of 3 pods are ready' })
    times.push(performance.now() - startedMs)
  }
  const written = (await journal.read(incident)).slice(-2)
  const types = written.map(({ event }) => event.type).join()
  if (types !== 'step-started,step-succeeded') throw new Error(`the journal ends with ${types}`)
  return { times, rows: written.map((row) => Buffer.from(`${JSON.stringify(row)}\n`)) }
}

const steps = Array.from({ length: STEPS }, (_, index) => ({
  id: 'restore-revisions',
  title: `Return service ${index + 1}`,
  input: { revision: index },
}))

/** As far as the signatures of such a run. */
export const begin = async (journal: Journal, incident: string): Promise<void> => {
  const events = [
    ...asked,
    planProposed({ steps }),
    evidenceKept,
    rehearsed,
    planApproved('U0BO'),
    planApproved('U0CY'),
    runStarted,
  ]
  const written = await journal.append({ incident, seen: 0, events })
  if (written.kind !== 'appended') throw new Error(`the run was not begun: ${written.kind}`)
}
