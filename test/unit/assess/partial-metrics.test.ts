import { expect, test } from 'vitest'
import { httpEndpoints } from '../../../src/adapters/http/endpoints.ts'
import { prometheusMetrics } from '../../../src/adapters/prometheus/metrics.ts'
import { assess } from '../../../src/assess/assess.ts'
import { lookAt } from '../../../src/assess/look.ts'
import { assessmentContract } from '../../../src/domain/assessment/assessment.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs } from '../../support/builders.ts'
import { serve } from '../../support/contracts/http-server.ts'
import { patience } from '../../support/contracts/outside.ts'
import { assessSettings, waysBackOver } from '../../support/contracts/settings.ts'

/** A healthy production, and a server that says the same of every answer: it is not whole. */
async function worldThatRemarks(remark: object) {
  const { world } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => atMs },
    settings: assessSettings,
  })
  const result = [{ metric: {}, value: [atMs / 1000, '0.5'] }]
  const data = { resultType: 'vector', result }
  const url = await serve((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'success', data, ...remark }))
  })
  const endpoints = httpEndpoints({ dependency: 'prometheus' })
  return { ...world, metrics: prometheusMetrics({ url, endpoints, now: () => atMs }) }
}

/** Those that ask nothing else. */
const readFromMetrics = ['error-ratio-low', 'logins-succeeding', 'latency-near-baseline']

test.each([
  ['VictoriaMetrics, without a storage node', { isPartial: true }],
  ['Thanos, without a store', { warnings: ['No StoreAPIs matched for this query'] }],
  ['both', { isPartial: true, warnings: ['a store is away'], infos: ['a note'] }],
])('%s: nothing that it measured is a value, and none of it is healthy', async (_what, remark) => {
  const world = await worldThatRemarks(remark)
  const assessment = await assess(world, assessSettings, [], waysBackOver(assessSettings))
  const told = JSON.parse(JSON.stringify(assessmentContract(assessment)))
  const theirs = told.measurements.filter((one: { probe: string }) =>
    readFromMetrics.includes(one.probe),
  )
  expect(theirs).toHaveLength(readFromMetrics.length)
  for (const one of theirs) expect(one).toMatchObject({ class: 'partial', verdict: 'inconclusive' })
  expect(told).toMatchObject({ decision: 'person-decides', verdict: 'inconclusive' })

  const look = await lookAt(world, assessSettings, patience())
  expect(look.verdict).not.toBe('healthy')
})

test('infos alone take nothing away', async () => {
  const world = await worldThatRemarks({ infos: ['metric might not be a counter'] })
  const { measurements } = await assess(world, assessSettings, [], waysBackOver(assessSettings))
  const classes = measurements.filter(({ probe }) => readFromMetrics.includes(probe))
  expect(classes.map((one) => one.class)).not.toContain('partial')
})
