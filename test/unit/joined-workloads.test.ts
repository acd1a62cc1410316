import { expect, test } from 'vitest'
import { joinedWorkloads } from '../../src/compose/joined-workloads.ts'
import type { Workload } from '../../src/domain/workload/workload.ts'
import type { Workloads } from '../../src/ports/workloads.ts'

const { signal } = new AbortController()

/** Says who was asked for what. */
function asked(by: string, heard: string[]): Workloads {
  const hear = (what: string, of: readonly string[]) => heard.push(`${by}: ${what} ${of.join()}`)
  const workload = (service: string) => ({ service, name: `${by}/${service}` }) as Workload
  return {
    async list(services) {
      hear('list', services)
      return services.map(workload)
    },
    async logs(service) {
      hear('logs', [service])
      return [{ source: `${by}/${service}`, lines: [] }]
    },
    async *evidence(service) {
      hear('evidence', [service])
      yield { name: `${by}/${service}`, skipped: 'nothing' }
    },
  }
}

test('each is asked only for the services that it runs', async () => {
  const heard: string[] = []
  const all = joinedWorkloads([
    { services: ['backend', 'frontend'], workloads: asked('cluster', heard) },
    { services: ['mailer'], workloads: asked('host', heard) },
  ])!
  const listed = await all.list(['backend', 'mailer'], signal)
  expect(listed.map(({ name }) => name)).toEqual(['cluster/backend', 'host/mailer'])
  expect(await all.logs('mailer', { tail: 1, signal })).toEqual([
    { source: 'host/mailer', lines: [] },
  ])
  expect(await all.logs('nobody', { tail: 1, signal })).toEqual([])
  for await (const { name } of all.evidence('frontend', signal))
    expect(name).toBe('cluster/frontend')
  await all.list(['mailer'], signal)
  expect(heard).toEqual([
    'cluster: list backend',
    'host: list mailer',
    'host: logs mailer',
    'cluster: evidence frontend',
    'host: list mailer',
  ])
})

test('one that cannot be asked is not taken for one that runs nothing (J10)', async () => {
  const away = { ...asked('host', []), list: () => Promise.reject(new Error('away')) }
  const all = joinedWorkloads([
    { services: ['backend'], workloads: asked('cluster', []) },
    { services: ['mailer'], workloads: away },
  ])!
  await expect(all.list(['backend', 'mailer'], signal)).rejects.toThrow('away')
  expect(joinedWorkloads([])).toBeNull()
})
