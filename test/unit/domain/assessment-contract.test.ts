import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { assess } from '../../../src/assess/assess.ts'
import { assessmentContract } from '../../../src/domain/assessment/assessment.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { scenarioNames } from '../../../src/sandbox/scenario.ts'
import { atMs, assessment, feasible, measurement } from '../../support/builders.ts'
import { assessSettings, waysBackOver } from '../../support/contracts/settings.ts'
import { AssessmentJson, ruleOrder } from '../../support/assessment-json.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

const settings = { ...assessSettings, deadlineMs: 150 }

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the JSON of an assessment', () => {
  test.each(scenarioNames)(
    'of %s is the public contract, no more and no less',
    async (scenario) => {
      const { world } = sandboxWorld({ scenario, clock: { now: () => atMs }, settings })
      const assessed = await inVirtualTime(() =>
        assess(world, settings, ['ui-issue'], waysBackOver(settings)),
      )
      const json = AssessmentJson.parse(asJson(assessmentContract(assessed)))
      expect(json.rules.map(({ rule }) => rule)).toEqual(ruleOrder)
    },
  )

  test('has these keys in this order, as scripts and people have seen them', () => {
    const json = assessmentContract(
      assessment({ measurements: [measurement()], procedures: [feasible('kubernetes')] }),
    )
    expect(Object.keys(json)).toEqual([
      'schema',
      'at',
      'decision',
      'verdict',
      'rules',
      'measurements',
      'reasons',
      'recommended',
      'procedures',
      'changes',
      'onset',
      'against',
      'versions',
      'newRoutes',
      'otherChanges',
      'preceding',
    ])
    expect(Object.keys(json.rules[0] ?? {})).toEqual([
      'rule',
      'matched',
      'severity',
      'decision',
      'measured',
      'unit',
      'threshold',
      'because',
      'service',
    ])
    expect(Object.keys(json.measurements[0] ?? {})).toEqual([
      'probe',
      'target',
      'class',
      'verdict',
      'value',
      'unit',
      'query',
      'tookMs',
      'summary',
      'counts',
      'windows',
      'interval',
      'baseline',
      'baselines',
      'coverage',
      'freshness',
      'services',
      'restarts',
      'overSince',
    ])
    expect(Object.keys(json.procedures[0] ?? {})).toEqual([
      'name',
      'feasible',
      'because',
      'to',
      'takesBack',
    ])
    expect(json.schema).toBe(2)
  })

  test('is refused by the golden schema with one key more, or one less', () => {
    const json = assessmentContract(assessment({ procedures: [feasible('kubernetes')] }))
    expect(AssessmentJson.safeParse(asJson(json)).success).toBe(true)
    expect(AssessmentJson.safeParse({ ...json, more: 1 }).success).toBe(false)
    const { at: _, ...less } = json
    expect(AssessmentJson.safeParse(less).success).toBe(false)
  })

  test('says every word in the clear: no number is a text, and no text a number', () => {
    const { rules } = AssessmentJson.parse(asJson(assessmentContract(assessment())))
    for (const { measured, threshold } of rules) {
      expect(z.number().nullable().safeParse(measured).success).toBe(true)
      expect(z.number().nullable().safeParse(threshold).success).toBe(true)
    }
  })
})
