import { expect, test } from 'vitest'
import { z } from 'zod'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { hostName } from '../support/contracts/containers.ts'
import { patience } from '../support/contracts/outside.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'

const FLAG = 'MULTI_TENANT_ENABLED'
const Page = z.strictObject({ [FLAG]: z.string().nullable(), instance: z.string() })
const url = new URL('/flags', settings.services.find(({ name }) => name === 'backend')?.url).href

function onStage(platform: 'kubernetes' | 'docker') {
  let nowMs = Date.UTC(2026, 10, 22, 3, 12, 7)
  const sandbox = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => nowMs },
    settings,
    slowestMs: 0,
    platform,
    placement: { [hostName]: ['backend', 'frontend'] },
  })
  const { instances, endpoints, deployments } = sandbox.world
  if (!instances) throw new Error('the sandbox has instances')
  return {
    ...sandbox,
    deployments,
    list: () => instances.list('backend', patience()),
    read: async () => {
      const { status, body } = await endpoints.ask({ url, signal: patience() })
      return status === 200 ? Page.parse(JSON.parse(body)) : status
    },
    each: async () => {
      const all = await instances.list('backend', patience())
      const question = { port: 8080, path: '/flags', signal: patience() }
      return Promise.all(
        all.map(async ({ id }) => {
          const answer = await instances.ask('backend', id, question).catch(() => null)
          return answer && Page.parse(JSON.parse(answer.body))
        }),
      )
    },
    pass: (ms: number) => void (nowMs += ms),
  }
}

/** The same template, but that its own container has this variable. */
function withVariable(template: unknown, value: string): unknown {
  const Container = z.looseObject({ name: z.string(), env: z.array(z.unknown()).default([]) })
  const Template = z.looseObject({ spec: z.looseObject({ containers: z.array(Container) }) })
  const { spec, ...rest } = Template.parse(template)
  const containers = spec.containers.map((one) => ({
    ...one,
    env: [...one.env, { name: FLAG, value }],
  }))
  return { ...rest, spec: { ...spec, containers } }
}

test('through one address each ready pod answers in its turn', async () => {
  const { list, read } = onStage('kubernetes')
  const ids = (await list()).map(({ id }) => id)
  const heard = [await read(), await read(), await read(), await read()]
  expect(heard.slice(0, 3)).toEqual(ids.map((instance) => ({ [FLAG]: null, instance })))
  expect(heard[3]).toEqual(heard[0])
})

test('while a rollout goes on each pod tells the value of the template it was made from', async () => {
  const { deployments, each, pass } = onStage('kubernetes')
  const [seen] = (await deployments?.sightings(['backend'], patience())) ?? []
  const [current] = seen ? [seen.current] : []
  if (!deployments || !seen || !current) throw new Error('nothing is seen')
  const to = { ...current, template: withVariable(current.template, 'false') }
  const options = { key: 'k', cause: 'c', signal: patience(), dryRun: false }
  await deployments.write({ seen, change: { kind: 'template', to } }, options)
  pass(3_000)
  const during = (await each()).map((one) => one?.[FLAG])
  expect(new Set(during)).toEqual(new Set([null, 'false', undefined]))
  pass(60_000)
  expect((await each()).map((one) => one?.[FLAG])).toEqual(['false', 'false', 'false'])
})

test('nobody reads a page where nothing is ready', async () => {
  const { read, others, pass } = onStage('kubernetes')
  others.scale('backend', 0)
  pass(60_000)
  expect(await read()).toBe(503)
})

test('a container tells its variable, and is called by the beginning of its id', async () => {
  const { list, read } = onStage('docker')
  const [only, ...others] = await list()
  expect(others).toEqual([])
  expect(only?.id).toBe('pipeshub-backend-1')
  const told = await read()
  expect(told).toMatchObject({ [FLAG]: null })
  expect(only?.alsoCalled).toContain(typeof told === 'object' ? told.instance : '')
})
