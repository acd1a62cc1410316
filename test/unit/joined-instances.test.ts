import { expect, test } from 'vitest'
import { joinedInstances } from '../../src/compose/joined-instances.ts'
import type { Instance, Instances } from '../../src/ports/instances.ts'
import { faultOf } from '../support/contracts/outside.ts'

const { signal } = new AbortController()
const question = { port: 8080, path: '/flags', signal }

/** Runs these, and says by its name who was asked. */
function running(by: string, ids: readonly string[], heard: string[]): Instances {
  return {
    async list(service) {
      heard.push(`${by}: list ${service}`)
      return ids.map((id): Instance => ({ id, alsoCalled: [], startedAt: null, ending: false }))
    },
    async ask(service, instance) {
      heard.push(`${by}: ask ${service} ${instance}`)
      return { status: 200, body: by, contentType: 'text/plain', truncated: false }
    },
  }
}

const joined = (heard: string[]) =>
  joinedInstances([
    {
      services: ['backend', 'frontend'],
      instances: running('cluster', ['backend-1', 'backend-2'], heard),
    },
    { services: ['mailer', 'frontend'], instances: running('host', ['shop-mailer-1'], heard) },
  ])!

test('each is asked only for the services that it runs', async () => {
  const heard: string[] = []
  const all = joined(heard)
  expect((await all.list('backend', signal)).map(({ id }) => id)).toEqual([
    'backend-1',
    'backend-2',
  ])
  expect(await all.ask('mailer', 'shop-mailer-1', question)).toMatchObject({ body: 'host' })
  expect(heard).toEqual(['cluster: list backend', 'host: ask mailer shop-mailer-1'])
})

test('of a service that both run every instance counts, and is asked where it runs', async () => {
  const all = joined([])
  expect((await all.list('frontend', signal)).map(({ id }) => id)).toEqual([
    'backend-1',
    'backend-2',
    'shop-mailer-1',
  ])
  expect(await all.ask('frontend', 'shop-mailer-1', question)).toMatchObject({ body: 'host' })
  expect(await all.ask('frontend', 'backend-2', question)).toMatchObject({ body: 'cluster' })
  expect(await faultOf(all.ask('frontend', 'gone', question))).toMatchObject({
    detail: 'nothing of frontend is called gone any more',
  })
})

test('a service that nothing runs has not no instances: it cannot be asked (J10)', async () => {
  const all = joined([])
  const said = { kind: 'terminal', detail: 'nothing in the settings runs the service search' }
  expect(await faultOf(all.list('search', signal))).toMatchObject(said)
  expect(await faultOf(all.ask('search', 'one', question))).toMatchObject(said)
  expect(joinedInstances([])).toBeNull()
})

test('one that cannot be asked is not taken for one that runs nothing (J10)', async () => {
  const away = { ...running('host', [], []), list: () => Promise.reject(new Error('away')) }
  const all = joinedInstances([
    { services: ['frontend'], instances: running('cluster', ['one'], []) },
    { services: ['frontend'], instances: away },
  ])!
  await expect(all.list('frontend', signal)).rejects.toThrow('away')
})
