import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PlanRequest } from '../../../src/domain/plan.ts'
import { PROCEDURES } from '../../../src/runbook/procedures/index.ts'
import { STEPS, stepOf } from '../../../src/runbook/steps/index.ts'

const runbook = new URL('../../../src/runbook/', import.meta.url)

function filesIn(folder: string): string[] {
  return readdirSync(new URL(folder, runbook))
    .map((file) => basename(file, '.ts'))
    .filter((name) => name !== 'index')
    .toSorted()
}

describe('the registry', () => {
  test('of steps is the folder: each step is called as its file is, and none is twice in it', () => {
    expect(filesIn('steps/').length).toBeGreaterThan(0)
    expect(STEPS.map(({ id }) => id).toSorted()).toEqual(filesIn('steps/'))
  })

  test('of procedures is the folder, and answers every request there is', () => {
    const requests = PlanRequest.options.map((option) => option.shape.kind.value).toSorted()
    expect(Object.keys(PROCEDURES).toSorted()).toEqual(requests)
    expect(filesIn('procedures/')).toEqual(requests)
  })

  test('has no step of another name: such a journal is not what this program wrote (J3)', () => {
    expect(() => stepOf('drop-everything')).toThrow('there is no step drop-everything')
  })
})

test.each(STEPS.map(({ id, bind }) => [id, bind] as const))(
  '%s takes no input that is not its own (J3)',
  (_id, bind) => {
    for (const input of [null, {}, [], 'backend', { service: 'backend' }]) {
      expect(() => bind(input)).toThrow()
    }
  },
)
