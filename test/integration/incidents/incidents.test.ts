import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingAllowed } from '../../servers/find.ts'
import { exitCodes } from '../../support/assessment-json.ts'
import { corpus } from './corpus.ts'
import type { Incident } from './incident.ts'
import { writtenDown, WRITING_MS } from './written-down.ts'

/** All of them, or those whose names match: `INCIDENTS='^logins' vitest run …`. */
const chosen = corpus.filter(({ name }) => new RegExp(process.env['INCIDENTS'] ?? '').test(name))

describe.skipIf(missingAllowed('prometheus'))('incidents that were written down', () => {
  const right: string[] = []
  const wrong = new Set<string>()
  let written: Awaited<ReturnType<typeof writtenDown>>

  beforeAll(async () => {
    written = await writtenDown(chosen, corpus)
  }, WRITING_MS)
  afterAll(async () => {
    console.log(`right ${right.length} of ${right.length + wrong.size}`)
    if (wrong.size > 0) console.log(`wrong: ${[...wrong].join(', ')}`)
    await written?.[Symbol.asyncDispose]()
  })

  // Pages that are not well are asked three times, with pauses in which another one can be asked.
  const paused = chosen.filter(({ health }) => health !== undefined)
  test.each(chosen.filter((one) => !paused.includes(one)))('$name: $right', isRight)
  test.concurrent.each(paused)('$name: $right', isRight)

  async function isRight(incident: Incident): Promise<void> {
    wrong.add(incident.name)
    const { json, output, exitCode } = await written.assessed(incident)
    expect(exitCode).toBe(exitCodes[json.decision])
    const rules = json.rules
      .filter(({ matched }) => matched !== false)
      .map(({ rule, matched, because }) => `${rule} ${matched}: ${because}`)
    const why = [...(incident.why === undefined ? [] : [incident.why]), ...rules].join('\n')
    expect(json.decision, why).toBe(incident.right)
    if (incident.says) expect(output).toMatch(incident.says)
    if (incident.never) expect(output).not.toMatch(incident.never)
    if (incident.leadsTo !== undefined) {
      const way = json.procedures.find(({ name }) => name === 'kubernetes')
      expect(way?.to, way?.because).toBe(incident.leadsTo)
    }
    if (incident.measured) {
      const [probe, value, within] = incident.measured
      const measured = json.measurements.find((one) => one.probe === probe)
      expect(Math.abs(Number(measured?.value) - value), String(measured?.value)).toBeLessThan(
        within,
      )
    }
    wrong.delete(incident.name)
    right.push(incident.name)
  }
})
