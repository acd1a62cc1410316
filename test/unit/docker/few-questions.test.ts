import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../../src/adapters/docker/containers.ts'
import type { DockerService } from '../../../src/adapters/docker/read/members.ts'
import { feasibilityReader } from '../../../src/runbook/runbook.ts'
import { faultOf } from '../../support/contracts/outside.ts'
import { entry } from '../../support/ledger.ts'
import { memoryLedger } from '../../support/memory-ledger.ts'
import { hostSettings, onHosts } from '../runbook/on-hosts.ts'

const PER_HOST = 25
/** What is counted here is questions, on however busy a machine. */
const unhurried = () => AbortSignal.timeout(25_000)
const imageNow = `sha256:${'2'.repeat(64)}`
const imageBefore = `sha256:${'1'.repeat(64)}`
const names = (host: string) => Array.from({ length: PER_HOST }, (_, index) => `${host}-${index}`)
const idOf = (name: string) => Buffer.from(name).toString('hex').padEnd(64, '0')

/** An Engine on which so many containers run for three hours; it counts what it is asked. */
async function engine(host: string) {
  const folder = await mkdtemp(join(tmpdir(), 'few-questions-'))
  const socketPath = join(folder, 'docker.sock')
  const asked: string[] = []
  let status = 'Up 3 hours (healthy)'
  const labels = { 'org.opencontainers.image.version': 'v2.0.0' }
  const image = (Id: string) => ({
    Id,
    RepoTags: [],
    RepoDigests: [],
    Os: 'linux',
    Architecture: 'amd64',
    Created: 1_700_000_000,
    Size: 1,
    Labels: {},
    Config: {},
  })
  const answers: readonly (readonly [RegExp, (id: string) => unknown])[] = [
    [
      /^\/containers\/json/,
      () =>
        names(host).map((name) => ({
          Id: idOf(name),
          Names: [`/${name}`],
          Image: 'shop/app:v2.0.0',
          ImageID: imageNow,
          Created: 1_700_000_000,
          Labels: labels,
          State: 'running',
          Status: status,
        })),
    ],
    [
      /^\/containers\/([0-9a-f]+)\/json/,
      (id) => ({
        Id: id,
        Name: `/${Buffer.from(id.replace(/(00)+$/, ''), 'hex').toString()}`,
        Created: '2026-11-20T03:00:00Z',
        Image: imageNow,
        State: {
          Status: 'running',
          StartedAt: '2026-11-22T00:00:00Z',
          Health: { Status: 'healthy' },
        },
        Config: { Image: 'shop/app:v2.0.0', Labels: labels },
        HostConfig: {},
        NetworkSettings: { Networks: {} },
      }),
    ],
    [/^\/images\/json/, () => [image(imageNow), image(imageBefore)]],
    [/^\/images\/(sha256:[0-9a-f]+)\/json/, image],
    [/^\/info/, () => ({ SystemTime: '2026-11-22T03:00:00Z' })],
    [/^\/version/, () => ({ Os: 'linux', Arch: 'amd64' })],
    [/^\/_ping/, () => 'OK'],
  ]
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v1\.\d+/, '')
    asked.push(path)
    const [pattern, answer] = answers.find(([is]) => is.test(path)) ?? []
    const body = answer?.(pattern?.exec(path)?.[1] ?? '')
    response.writeHead(body === undefined ? 404 : 200, { 'api-version': '1.41' })
    response.end(JSON.stringify(body ?? { message: 'no' }))
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  return {
    name: host,
    socketPath,
    asked: () => asked.splice(0),
    ages: (to: string) => void (status = to),
  }
}

async function twoHosts() {
  const engines = await Promise.all(['web-1', 'web-2'].map(engine))
  const services = Object.fromEntries(
    engines.flatMap(({ name }) =>
      names(name).map((one): [string, DockerService] => [one, { kind: 'container', name: one }]),
    ),
  )
  let nowMs = Date.now()
  const containers = dockerContainers({
    hosts: engines.map(({ name, socketPath }) => ({ name, socketPath })),
    services,
    ownId: async () => null,
    now: () => nowMs,
  })
  onTestFinished(() => containers.close())
  const all = Object.keys(services)
  const ledger = memoryLedger(
    ...all.map((service) =>
      entry({
        service,
        host: service.slice(0, 5),
        image: { id: imageBefore, digest: null, reference: 'shop/app:v1.9.0' },
      }),
    ),
  )
  const docker = { ...hostSettings.docker!, services: all }
  const feasibility = feasibilityReader({ ...hostSettings, docker, deadlineMs: 25_000 })
  const world = { ...onHosts().world, containers, ledger }
  return {
    engines,
    containers,
    all,
    pass: (ms: number) => void (nowMs += ms),
    /** What an assessment asks hosts: how the services stand, and whether there is a way back. */
    async assessed() {
      nowMs += 10_000
      const [, ways] = await Promise.all([
        containers.list(all, unhurried()),
        feasibility(world, [], unhurried()),
      ])
      return ways.find(({ name }) => name === 'docker')
    },
  }
}

test('an assessment of 50 containers on 2 hosts asks each of them twice', async () => {
  const { engines, assessed } = await twoHosts()
  expect(await assessed()).toMatchObject({ feasible: true })
  for (const one of engines) one.asked()
  for (let times = 0; times < 3; times += 1) {
    expect(await assessed()).toMatchObject({ feasible: true })
    for (const { asked } of engines) {
      expect(asked().toSorted()).toEqual(['/containers/json?all=true', '/images/json'])
    }
  }
})

test('what is young, or was not looked at for half an hour, is looked at again', async () => {
  const { engines, assessed, pass } = await twoHosts()
  await assessed()
  const [first] = engines
  first!.ages('Up 4 minutes (healthy)')
  first!.asked()
  await assessed()
  expect(first!.asked().length).toBeGreaterThanOrEqual(PER_HOST)
  first!.ages('Up 3 hours (healthy)')
  await assessed()
  first!.asked()
  pass(31 * 60_000)
  await assessed()
  expect(first!.asked().length).toBeGreaterThanOrEqual(PER_HOST)
})

test('what is signed is looked at anew, however much is remembered', async () => {
  const { engines, containers, all, assessed } = await twoHosts()
  await assessed()
  for (const one of engines) one.asked()
  await containers.sightings(all, unhurried())
  for (const { asked } of engines) expect(asked()).toHaveLength(2 + PER_HOST + 1)
})

test('whoever stops waiting is told so, and ends it for nobody else', async () => {
  const { containers, all } = await twoHosts()
  const over = new AbortController()
  const asked = faultOf(containers.list(all, over.signal))
  const glanced = containers.sightings(all, unhurried(), { remembered: true })
  over.abort()
  expect(await asked).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
  expect(await glanced).toHaveLength(2 * PER_HOST)
  const late = containers.sightings(all, AbortSignal.abort(), { remembered: true })
  expect(await faultOf(late)).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
})
