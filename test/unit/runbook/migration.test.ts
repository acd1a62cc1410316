import { expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { dataFor, type Data } from './on-data.ts'

const DATABASE: PlanRequest = { kind: 'database', backup: null }

const planned = async (change: (data: Data) => void = () => undefined) => {
  const data = await dataFor('copy-beside')
  change(data)
  return data
}
const hands = ({ onData }: Data) => {
  if (!onData) throw new Error('the sandbox has data')
  return onData
}

test('whoever signs reads what is run, on what, what is copied for it, and what happens when it is not clear', async () => {
  const draft = await (await planned()).drafted(DATABASE)
  const down = 'node migrations/002-tenants.js down'
  expect(draft.cautions).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        new RegExp(`^migrations says that the migration is applied\\. .* ${down} of .*@sha256:a+`),
      ),
      expect.stringMatching(/^Before that [\d,]+ documents \(.*\) are copied beside/),
      expect.stringMatching(/services stay stopped and maintenance stays on, until people/),
    ]),
  )
  const changed = draft.changes.map(({ what }) => what)
  expect(changed).toEqual(
    expect.arrayContaining(
      ['projects', 'users', 'documents', 'migrations'].map((name) => `collection ${name}`),
    ),
  )
  const steps = draft.steps.map(({ id }) => id)
  expect(steps.indexOf('copy-beside')).toBe(steps.indexOf('switch-collections') + 1)
  expect(steps.indexOf('take-migration-back')).toBe(steps.indexOf('copy-beside') + 1)
})

test('where it is not applied now, the ledger is asked again all the same, and that is said', async () => {
  const data = await planned((one) => hands(one).delete('migrations', '002-tenants'))
  const draft = await data.drafted(DATABASE)
  expect(draft.cautions.join('\n')).toContain('does not run, unless it says otherwise')
  expect(draft.steps.map(({ id }) => id)).toContain('take-migration-back')
})

test('where there is no ledger, nothing is run, and that is said', async () => {
  const data = await planned((one) => hands(one).drop('migrations'))
  const draft = await data.drafted(DATABASE)
  expect(draft.cautions).toContain(
    'The migration is not taken back: there is no collection migrations: nothing tells whether the migration is applied.',
  )
  expect(draft.steps.map(({ id }) => id)).not.toContain('take-migration-back')
})

test.each([
  [
    'is gone',
    (one: Data) => hands(one).drop('users'),
    'users: there is no collection of that name',
  ],
  [
    'is capped',
    (one: Data) => {
      hands(one).drop('users')
      hands(one).create({ name: 'users', options: { capped: true, size: 4_096 } })
    },
    'users: it is capped, and a copy loses its order',
  ],
])('what %s cannot be copied, so that nothing is planned', async (_, change, because) => {
  const data = await planned(change)
  expect(await data.problem(DATABASE)).toContain(because)
})

test('asked beforehand, what runs it says whether it would', async () => {
  const data = await dataFor('take-migration-back')
  const step = await data.stepOf(DATABASE, 4)
  expect(await step.rehearse(data.context(''))).toMatchObject({ kind: 'accepted' })
  data.onJobs?.refuse('another image')
  expect(await step.rehearse(data.context(''))).toEqual({
    kind: 'refused',
    says: 'the migration cannot be taken back: another image',
  })
})
