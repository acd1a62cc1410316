import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jobBody } from '../../src/adapters/docker/jobs/job-body.ts'
import { callOf } from '../../src/adapters/docker-proxy/calls.ts'
import type { ConfiguredJob } from '../../src/adapters/docker-proxy/job.ts'
import { judge, type Facts } from '../../src/adapters/docker-proxy/judge.ts'
import { Inspected } from '../../src/adapters/docker-proxy/schema.ts'
import { configuredJob } from '../../src/config/configured-containers.ts'
import { freshFolder } from '../servers/spawn.ts'
import { JOB } from '../support/contracts/jobs.ts'
import { facts, onHost, strangerId } from '../support/engine-proxy.ts'

const job: ConfiguredJob = {
  image: JOB.image,
  command: JOB.command,
  network: 'shop_default',
  variables: JOB.variables,
  environment: ['MIGRATION_MONGODB_URI'],
}

type Body = Record<string, unknown> & { HostConfig: Record<string, unknown> }

/** As Backout asks for it. */
const body = (): Body => {
  const place = { network: job.network, environment: { MIGRATION_MONGODB_URI: 'mongodb://a:b@db' } }
  const labels = { 'com.docker.compose.project': 'shop', team: 'shop' }
  const wanted = { key: '20261122-abcd/plan-2/step-3', cause: 'plan 2, signed by Zoë', labels }
  return JSON.parse(JSON.stringify(jobBody(JOB, place, wanted)))
}
const jobId = 'ab'.repeat(32)
const seen = (status: string, image = JOB.image) =>
  Inspected.parse({
    Id: jobId,
    Name: `/${JOB.name}`,
    Image: `sha256:${'0a'.repeat(32)}`,
    State: { Status: status },
    Config: { Image: image, Labels: { 'backout.role': 'job' } },
    HostConfig: {},
    NetworkSettings: {},
  })
const verdict = (line: string, asked: unknown = {}, some: Partial<Facts> = { job }) => {
  const [method = '', url = ''] = line.split(' ')
  const call = callOf(method, url)
  if (typeof call === 'string') return call
  const found = judge(call, JSON.parse(JSON.stringify(asked)), facts(some))
  return found.kind === 'allowed' ? 'allowed' : found.because
}
const create = (asked: unknown, name = JOB.name, some: Partial<Facts> = { job }) =>
  verdict(`POST /v1.41/containers/create?name=${name}`, asked, some)

describe('a program that is run once', () => {
  test('is let through as Backout asks for it, and only where the settings name one', () => {
    expect(create(body())).toBe('allowed')
    expect(create(body(), JOB.name, {})).toMatch(/^The settings name no program/)
  })

  const host = (more: object) => ({ ...body(), HostConfig: { ...body().HostConfig, ...more } })
  const labels = (more: object) => ({ ...body(), Labels: { ...Object(body()['Labels']), ...more } })
  const [told, handed] = ['BACKOUT_COLLECTIONS=users,documents', 'MIGRATION_MONGODB_URI=x']

  test.each<[string, unknown]>([
    ['HostConfig', host({ Privileged: true })],
    ['HostConfig', host({ Binds: ['/:/host'] })],
    ['HostConfig', host({ binds: ['/:/host'] })],
    ['HostConfig', host({ Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }] })],
    ['HostConfig', host({ NetworkMode: 'host' })],
    ['HostConfig', host({ NetworkMode: 'other' })],
    ['HostConfig', host({ PidMode: 'host' })],
    ['HostConfig', host({ CapAdd: ['ALL'] })],
    ['HostConfig', host({ CapDrop: [] })],
    ['HostConfig', host({ SecurityOpt: [] })],
    ['HostConfig', host({ RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } })],
    ['HostConfig', host({ AutoRemove: true })],
    ['hostconfig', { ...body(), hostconfig: { Privileged: true } }],
    ['NetworkingConfig', { ...body(), NetworkingConfig: { EndpointsConfig: { other: {} } } }],
    ['User', { ...body(), User: '0' }],
    ['Volumes', { ...body(), Volumes: { '/x': {} } }],
    ['Image', { ...body(), Image: `registry.example/other@sha256:${'0'.repeat(64)}` }],
    ['Image', { ...body(), Image: `sha256:${'0'.repeat(64)}` }],
    ['Entrypoint', { ...body(), Entrypoint: ['sh', '-c', 'id'] }],
    ['Cmd', { ...body(), Cmd: ['up'] }],
    ['Env', { ...body(), Env: [told] }],
    ['Env', { ...body(), Env: ['BACKOUT_COLLECTIONS=projects', handed] }],
    ['Env', { ...body(), Env: [told, handed, 'LD_PRELOAD=/x'] }],
    ['Env', { ...body(), Env: [told, 'LD_PRELOAD=/x'] }],
    ['Env', { ...body(), Env: [told, `${handed}\0LD_PRELOAD=/x`] }],
    ['Labels.backout.service', labels({ 'backout.service': 'backend' })],
    ['Labels.com.docker.compose.service', labels({ 'com.docker.compose.service': 'backend' })],
    ['Labels.team', labels({ team: 'shop' })],
    ['Labels.backout.image', labels({ 'backout.image': 'other' })],
    ['Labels.backout.seconds', labels({ 'backout.seconds': '' })],
  ])('is refused where it differs in %s: %j', (what, asked) => {
    expect(create(asked)).toContain(`differs in ${what}`)
  })

  test.each(['backend', 'shop-backend-1', 'backout', 'backout-engine-proxy-1'])(
    'is never called %s',
    (name) => {
      expect(create(body(), name)).toContain('differs in its name')
    },
  )

  const ofJob = (what: string, status: string, image?: string) => {
    const around = { ...facts().around, all: onHost.map((one) => ({ ...one, Id: jobId })) }
    return verdict(what, {}, { job, target: seen(status, image), around })
  }

  test('is started, and removed, only as long as it never ran; then it is read, and stopped', () => {
    const at = `/containers/${jobId}`
    for (const line of [`POST ${at}/start`, `DELETE ${at}`]) {
      expect(ofJob(line, 'created')).toBe('allowed')
      expect(ofJob(line, 'running')).toMatch(/is left as it is/)
      expect(ofJob(line, 'exited')).toMatch(/is left as it is/)
    }
    for (const line of [`POST ${at}/stop`, `GET ${at}/logs?tail=5&stdout=true`]) {
      expect(ofJob(line, 'exited')).toBe('allowed')
      expect(ofJob(line, 'exited', 'other@sha256:1')).toMatch(/no container of a service/)
    }
    for (const line of [`POST ${at}/rename?name=shop-backend-1`, `GET ${at}/stats?stream=false`]) {
      expect(ofJob(line, 'created')).toMatch(/is left as it is/)
    }
  })

  test('is looked for by its name, and nobody else is', () => {
    const line = `GET /containers/${JOB.name}/json`
    expect(ofJob(line, 'exited')).toBe('allowed')
    expect(verdict(line, {}, { job, target: null })).toMatch(/^No such container/)
    expect(ofJob(line, 'exited', 'other')).toMatch(/was not made to run the migration/)
    expect(verdict('GET /containers/database/json')).toMatch(/not among the calls/)
    expect(verdict(`GET /containers/${strangerId}/json`, {}, { job, target: null })).toMatch(
      /No such/,
    )
  })

  test('of networks and registries only its own are asked', () => {
    const digest = JOB.image.split('@')[1]
    const pull = (from: string) => verdict(`POST /images/create?fromImage=${from}&tag=${digest}`)
    const other = { job: { ...job, image: `registry.example/jobs@${digest}` } }
    const line = `POST /images/create?fromImage=registry.example/jobs&tag=${digest}`
    expect(verdict('GET /networks/shop_default')).toBe('allowed')
    expect(verdict('GET /networks/metrics')).toMatch(/is not the network/)
    expect(verdict('GET /networks/shop_default', {}, {})).toMatch(/is not the network/)
    expect(verdict(line, {}, other)).toBe('allowed')
    expect(verdict(line.replace(/0$/, '1'), {}, other)).toMatch(/of an image from/)
    expect(verdict(`GET /distribution/registry.example/jobs@${digest}/json`, {}, other)).toBe(
      'allowed',
    )
    expect(pull('registry.example/jobs')).toMatch(/of an image from/)
  })
})

test('the proxy reads from the settings what is run, where it stands in front of that very host', async () => {
  await using folder = await freshFolder('settings')
  const file = join(folder.path, 'backout.yaml')
  const text = `
procedures:
  docker: { hosts: { here: { address: "unix:///engine/proxy.sock" } }, services: { b: { container: c } } }
  database:
    name: es
    collections: [projects]
    migration:
      ledger: { collection: migrations, applied: { name: x } }
      collections: [users, documents]
      image: ${job.image}
      command: ${JSON.stringify(job.command)}
      docker: { host: here, network: shop_default, environment: [MIGRATION_MONGODB_URI] }
`
  const read = async (said: string, listen = '/engine/proxy.sock') => {
    await writeFile(file, said)
    return configuredJob({ file, variables: {} }, listen)
  }
  expect(await read(text)).toEqual(job)
  expect(await read(text, '/other.sock')).toBeNull()
  for (const [from, to] of [
    ['host: here', 'host: there'],
    ['network: shop_default', 'network: host'],
    [/@sha256:0+/, ':v2'],
    [/ {4}migration:[^]*/, ''],
  ] as const) {
    expect(await read(text.replace(from, to)), String(from)).toBeNull()
  }
})
