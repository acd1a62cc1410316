import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import { RegistryConfig } from '../../src/adapters/docker/images/registry-credentials.ts'
import type { DockerService } from '../../src/adapters/docker/read/members.ts'
import type {
  Container,
  ContainerWrite,
  Containers,
  Happening,
  ImageId,
} from '../../src/ports/containers.ts'
import type { EvidencePiece } from '../../src/ports/workloads.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { pushImage } from '../servers/docker/images.ts'
import { startRegistry, type Registry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { dockerProxy } from '../support/docker-proxy.ts'
import { appImage } from '../support/docker.ts'

const host = 'shop-1'
const patience = () => AbortSignal.timeout(60_000)

describe.skipIf(missingAllowed('docker'))('days of a real Engine', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let registry: Registry
  let v1: ImageId & { readonly digest: string }
  let v2: ImageId
  let broken: ImageId & { readonly digest: string }

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    registry = stack.use(await startRegistry({ auth: true }))
    const name = `${registry.address}/shop/app`
    const pushed = async (image: ImageId) => ({
      ...image,
      digest: await pushImage(engine, registry, image),
    })
    v1 = await pushed(await appImage(engine, { name, version: 'v1' }))
    v2 = await appImage(engine, { name, version: 'v2', changes: ['VOLUME /var/lib/app'] })
    broken = await pushed(
      await appImage(engine, { name: `${registry.address}/shop/broken`, version: 'v1' }),
    )
  })
  afterEach(() => emptyEngine(engine.socketPath))
  afterAll(() => stack.disposeAsync())

  const adapter = (
    options: Partial<Parameters<typeof dockerContainers>[0]> & {
      readonly socketPath?: string
    } = {},
  ): Containers => {
    const { socketPath = engine.socketPath, ...rest } = options
    const app: DockerService = { kind: 'container', name: 'app' }
    const hosts = [{ name: host, socketPath }]
    const containers = dockerContainers({
      hosts,
      services: { app },
      ownId: async () => null,
      ...rest,
    })
    onTestFinished(() => containers.close())
    return containers
  }
  const seenBy = (containers: Containers) => containers.sightings(['app'], patience())
  const only = async (containers: Containers, name = 'app'): Promise<Container> => {
    const found = (await seenBy(containers)).find((one) => one.name === name)
    if (!found) throw new Error(`there is no ${name}`)
    return found
  }
  const run = (more: Readonly<Record<string, unknown>> = {}, image: ImageId = v2) =>
    runContainer(engine, { image: image.reference, name: 'app', more })
  const like = (
    seen: Container,
    image: ImageId,
    called = 'app-next',
    role: Container['role'] = 'serving',
  ): ContainerWrite => {
    const { id, sha256, service } = seen
    return { kind: 'create', host, like: id, sha256, service, image, name: called, role, mark: 'm' }
  }

  test('a look at twenty containers that run for long is one question, and no sighting asks more than it must', async () => {
    await using proxy = await dockerProxy(engine.socketPath)
    const services = Object.fromEntries(
      Array.from({ length: 20 }, (_, index): [string, DockerService] => [
        `s${index}`,
        { kind: 'container', name: `c${index}` },
      ]),
    )
    const names = Object.keys(services)
    const body = { Image: v1.id, Cmd: ['/bin/sleep', '1000'], Entrypoint: [''] }
    for (const [index] of names.entries()) {
      const query = { name: `c${index}` }
      await engine.must('POST', '/containers/create', { query, body })
    }
    const containers = adapter({ socketPath: proxy.socketPath, services })
    const asked = async (look: () => Promise<unknown>) => {
      proxy.asked()
      await look()
      return proxy.asked().length
    }
    // Once: which API both speak.
    await containers.list([], patience())
    expect(await asked(() => containers.list(names, patience()))).toBe(1 + 20)
    // The list, the clock, each container, and the one image that they all run.
    expect(await asked(() => containers.sightings(names, patience()))).toBe(2 + 20 + 1)
    expect(await asked(() => containers.localImages(names, patience()))).toBe(2)
    expect(await asked(() => containers.imageAt(host, v1, patience()))).toBe(2)
  })

  test('whoever copies a container onto another image is not taken for compose', async () => {
    const containers = adapter()
    const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.image': v1.id }
    const madeBy = async () => (await containers.list(['app'], patience()))[0]?.madeBy
    await runContainer(engine, { image: v1.reference, name: 'app', labels })
    expect(await madeBy()).toBe('docker compose')
    await emptyEngine(engine.socketPath)
    await runContainer(engine, { image: v2.reference, name: 'app', labels })
    expect(await madeBy()).toBe('what copies containers, as Watchtower does')
    await emptyEngine(engine.socketPath)
    await run()
    expect(await madeBy()).toBeNull()
  })

  test('what runs well for an hour is not looked at again for half an hour', async () => {
    await using proxy = await dockerProxy(engine.socketPath)
    const { id } = await run({ HostConfig: {} })
    const listed = { Id: id, Names: ['/app'], Image: v2.reference, ImageID: v2.id, Labels: {} }
    const running = { Created: 1_700_000_000, State: 'running', Status: 'Up 3 hours (healthy)' }
    const list = JSON.stringify([{ ...listed, ...running }])
    proxy.answer(/GET \/containers\/json/, 200, list)
    let nowMs = 0
    const containers = adapter({ socketPath: proxy.socketPath, now: () => nowMs })
    const asked = async () => {
      proxy.asked()
      await containers.list(['app'], patience())
      return proxy.asked().filter((line) => line !== 'GET /_ping').length
    }
    expect(await asked()).toBe(2)
    expect(await asked()).toBe(1)
    proxy.answer(/GET \/containers\/json/, 200, list.replace('3 hours', '40 minutes'))
    expect(await asked()).toBe(2)
    proxy.answer(/GET \/containers\/json/, 200, list.replace('healthy', 'unhealthy'))
    expect(await asked()).toBe(2)
    proxy.answer(/GET \/containers\/json/, 200, list)
    expect([await asked(), await asked()]).toEqual([2, 1])
    nowMs = 31 * 60_000
    expect(await asked()).toBe(2)
  })

  test('a volume without a name stays the same one, with the file in it, and comes back with the kept one', async () => {
    const containers = adapter()
    const Cmd = ['-c', 'test -e /uploads/one || echo here >/uploads/one; exec sleep 1000']
    const { id } = await run({ Volumes: { '/uploads': {} }, Entrypoint: ['/bin/sh'], Cmd })
    const seen = await only(containers)
    expect(seen.volumes).toHaveLength(2)
    // Only one of the two images declares a folder: test/unit/runbook/docker-declared-volumes.test.ts has what people are told.
    expect((await containers.imageAt(host, v2, patience())).volumes).toEqual(['/var/lib/app'])
    expect((await containers.imageAt(host, v1, patience())).volumes).toEqual([])

    const written = async (ofId: string) => {
      const query = { path: '/uploads/one' }
      return (await engine.request('GET', `/containers/${ofId}/archive`, { query })).status
    }
    await expect.poll(() => written(id)).toBe(200)
    const kept = like(seen, v2, 'app-kept', 'kept')
    for (const write of [like(seen, v1), kept, { kind: 'stop', host, id } as const]) {
      expect(await containers.write(write, patience())).toEqual({ kind: 'done' })
    }
    const remove = { kind: 'remove', host, id, keepChangesAs: null } as const
    expect(await containers.write(remove, patience())).toEqual({ kind: 'done' })
    const next = await only(containers, 'app-next')
    const start = { kind: 'start', host, id: next.id, restartPolicy: 'no' } as const
    expect(await containers.write(start, patience())).toEqual({ kind: 'done' })
    expect(next.volumes).toEqual(seen.volumes)
    expect(await written(next.id)).toBe(200)

    const back = like(await only(containers, 'app-kept'), v2, 'app')
    expect(await containers.write(back, patience())).toEqual({ kind: 'done' })
    const { id: backId, volumes } = await only(containers)
    expect(volumes).toEqual(seen.volumes)
    expect(await written(backId)).toBe(200)
  })

  test('aliases of every network are there, also of the one that is joined afterwards', async () => {
    const containers = adapter()
    for (const Name of ['front', 'back']) {
      await engine.must('POST', '/networks/create', { body: { Name } })
    }
    const { id } = await run({ HostConfig: { NetworkMode: 'front' } })
    const EndpointConfig = { Aliases: ['api', 'by-hand'] }
    await engine.must('POST', '/networks/back/connect', { body: { Container: id, EndpointConfig } })
    const seen = await only(containers)
    expect(seen.aliases).toEqual(['back/api', 'back/by-hand'])
    await containers.write(like(seen, v1), patience())
    const next = await only(containers, 'app-next')
    expect(next).toMatchObject({ aliases: seen.aliases, sha256: seen.sha256 })
    const start = { kind: 'start', host, id: next.id, restartPolicy: 'no' } as const
    expect(await containers.write(start, patience())).toEqual({ kind: 'done' })
    expect(await only(containers, 'app-next')).toMatchObject({ aliases: seen.aliases })
  })

  test('one that cannot join all of its networks is not left half made', async () => {
    await using proxy = await dockerProxy(engine.socketPath)
    // From 1.44 on it is created in all of them at once.
    proxy.speakAtMost('1.41')
    const containers = adapter({ socketPath: proxy.socketPath })
    for (const Name of ['front', 'back']) {
      await engine.must('POST', '/networks/create', { body: { Name } })
    }
    const { id } = await run({ HostConfig: { NetworkMode: 'front' } })
    await engine.must('POST', '/networks/back/connect', { body: { Container: id } })
    proxy.answer(/connect/, 403, JSON.stringify({ message: 'no right to connect' }))
    const said = await containers.write(like(await only(containers), v1), patience())
    expect(said).toMatchObject({ kind: 'refused', because: expect.stringContaining('no right') })
    expect((await seenBy(containers)).map(({ name }) => name)).toEqual(['app'])
  })

  test('one that a crash left in only some of its networks is put into the others before it starts', async () => {
    await using proxy = await dockerProxy(engine.socketPath)
    // From 1.44 on it is created in all of them at once.
    proxy.speakAtMost('1.41')
    const containers = adapter({ socketPath: proxy.socketPath })
    for (const Name of ['front', 'back']) {
      await engine.must('POST', '/networks/create', { body: { Name } })
    }
    const { id } = await run({ HostConfig: { NetworkMode: 'front' } })
    const EndpointConfig = { Aliases: ['api'] }
    await engine.must('POST', '/networks/back/connect', { body: { Container: id, EndpointConfig } })
    const seen = await only(containers)
    proxy.answer(/connect/, 502, '')
    for (const [called, role] of [
      ['app-next', 'serving'],
      ['app-kept', 'kept'],
    ] as const) {
      const made = faultOf(containers.write(like(seen, v1, called, role), patience()))
      expect(await made).toMatchObject({ kind: 'unknown-outcome' })
    }
    proxy.answer(/^never$/, 0, '')
    const next = await only(containers, 'app-next')
    const kept = await only(containers, 'app-kept')
    expect([next.sha256, kept.sha256]).toEqual([seen.sha256, seen.sha256])
    const start = { kind: 'start', host, id: next.id, restartPolicy: 'no' } as const
    expect(await containers.write(start, patience())).toEqual({ kind: 'done' })
    const { state, aliases, sha256 } = await only(containers, 'app-next')
    const { aliases: wanted, sha256: hash } = seen
    expect({ state, aliases, sha256 }).toEqual({ state: 'running', aliases: wanted, sha256: hash })
    // What is made of the half made kept one is whole.
    expect(await containers.write(like(kept, v1, 'app-back'), patience())).toEqual({ kind: 'done' })
    expect(await only(containers, 'app-back')).toMatchObject({ aliases: seen.aliases })
  })

  test('a container takes the time that it may take to stop', async () => {
    const containers = adapter()
    const Cmd = ['-c', "trap 'sleep 3; exit 0' TERM; while :; do sleep 0.1; done"]
    const { id } = await run({ StopTimeout: 20, Entrypoint: ['/bin/sh'], Cmd, HostConfig: {} })
    expect((await only(containers)).stopSeconds).toBe(20)
    const stop = { kind: 'stop', host, id } as const
    expect(await containers.write(stop, patience())).toEqual({ kind: 'done' })
    // 137 would say that it was killed.
    expect(await only(containers)).toMatchObject({ state: 'exited', trouble: 'exit code 0' })
  })

  test.each(['stop', 'start', 'create'] as const)(
    'a %s whose answer is lost has an unknown outcome, and a look tells it',
    async (kind) => {
      await using proxy = await dockerProxy(engine.socketPath)
      const containers = adapter({ socketPath: proxy.socketPath })
      const { id } = await run()
      if (kind === 'start') await engine.must('POST', `/containers/${id}/stop`)
      const seen = await only(containers)
      const wanted = {
        create: like(seen, v1),
        stop: { kind: 'stop', host, id },
        start: { kind: 'start', host, id, restartPolicy: 'no' },
      } as const
      proxy.loseAnswers(new RegExp(`/${kind}(\\?|$)`))
      const fault = await faultOf(containers.write(wanted[kind], patience()))
      expect(fault).toMatchObject({ kind: 'unknown-outcome', code: 'ECONNRESET' })
      const states = (await seenBy(containers)).map(({ state }) => state)
      const after = { create: ['created', 'running'], stop: ['exited'], start: ['running'] }
      expect(states.toSorted()).toEqual(after[kind])
    },
  )

  test('a proxy that cannot reach the Engine leaves the outcome of a write unknown', async () => {
    await using proxy = await dockerProxy(engine.socketPath)
    const containers = adapter({ socketPath: proxy.socketPath })
    const { id } = await run()
    proxy.answer(/POST .*\/rename/, 502, '<html>bad gateway</html>')
    const rename = { kind: 'rename', host, id, name: 'other' } as const
    expect(await faultOf(containers.write(rename, patience()))).toMatchObject({
      kind: 'unknown-outcome',
      code: '502',
    })
  })

  test('a log that its driver does not give back is told as such, and the rest goes on', async () => {
    const containers = adapter()
    await run({ HostConfig: { LogConfig: { Type: 'none' } } })
    const says = 'not readable: log driver none'
    expect(await containers.logs('app', { tail: 5, signal: patience() })).toEqual([
      { source: `${host}/app`, lines: [`[${says}]`], isNote: true },
    ])
    const pieces: EvidencePiece[] = []
    for await (const piece of containers.evidence('app', patience())) pieces.push(piece)
    expect(pieces).toContainEqual({ name: `app/${host}/app.log`, skipped: says })
    expect(pieces.filter((piece) => 'text' in piece).map(({ name }) => name)).toEqual([
      `app/${host}/app.json`,
      `app/${host}/app.stats.json`,
      `app/${host}/events.json`,
    ])
  })

  test('the log of a terminal is read, and only so much of a log as was asked for', async () => {
    const containers = adapter()
    const lines =
      'for n in 1 2 3; do echo line $n; done; echo PASSWORD=hunter2hunter2 >&2; sleep 1000'
    const { id } = await run({
      Tty: true,
      Entrypoint: ['/bin/sh'],
      Cmd: ['-c', lines],
      HostConfig: {},
    })
    await untilContainer(engine, id, { status: 'running' })
    const tail = async (wanted: number, sinceSeconds?: number) => {
      const options = { tail: wanted, signal: patience() }
      const since = sinceSeconds === undefined ? {} : { sinceSeconds }
      return (await containers.logs('app', { ...options, ...since }))[0]?.lines
    }
    await expect.poll(() => tail(2), { timeout: 30_000 }).toEqual(['line 3', 'PASSWORD=***'])
    expect(await tail(2, 600)).toHaveLength(2)
    expect(await tail(2, 0.001)).toEqual([])
  })

  test('an image is pulled with the credentials of its registry, and where they are missing it says which', async () => {
    const { address, auth } = registry
    if (!auth) throw new Error('the registry asks for a login')
    const { username, password } = auth
    const pull = async (config: unknown) => {
      await engine.request('DELETE', `/images/${v1.id}`, { query: { force: '1' } })
      const credentials = RegistryConfig.parse(config)
      return adapter({ credentials }).pull(host, v1, () => undefined, patience())
    }
    const refused = (...words: readonly string[]) => ({
      kind: 'refused',
      because: expect.stringMatching(new RegExp(words.join('.*'), 's')),
    })
    expect(await pull({})).toEqual(refused(`no credentials for ${address}`))
    const helper = { credHelpers: { [address]: 'ecr-login' } }
    expect(await pull(helper)).toEqual(refused('docker-credential-ecr-login', 'does not run'))
    const wrong = { auths: { [address]: { username, password: 'wrong' } } }
    expect(await pull(wrong)).toEqual(refused(`entry ${address}`, 'expired'))
    const right = { auths: { [`http://${address}/v2/`]: { username, password } } }
    expect(await pull(right)).toEqual({ kind: 'there', id: v1.id })
  })

  test('a registry is asked for an image with the real credentials, pulling nothing, and says what is missing', async () => {
    const { address, auth } = registry
    if (!auth) throw new Error('the registry asks for a login')
    const { username, password } = auth
    const asked = (config: unknown, image = v1) => {
      const credentials = RegistryConfig.parse(config)
      return adapter({ credentials }).atRegistry(host, image, patience())
    }
    const refused = (words: RegExp) => ({
      kind: 'refused',
      because: expect.stringMatching(words),
    })
    expect(await asked({})).toEqual(refused(/no credentials for 127/))
    const helper = { credHelpers: { [address]: 'ecr-login' } }
    expect(await asked(helper)).toEqual(refused(/docker-credential-ecr-login.*does not run/))
    const wrong = { auths: { [address]: { username, password: 'wrong' } } }
    expect(await asked(wrong)).toEqual(refused(/entry 127.*expired/))
    const right = { auths: { [`http://${address}/v2/`]: { username, password } } }
    expect(await asked(right)).toEqual({ kind: 'there' })
    const digest = v1.digest.replace(/.{8}$/, '00000000')
    expect(await asked(right, { ...v1, digest })).toEqual({
      kind: 'gone',
      because: `${address} does not have it any more`,
    })
    const silent = v1.digest.replace(address, '127.0.0.1:1')
    expect(await asked(right, { ...v1, digest: silent })).toMatchObject({ kind: 'not-known' })
  })

  test('of a registry that asks nobody for a login an image is gone only where it shows another one of that repository', async () => {
    await using open = await startRegistry()
    const name = `${open.address}/shop/open`
    const image = await appImage(engine, { name, version: 'v1' })
    const digest = await pushImage(engine, open, image)
    const lost = { ...image, digest: digest.replace(/.{8}$/, '00000000') }
    const asked = () => adapter().atRegistry(host, lost, patience())
    const pulled = () => adapter().pull(host, lost, () => undefined, patience())
    const gone = { kind: 'gone', because: `${open.address} does not have it any more` }
    const hidden = `There are no credentials for ${open.address}, and it does not show this image`
    expect(await asked()).toEqual(gone)
    expect(await pulled()).toEqual({
      kind: 'refused',
      because: expect.stringMatching(/could not be pulled: .*manifest unknown$/),
    })
    await engine.must('DELETE', `/images/${image.id}`, { query: { force: '1' } })
    expect(await asked()).toEqual({ kind: 'refused', because: hidden })
    expect(await pulled()).toEqual({
      kind: 'refused',
      because: expect.stringMatching(new RegExp(`manifest unknown\\. ${hidden}$`)),
    })
  })

  test('a layer that the registry has lost is told, though the answer began as a success', async () => {
    const { address, auth, folder } = registry
    await engine.must('DELETE', `/images/${broken.id}`, { query: { force: '1' } })
    await rm(join(folder, 'data/docker/registry/v2/repositories/shop/broken/_layers'), {
      recursive: true,
    })
    const credentials = RegistryConfig.parse({ auths: { [address]: auth } })
    const containers = adapter({ credentials })
    const said = await containers.pull(host, broken, () => undefined, patience())
    expect(said).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/: .*unknown blob$/),
    })
    expect(said).not.toMatchObject({ because: expect.stringContaining('HTTP') })
  })

  test('the container that this bot runs in is never written to', async () => {
    const { id } = await run()
    const containers = adapter({ ownId: async () => id })
    const seen = await only(containers)
    expect(seen.obstacles).toEqual(['this bot itself runs in it'])
    for (const write of [like(seen, v1), { kind: 'stop', host, id } as const]) {
      expect(await containers.write(write, patience())).toMatchObject({ kind: 'refused' })
    }
    expect((await only(containers)).state).toBe('running')
  })

  test('a container is meant by its whole id, and by nothing that an Engine would take for it', async () => {
    const { id } = await run()
    for (const short of ['app', id.slice(0, 12)]) {
      const said = await adapter().write({ kind: 'stop', host, id: short }, patience())
      expect(said).toMatchObject({ kind: 'changed-meanwhile' })
    }
    expect((await untilContainer(engine, id, {})).status).toBe('running')
  })

  test('one host that is away fails the look, and is named', async () => {
    await run()
    const hosts = [
      { name: host, socketPath: engine.socketPath },
      { name: 'shop-2', socketPath: '/no/such/docker.sock' },
    ]
    const fault = await faultOf(seenBy(adapter({ hosts })))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ENOENT' })
    expect(fault.detail).toContain('shop-2')
    const unknown = { kind: 'stop', host: 'shop-3', id: 'x' } as const
    expect((await faultOf(adapter({ hosts }).write(unknown, patience()))).detail).toContain(
      'shop-3',
    )
  })

  test('a variable of the shell names no other host, and no host is spoken to in the clear', async () => {
    await run()
    const before = process.env['DOCKER_HOST']
    process.env['DOCKER_HOST'] = 'tcp://192.0.2.1:2375'
    try {
      expect(await seenBy(adapter())).toHaveLength(1)
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST']
      else process.env['DOCKER_HOST'] = before
    }
    const hosts = [{ name: host, host: '192.0.2.1', port: 2375 }]
    await expect(async () => adapter({ hosts })).rejects.toThrow('without TLS')
  })

  test('an image for another machine is pulled as it is, and both machines are named', async () => {
    await using proxy = await dockerProxy(engine.socketPath)
    const says = JSON.stringify({ Os: 'linux', Arch: 'riscv64' })
    proxy.answer(/GET \/version/, 200, says)
    const credentials = RegistryConfig.parse({ auths: { [registry.address]: registry.auth } })
    const containers = adapter({ socketPath: proxy.socketPath, credentials })
    await engine.must('DELETE', `/images/${v1.id}`, { query: { force: '1' } })
    const pulled = await containers.pull(host, v1, () => undefined, patience())
    expect(pulled).toEqual({ kind: 'there', id: v1.id })
    const at = await containers.imageAt(host, v1, patience())
    expect(at).toMatchObject({ id: v1.id, hostPlatform: 'linux/riscv64' })
    expect(at.platform).not.toBe(at.hostPlatform)
  })

  test('a kept one keeps its image from being cleaned up', async () => {
    await using own = await startDocker()
    const containers = adapter({ socketPath: own.socketPath })
    const [image, other] = [
      await appImage(own, { name: 'shop/app', version: 'v1' }),
      await appImage(own, { name: 'shop/app', version: 'v2' }),
    ]
    const { id } = await runContainer(own, { image: image.reference, name: 'app' })
    const kept = like(await only(containers), image, 'app-kept', 'kept')
    const remove = { kind: 'remove', host, id, keepChangesAs: null } as const
    for (const write of [kept, { kind: 'stop', host, id } as const, remove]) {
      expect(await containers.write(write, patience())).toEqual({ kind: 'done' })
    }
    const filters = JSON.stringify({ dangling: ['false'] })
    await own.must('POST', '/images/prune', { query: { filters } })
    expect((await containers.imageAt(host, other, patience())).id).toBeNull()
    expect((await containers.imageAt(host, image, patience())).id).toBe(image.id)
    expect((await only(containers, 'app-kept')).obstacles).toEqual([])
  })

  test('what could not be started is not started by its host later', async () => {
    const containers = adapter()
    const { id } = await run()
    const seen = await only(containers)
    expect(seen.publishesPorts).toBe(true)
    await containers.write(like(seen, v2), patience())
    const { id: next } = await only(containers, 'app-next')
    const start = { kind: 'start', host, id: next, restartPolicy: 'always' } as const
    const said = await containers.write(start, patience())
    expect(said).toMatchObject({ kind: 'refused', because: expect.stringMatching(/port|address/) })
    await engine.must('POST', `/containers/${id}/stop`)
    await engine.down()
    await engine.up()
    const states = (await seenBy(containers)).map(({ name, state }) => [name, state])
    expect(Object.fromEntries(states)).toMatchObject({ app: 'exited' })
    expect(await only(containers, 'app-next')).toMatchObject({
      restartPolicy: 'no',
      runningMs: null,
    })
  })

  test('what lived for a second before anybody listened is told with what ran, unless its name means another image by now', async () => {
    const brief = { Entrypoint: ['/bin/sleep'], Cmd: ['1'], HostConfig: { AutoRemove: true } }
    const name = `${registry.address}/shop/brief`
    const image = await appImage(engine, { name, version: 'v1' })
    const { id } = await run(brief, image)
    const status = async () => (await engine.request('GET', `/containers/${id}/json`)).status
    await expect.poll(status, { timeout: 20_000 }).toBe(404)
    const runOf = async (listener: Containers) => {
      const heard: Happening[] = []
      const over = new AbortController()
      const following = listener.follow(['app'], (one) => heard.push(one), over.signal)
      const ended = () => heard.find((one) => one.id === id && one.kind === 'ended')
      await expect.poll(ended, { timeout: 30_000 }).toBeDefined()
      over.abort()
      await following
      return ended()?.run
    }
    const ran = await runOf(adapter())
    expect(ran).toMatchObject({ service: 'app', host, id, image, labels: { version: 'v1' } })
    const ranMs = Date.parse(ran?.endedAt ?? '') - Date.parse(ran?.startedAt ?? '')
    expect(ranMs).toBeGreaterThanOrEqual(900)
    // Its own: what no container uses may have been cleaned up by now.
    const another = await appImage(engine, { name: `${name}-else`, version: 'v2' })
    const query = { repo: name, tag: 'v1' }
    await engine.must('POST', `/images/${another.id}/tag`, { query })
    expect(await runOf(adapter())).toBeUndefined()
  })

  test('an Engine that goes away and comes back is listened to again', async () => {
    const containers = adapter()
    const { id } = await run()
    const heard: string[] = []
    const over = new AbortController()
    const tell = (one: Happening) => heard.push(`${one.kind} ${one.id === id}`)
    const following = containers.follow(['app'], tell, over.signal)
    await engine.must('POST', `/containers/${id}/restart`)
    await expect.poll(() => heard, { timeout: 30_000 }).toContain('started true')
    await engine.down()
    await engine.up()
    heard.length = 0
    await expect
      .poll(
        async () => {
          if (!heard.includes('started true'))
            await engine.must('POST', `/containers/${id}/restart`)
          return heard
        },
        { timeout: 20_000, interval: 1_000 },
      )
      .toContain('started true')
    over.abort()
    await following
  })

  test('over TLS both sides show a certificate, and a strange one is not spoken to', async () => {
    const known = await selfSigned()
    const stranger = await selfSigned()
    await using proxy = await dockerProxy(engine.socketPath, known)
    const { id } = await run()
    const over = (ca: string, { certificate: cert, key }: typeof known) => {
      const at = { host: '127.0.0.1', port: proxy.port, tls: { ca, cert, key } }
      return adapter({ hosts: [{ name: host, ...at }] })
    }
    const containers = over(known.certificate, known)
    expect(await seenBy(containers)).toHaveLength(1)
    proxy.loseAnswers(/\/stop/)
    const stop = { kind: 'stop', host, id } as const
    expect(await faultOf(containers.write(stop, patience()))).toMatchObject({
      kind: 'unknown-outcome',
    })
    expect(await only(containers)).toMatchObject({ state: 'exited' })
    const impostor = over(stranger.certificate, known)
    expect(await faultOf(seenBy(impostor))).toMatchObject({ kind: 'terminal' })
    expect(await faultOf(impostor.write(stop, patience()))).toMatchObject({ kind: 'terminal' })
    const uninvited = await faultOf(seenBy(over(known.certificate, stranger)))
    expect(['terminal', 'retryable']).toContain(uninvited.kind)
  })
})
