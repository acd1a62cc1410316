import { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { REGISTRY } from '../../../src/runbook/registry.ts'
import { stepIn } from '../../../src/runbook/runbook.ts'

const runbook = fileURLToPath(new URL('../../../src/runbook/', import.meta.url))

function stepFiles(): string[] {
  return globSync('**/steps/*.ts', { cwd: runbook })
    .map((file) => basename(file, '.ts'))
    .toSorted()
}

describe('the registry', () => {
  test('of steps is every file in a folder of steps: each is called as its file is, and none is twice in it', () => {
    expect(stepFiles().length).toBeGreaterThan(0)
    expect(REGISTRY.steps.map(({ id }) => id).toSorted()).toEqual(stepFiles())
  })

  test('has a line for every request there is', () => {
    const requests = PlanRequest.options.map((option) => option.shape.kind.value).toSorted()
    const lines = [...Object.keys(REGISTRY.waysBack), ...Object.keys(REGISTRY.actions)]
    expect(lines.toSorted()).toEqual(requests)
  })

  test('has no step of another name: such a journal is not what this program wrote (J3)', () => {
    expect(() => stepIn(REGISTRY, 'drop-everything')).toThrow('there is no step drop-everything')
  })
})

test.each(REGISTRY.steps.map(({ id, bind }) => [id, bind] as const))(
  '%s takes no input that is not its own (J3)',
  (_id, bind) => {
    for (const input of [null, {}, [], 'backend', { service: 'backend' }]) {
      expect(() => bind(input)).toThrow()
    }
  },
)
