import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingAllowed } from '../../servers/find.ts'
import type { Incident, Served } from './incident.ts'
import { writtenDown, WRITING_MS } from './written-down.ts'

const SEED = Number(process.env['RENAMED_SEED'] ?? Math.floor(Math.random() * 1_000_000))
const SAMPLES = 24

type Renamed = {
  readonly errorPercent: number
  readonly loginFailurePercent: number
  readonly perSecond: number
  readonly instances: number
  readonly label: 'status' | 'route' | 'le' | 'job'
  readonly to: string
  readonly of: 'backend' | 'frontend' | 'both'
}

/** A label is called otherwise, in one service or in both, whatever the service does. */
const renaming: fc.Arbitrary<Renamed> = fc.record({
  errorPercent: fc.integer({ min: 8, max: 95 }),
  loginFailurePercent: fc.integer({ min: 20, max: 90 }),
  perSecond: fc.integer({ min: 4, max: 200 }),
  instances: fc.integer({ min: 1, max: 3 }),
  label: fc.constantFrom('status', 'route', 'le', 'job'),
  to: fc.stringMatching(/^[a-z]{3,8}$/).filter((name) => !USED.has(name)),
  of: fc.constantFrom('backend', 'frontend', 'both'),
})

const USED = new Set(['status', 'route', 'job', 'case', 'instance', 'env', 'version', 'pod'])

const samples = fc.sample(renaming, { seed: SEED, numRuns: SAMPLES })

function incidentOf({ label, to, of, ...served }: Renamed, index: number): Incident {
  const own = (service: 'backend' | 'frontend'): Served => ({
    ...served,
    loginsPerSecond: service === 'backend' ? served.perSecond / 2 : 0,
    ...(of === 'both' || of === service ? { renamed: { [label]: to } } : {}),
  })
  return {
    name: `renamed-${index}`,
    backend: own('backend'),
    frontend: own('frontend'),
    right: 'person-decides',
  }
}

const incidents = samples.map(incidentOf)

describe.skipIf(missingAllowed('prometheus'))('a label that is called otherwise', () => {
  let written: Awaited<ReturnType<typeof writtenDown>>

  beforeAll(async () => {
    written = await writtenDown(incidents)
  }, WRITING_MS)
  afterAll(() => written?.[Symbol.asyncDispose]())

  test.each(incidents.map((incident, index) => ({ incident, sample: samples[index]! })))(
    `makes no number, and never another one (RENAMED_SEED=${SEED}): $sample.label of $sample.of as $sample.to`,
    async ({ incident, sample }) => {
      const { json, output } = await written.assessed(incident)
      const of = (probe: string) => json.measurements.find((one) => one.probe === probe)
      // What is counted is what was written; what cannot be counted is no number.
      for (const [probe, truth] of [
        ['error-ratio-low', errorsOf(sample)],
        ['logins-succeeding', [sample.loginFailurePercent]],
      ] as const) {
        const found = of(probe)
        if (found?.class !== 'value') continue
        const isTrue = truth.some((one) => Math.abs(Number(found.value) - one) < 2)
        expect(isTrue, `${probe}: ${found.summary}, of ${truth.join(' or ')}`).toBe(true)
      }
      const p95 = of('latency-near-baseline')
      if (sample.label === 'le' && sample.of === 'both') expect(p95?.class).not.toBe('value')
      if (sample.label === 'status' && sample.of === 'both') {
        expect(of('error-ratio-low')?.class).not.toBe('value')
        expect(json.decision).toBe('person-decides')
      }
      if (sample.label === 'route' && sample.of !== 'frontend') {
        expect(of('logins-succeeding')?.class).not.toBe('value')
      }
      if (sample.label === 'status' && sample.of !== 'both') {
        expect(output).toContain(`"missing":["${sample.of}"]`)
      }
      // That many requests fail is never called well.
      expect(json.decision).not.toBe('do-not')
    },
  )

  /** Of both, or of the one that can be counted; logins fail with 401, and are no errors. */
  function errorsOf({ errorPercent }: Renamed): readonly number[] {
    return [errorPercent, errorPercent / 2, (errorPercent * 3) / 4]
  }
})
