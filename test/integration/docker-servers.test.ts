import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { compose, composeVersions } from '../servers/docker/compose.ts'
import type { ComposeMajor } from '../servers/docker/compose.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker } from '../servers/docker/engine.ts'
import type { DockerEngine } from '../servers/docker/engine.ts'
import { buildImage, pullImage, pushImage } from '../servers/docker/images.ts'
import { traces } from '../servers/docker/leavings.ts'
import { startRegistry } from '../servers/docker/registry.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { freeze } from '../servers/freeze.ts'
import { isRunning, run } from '../servers/run.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'

const nothing = { processes: [], mounts: [], bridges: [], controlGroups: [], folders: [] }

const answer = async (url: string | undefined, path: string): Promise<string> => {
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) })
  return `${response.status} ${await response.text()}`.trim()
}

const namesSchema = z.array(z.object({ Names: z.array(z.string()) }))

const containerNames = async (engine: DockerEngine): Promise<string[]> => {
  const listed = await engine.must('GET', '/containers/json', { query: { all: '1' } })
  return namesSchema.parse(listed).flatMap(({ Names }) => Names)
}

/** What an Engine may change of the machine's network, though it is not asked to. */
const network = async (): Promise<string[]> => [
  await run('iptables-save', []),
  await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8'),
]

describe.skipIf(missingAllowed('docker'))('docker', () => {
  let engine: DockerEngine
  beforeAll(async () => {
    engine = await startDocker()
  })
  afterAll(() => engine?.stop())

  test('an image made here runs, answers, and turns unhealthy and healthy when it is told to', async () => {
    const env = { GREETING: 'say "hello" to $HOME' }
    const image = await buildImage(engine, { name: 'shop', version: 'v1.2.0', env })
    const started = await runContainer(engine, { image: image.reference, name: 'shop' })
    expect(started).toMatchObject({ imageId: image.id, image: 'shop:v1.2.0', status: 'running' })
    expect(started.labels).toEqual({ 'org.opencontainers.image.version': 'v1.2.0' })
    expect((await untilContainer(engine, 'shop', { health: 'healthy' })).health).toBe('healthy')
    expect(await answer(started.url, '/version')).toBe('200 {"version":"v1.2.0"}')
    expect(await answer(started.url, '/health')).toBe('200 {"status":"ok"}')
    expect(await answer(started.url, '/cgi-bin/env?GREETING')).toBe('200 say "hello" to $HOME')

    await answer(started.url, '/cgi-bin/break')
    expect(await answer(started.url, '/health')).toMatch(/^404/)
    expect((await untilContainer(engine, 'shop', { health: 'unhealthy' })).health).toBe('unhealthy')
    await answer(started.url, '/cgi-bin/mend')
    expect((await untilContainer(engine, 'shop', { health: 'healthy' })).health).toBe('healthy')
  })

  test('other images exit at once, are unhealthy, become so, or have no healthcheck', async () => {
    const start = async (name: string, options: Partial<Parameters<typeof buildImage>[1]>) => {
      const image = await buildImage(engine, { name, version: 'v1', ...options })
      return runContainer(engine, { image: image.reference, name })
    }
    await start('exits', { behaves: 'exits' })
    await start('unhealthy', { behaves: 'unhealthy' })
    await start('unwatched', { healthcheck: false })
    const exited = await untilContainer(engine, 'exits', { status: 'exited' })
    expect(exited).toMatchObject({ status: 'exited', exitCode: 3 })
    // Last, and looked at right away: it is well for a few seconds only.
    await start('turns', { behaves: { unhealthyAfterSeconds: 6 } })
    expect(await untilContainer(engine, 'turns', { health: 'healthy' })).toMatchObject({
      health: 'healthy',
    })
    for (const name of ['unhealthy', 'turns']) {
      const seen = await untilContainer(engine, name, { health: 'unhealthy' })
      expect(seen).toMatchObject({ status: 'running', health: 'unhealthy' })
    }
    const unwatched = await container(engine, 'unwatched')
    expect(unwatched).toMatchObject({ status: 'running', health: undefined })
  })

  test('a registry that asks for a login takes an image, and gives it back by its digest', async () => {
    await using registry = await startRegistry({ auth: true })
    const name = `${registry.address}/team/shop`
    const image = await buildImage(engine, { name, version: 'v3' })
    const reference = await pushImage(engine, registry, image)
    expect(reference).toMatch(/\/team\/shop@sha256:[0-9a-f]{64}$/)
    await engine.must('DELETE', `/images/${image.reference}`)
    expect((await engine.request('GET', `/images/${image.id}/json`)).status).toBe(404)

    const stranger = { ...registry, auth: undefined }
    await expect(pullImage(engine, stranger, reference)).rejects.toThrow(
      'no basic auth credentials',
    )
    await pullImage(engine, registry, reference)
    expect(await engine.must('GET', `/images/${reference}/json`)).toMatchObject({ Id: image.id })
    await registry.stop()
    expect(registry.pids.filter(isRunning)).toEqual([])
  })

  test.each(Object.keys(composeVersions) as ComposeMajor[])(
    'Compose %s brings up a project of two services, and takes it down',
    async (major) => {
      await using folder = await freshFolder(`compose-${major}`)
      const project = basename(folder.path).toLowerCase()
      await buildImage(engine, { name: 'api', version: 'v1' })
      await buildImage(engine, { name: 'web', version: 'v1' })
      const ports = [`127.0.0.1:${await freePort()}:8080`]
      const services = {
        api: { image: 'api:v1', container_name: 'api' },
        web: { image: 'web:v1', container_name: 'web', ports, depends_on: ['api'] },
      }
      const file = stringify({ version: '3.8', services })
      await writeFile(join(folder.path, 'docker-compose.yml'), file)
      const say = compose(major, engine, folder.path)
      expect(await say('version', '--short')).toContain(composeVersions[major])
      await say('up', '-d')
      for (const name of ['api', 'web']) {
        const seen = await untilContainer(engine, name, { health: 'healthy' })
        expect(seen.health).toBe('healthy')
        expect(seen.labels).toMatchObject({
          'com.docker.compose.project': project,
          'com.docker.compose.service': name,
        })
      }
      expect(await answer((await container(engine, 'web')).url, '/version')).toMatch(/^200/)
      await say('down')
      const left = await containerNames(engine)
      expect(left).not.toContain('/api')
      expect(left).not.toContain('/web')
    },
  )
})

describe.skipIf(missingAllowed('docker'))('two Engines', () => {
  test('are two hosts; one is rebooted; and neither leaves anything', async () => {
    const before = await network()
    await using one = await startDocker()
    await using other = await startDocker()
    await buildImage(one, { name: 'shop', version: 'v1' })
    await runContainer(one, { image: 'shop:v1', name: 'stays', restart: 'always' })
    await runContainer(one, { image: 'shop:v1', name: 'ends' })
    expect(await containerNames(other)).toEqual([])

    await one.down()
    await expect(one.request('GET', '/_ping')).rejects.toThrow(/ENOENT|ECONNREFUSED/)
    expect((await other.request('GET', '/_ping')).status).toBe(200)
    await one.up()
    expect((await untilContainer(one, 'stays', { health: 'healthy' })).health).toBe('healthy')
    expect((await container(one, 'ends')).status).toBe('exited')

    const left = [one, other].map(traces)
    expect(left[0]?.()).toMatchObject({ mounts: [], folders: [one.folder] })
    expect(left[0]?.().bridges).toHaveLength(1)
    expect(left[0]?.().processes.length).toBeGreaterThan(4)
    await one.down()
    await Promise.all([one.stop(), other.stop()])
    expect(left.map((look) => look())).toEqual([nothing, nothing])
    expect(await network()).toEqual(before)
  })

  test('that a test killed or paused are cleared away as well', async () => {
    await using killed = await startDocker()
    await using paused = await startDocker()
    for (const engine of [killed, paused]) {
      await buildImage(engine, { name: 'shop', version: 'v1' })
      await runContainer(engine, { image: 'shop:v1' })
    }
    const left = [killed, paused].map(traces)
    expect(left.map((look) => look().bridges.length)).toEqual([1, 1])
    process.kill(killed.pids().at(-1) ?? 0, 'SIGKILL')
    await freeze(paused.pids())
    await Promise.all([killed.stop(), paused.stop()])
    expect(left.map((look) => look())).toEqual([nothing, nothing])
  })

  test('one goes when the test run is killed, with its containers and networks', async () => {
    const [engineModule, images, containers] = ['engine', 'images', 'containers'].map(
      (name) => new URL(`../servers/docker/${name}.ts`, import.meta.url).href,
    )
    const script = `
      const { startDocker } = await import('${engineModule}')
      const { buildImage } = await import('${images}')
      const { runContainer } = await import('${containers}')
      const engine = await startDocker()
      await buildImage(engine, { name: 'shop', version: 'v1' })
      await runContainer(engine, { image: 'shop:v1', name: 'shop' })
      console.log(JSON.stringify({ folder: engine.folder, pids: engine.pids() }))
    `
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void killed.kill('SIGKILL'))
    const [said] = await once(killed.stdout, 'data')
    const { folder, pids } = z
      .object({ folder: z.string(), pids: z.array(z.number()) })
      .parse(JSON.parse(String(said)))
    const look = traces({ folder, pids: () => pids })
    expect(look().bridges).toHaveLength(1)
    expect(look().controlGroups).not.toEqual([])
    killed.kill('SIGKILL')
    const left = await eventually(
      () => Promise.resolve(look()),
      (seen) => Object.values(seen).every(({ length }) => length === 0),
    )
    expect(left).toEqual(nothing)
  })
})
