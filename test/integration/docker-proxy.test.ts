import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CALLS } from '../../src/adapters/docker-proxy/calls.ts'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import { dockerJobs } from '../../src/adapters/docker/jobs/jobs.ts'
import type { Container, Containers, ContainerWrite } from '../../src/ports/containers.ts'
import { engineClient } from '../servers/docker/client.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { pushImage } from '../servers/docker/images.ts'
import { startRegistry, type Registry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { JOB } from '../support/contracts/jobs.ts'
import { appImage } from '../support/docker.ts'
import { proxiedEngine, type ProxiedEngine } from '../support/proxied-engine.ts'

const hostName = 'shop-1'
const project = 'shop'
const secret = 'tr0ub4dor'
const patience = () => AbortSignal.timeout(60_000)

const composeLabels = (service: string) => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.container-number': '1',
})
const Whole = z.looseObject({
  Id: z.string(),
  Config: z.record(z.string(), z.unknown()),
  HostConfig: z.record(z.string(), z.unknown()),
})

describe.skipIf(missingAllowed('docker'))('an Engine behind the proxy', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let registry: Registry
  let proxied: ProxiedEngine
  let containers: Containers
  let images: Record<'good' | 'bad', { id: string; reference: string; digest: string }>

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    registry = stack.use(await startRegistry())
    const pushed = async (version: string) => {
      const made = await appImage(engine, { name: `${registry.address}/shop/backend`, version })
      return { ...made, digest: await pushImage(engine, registry, made) }
    }
    images = { good: await pushed('v1.9.0'), bad: await pushed('v2.0.0') }
    await engine.must('POST', '/networks/create', { body: { Name: 'metrics' } })
    const backend = await runContainer(engine, {
      image: images.bad.reference,
      name: 'shop-backend-1',
      labels: composeLabels('backend'),
      env: { MONGODB_URI: `mongodb://app:${secret}@db/shop` },
      restart: 'unless-stopped',
    })
    const aliases = { Container: backend.id, EndpointConfig: { Aliases: ['backend'] } }
    await engine.must('POST', '/networks/metrics/connect', { body: aliases })
    await runContainer(engine, { image: images.bad.reference, name: 'database', env: { secret } })
    // The settings name it, by mistake.
    await runContainer(engine, {
      image: images.bad.reference,
      name: 'backout',
      labels: { 'backout.part': 'bot' },
      env: { SLACK_BOT_TOKEN: secret },
    })
    await untilContainer(engine, 'shop-backend-1', { health: 'healthy' })
    const services = {
      backend: { project, service: 'backend' },
      backout: { container: 'backout' },
    }
    const job = {
      image: images.good.digest,
      command: ['sh', '-c', 'exit 3'],
      network: 'metrics',
      variables: JOB.variables,
      environment: [],
    }
    proxied = stack.use(await proxiedEngine(engine.socketPath, services, {}, job))
    const adapter = dockerContainers({
      hosts: [{ name: hostName, socketPath: proxied.socketPath }],
      services: {
        backend: { kind: 'compose', project, service: 'backend' },
        backout: { kind: 'container', name: 'backout' },
      },
      ownId: async () => null,
    })
    stack.defer(() => adapter.close())
    containers = adapter
  })
  afterAll(() => stack.disposeAsync())

  const write = async (wanted: object): Promise<void> => {
    const whole = { host: hostName, ...wanted } as ContainerWrite
    expect(await containers.write(whole, patience())).toEqual({ kind: 'done' })
  }
  const named = async (name: string): Promise<Container> => {
    const found = await containers.sightings(['backend'], patience())
    const one = found.find((seen) => seen.name === name)
    if (!one) throw new Error(`there is no ${name}`)
    return one
  }
  const create = (like: Container, role: 'serving' | 'kept', image: object, name: string) =>
    write({
      kind: 'create',
      like: like.id,
      sha256: like.sha256,
      image,
      name,
      service: 'backend',
      role,
      mark: `INC-1/${name}`,
    })

  test('a whole swap goes through it, with all that is read before and after; and nothing else is allowed than was asked', async () => {
    await engine.must('DELETE', `/images/${images.good.reference}`)
    await engine.request('DELETE', `/images/${images.good.digest}`)
    const signal = patience()
    expect(await containers.imageAt(hostName, images.good, signal)).toMatchObject({ id: null })
    const asked = await containers.atRegistry(hostName, images.good, signal)
    expect(asked).toEqual({ kind: 'there' })
    const pulled = await containers.pull(hostName, images.good, () => undefined, signal)
    expect(pulled).toEqual({ kind: 'there', id: images.good.id })
    expect(await containers.localImages(['backend'], signal)).not.toEqual([])

    const old = await named('shop-backend-1')
    await create(old, 'kept', old.image, 'shop-backend-1-kept-a')
    await create(old, 'serving', images.good, 'shop-backend-1-next-a')
    const next = await named('shop-backend-1-next-a')
    expect(next.sha256).toBe(old.sha256)
    expect(next.aliases).toEqual(old.aliases)
    await write({ kind: 'stop', id: old.id })
    await write({ kind: 'start', id: next.id, restartPolicy: 'unless-stopped' })
    await untilContainer(engine, next.id, { health: 'healthy' })
    await write({ kind: 'rename', id: old.id, name: 'shop-backend-1-old-a' })
    await write({ kind: 'rename', id: next.id, name: 'shop-backend-1' })
    await write({ kind: 'remove', id: old.id, keepChangesAs: 'backout-kept/backend:a' })

    const [image] = await containers.keptImages(['backend'], patience())
    await write({ kind: 'remove-image', id: image!.id, name: image!.name })
    expect(await containers.keptImages(['backend'], patience())).toEqual([])

    expect(await containers.list(['backend'], patience())).toMatchObject([{ ready: 1 }])
    const [log] = await containers.logs('backend', { tail: 5, sinceSeconds: 600, signal })
    expect(log?.lines.join('\n')).toContain('starting')
    let evidence = ''
    for await (const piece of containers.evidence('backend', patience())) {
      expect(piece, piece.name).not.toHaveProperty('skipped')
      evidence += `${piece.name}\n`
      if ('text' in piece) for await (const part of piece.text) evidence += part
    }
    expect(evidence.slice(evidence.indexOf('events.json'))).toContain('shop-backend-1')
    expect(evidence).not.toContain('"database"')

    const back = await named('shop-backend-1-kept-a')
    await create(back, 'serving', back.image, 'shop-backend-1-next-b')
    expect((await named('shop-backend-1-next-b')).sha256).toBe(old.sha256)

    const jobs = dockerJobs({
      host: { name: hostName, socketPath: proxied.socketPath },
      place: { network: 'metrics', environment: {} },
    })
    const down = { ...JOB, image: images.good.digest, command: ['sh', '-c', 'exit 3'] }
    const asking = { key: 'INC-1', cause: 'plan 1', dryRun: false, signal }
    expect(await jobs.start(down, asking)).toEqual({ kind: 'started' })
    await untilContainer(engine, JOB.name, { status: 'exited' })
    expect(await jobs.find(JOB.name, 'INC-1', signal)).toMatchObject({ kind: 'failed' })
    jobs.close()
    await engine.must('DELETE', `/containers/${JOB.name}`)

    expect(proxied.refusals()).toEqual([])
    expect([...proxied.calls()].toSorted()).toEqual(Object.keys(CALLS).toSorted())
  })

  /** All that an escape could change. */
  const state = async () => {
    const look = (path: string) => engine.must('GET', path, { query: { all: '1' } })
    const listed = z.array(z.object({ Id: z.string() })).parse(await look('/containers/json'))
    const seen = await Promise.all(listed.map(({ Id }) => look(`/containers/${Id}/json`)))
    const whole = seen.map((one) => Whole.parse(one))
    return {
      containers: whole.map(({ Id, Config, HostConfig, ...rest }) => {
        const { Status, Pid } = z
          .object({ Status: z.string(), Pid: z.number() })
          .parse(rest['State'])
        return { Id, Name: rest['Name'], Config, HostConfig, Status, Pid }
      }),
      images: z
        .array(z.object({ Id: z.string() }))
        .parse(await look('/images/json'))
        .map(({ Id }) => Id)
        .toSorted(),
      volumes: await look('/volumes'),
      networks: z
        .array(z.object({ Name: z.string() }))
        .parse(await look('/networks'))
        .map(({ Name }) => Name)
        .toSorted(),
    }
  }

  /** As somebody asks who has Backout's own socket, and knows all that Backout knows. */
  const own = async () => {
    const { id } = await container(engine, 'shop-backend-1')
    const { Config, HostConfig } = Whole.parse(await engine.must('GET', `/containers/${id}/json`))
    const RestartPolicy = { Name: 'no', MaximumRetryCount: 0 }
    const labels = z.record(z.string(), z.string()).parse(Config['Labels'])
    return {
      id,
      body: {
        ...Config,
        Hostname: '',
        Image: images.bad.id,
        Labels: { ...labels, 'backout.mark': 'x' },
        HostConfig: { ...HostConfig, RestartPolicy },
      },
    }
  }
  const path = '/v1.41/containers/create?name=escape'

  test('who asks as Backout does is let through, so that what follows is refused for what it is', async () => {
    const { body } = await own()
    const raw = engineClient(proxied.socketPath)
    const made = await raw.request('POST', path, { body })
    expect(made).toMatchObject({ status: 201 })
    const { Id } = z.object({ Id: z.string() }).parse(JSON.parse(made.text))
    expect((await raw.request('DELETE', `/containers/${Id}`)).status).toBe(204)
  })

  test('an Engine does take keys of another case, and the last of two: a list of paths would not be enough', async () => {
    const { body } = await own()
    const name = { name: 'direct' }
    const asked = {
      ...body,
      HostConfig: undefined,
      hostCONFIG: { privileged: true, BINDS: ['/:/host'] },
    }
    const made = await engine.must('POST', '/containers/create', { query: name, body: asked })
    const { Id } = z.object({ Id: z.string() }).parse(made)
    const seen = Whole.parse(await engine.must('GET', `/containers/${Id}/json`))
    expect(seen.HostConfig).toMatchObject({ Privileged: true, Binds: ['/:/host'] })
    await engine.must('DELETE', `/containers/${Id}`)
  })

  test('what is refused has no effect, whatever way is tried', async () => {
    const { id, body } = await own()
    const stranger = (await container(engine, 'database')).id
    const backout = (await container(engine, 'backout')).id
    const kept = (await container(engine, 'shop-backend-1-kept-a')).id
    const before = await state()
    const raw = engineClient(proxied.socketPath)
    const host = (more: object) => ({ ...body, HostConfig: { ...body.HostConfig, ...more } })
    const text = JSON.stringify(body)
    const creates: readonly unknown[] = [
      host({ Privileged: true }),
      host({ Binds: ['/:/host'] }),
      host({ binds: ['/:/host'] }),
      host({ Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }] }),
      host({ Devices: [{ PathOnHost: '/dev/mem', PathInContainer: '/dev/mem' }] }),
      host({ CapAdd: ['ALL'] }),
      host({ PidMode: 'host' }),
      host({ PidMode: `container:${stranger}` }),
      host({ IpcMode: 'host' }),
      host({ NetworkMode: 'host' }),
      host({ NetworkMode: `container:${stranger}` }),
      host({ SecurityOpt: ['apparmor=unconfined', 'seccomp=unconfined'] }),
      host({ VolumesFrom: [backout] }),
      host({ CgroupParent: '/' }),
      host({ Sysctls: { 'net.ipv4.ip_forward': '1' } }),
      { ...body, hostconfig: { Privileged: true } },
      { ...body, User: '0' },
      { ...body, Cmd: ['/bin/sh', '-c', 'id'] },
      { ...body, Entrypoint: ['/bin/sh'] },
      { ...body, Env: [`MONGODB_URI=mongodb://evil/shop`] },
      { ...body, Labels: {} },
      { Image: images.bad.id, HostConfig: { Privileged: true } },
      Buffer.from(`${text.slice(0, -1)},"HostConfig":{"Privileged":true}}`),
      Buffer.from(`${text}{"HostConfig":{"Privileged":true}}`),
      Buffer.from(text.slice(0, -1)),
    ]
    for (const asked of creates) {
      const answer = await raw.request('POST', path, { body: asked })
      expect(answer.status, JSON.stringify(asked).slice(0, 300)).toBe(403)
      expect(answer.text).toMatch(/^\{"message":"[A-Z].*\."\}$/)
    }
    const others: readonly (readonly [string, string, object?])[] = [
      ['POST', `/containers/${id}/exec`, { Cmd: ['id'] }],
      ['POST', `/containers/${id}/attach?stream=1&stdin=1`],
      ['POST', `/containers/${id}/update`, { Memory: 0, RestartPolicy: { Name: 'no' } }],
      ['POST', `/containers/${id}/kill`],
      ['PUT', `/containers/${id}/archive?path=/`],
      ['GET', `/containers/${id}/export`],
      ['POST', `/containers/${kept}/start`],
      ...['start', 'stop', 'rename?name=x', 'update'].flatMap((what) =>
        [stranger, backout].map((one) => ['POST', `/containers/${one}/${what}`, {}] as const),
      ),
      ...[stranger, backout].flatMap((one) => [
        ['DELETE', `/containers/${one}`] as const,
        ['GET', `/containers/${one}/logs?tail=10&stdout=true`] as const,
      ]),
      ['POST', '/networks/metrics/connect', { Container: stranger }],
      ['POST', `/commit?container=${stranger}&repo=backout-kept/backend&tag=x&pause=false`, {}],
      ['DELETE', `/images/${images.good.id}?force=false&noprune=true`],
      ['DELETE', `/images/${images.good.reference}?force=false&noprune=true`],
      ['DELETE', '/images/backout-kept/backend:a?force=true&noprune=true'],
      ['POST', '/images/create?fromSrc=-&repo=evil'],
      ['POST', `/images/create?fromImage=${registry.address}/other&tag=${images.good.id}`],
      ['POST', '/build?t=evil'],
      ['POST', '/volumes/create', { Name: 'evil' }],
      ['POST', '/networks/create', { Name: 'evil' }],
      ['POST', '/containers/prune'],
      ['POST', '/v1.41/../containers/create?name=x', host({ Privileged: true })],
      ['POST', '//containers/create?name=x', host({ Privileged: true })],
      ['POST', '/%63ontainers/create?name=x', host({ Privileged: true })],
    ]
    for (const [method, address, asked] of others) {
      const answer = await raw.request(method, address, { body: asked })
      expect(answer.status, `${method} ${address}`).toBe(403)
      expect(answer.text).not.toContain(secret)
    }
    expect(await state()).toEqual(before)
    const shown = await raw.request('GET', `/containers/${stranger}/json`)
    expect(shown.status).toBe(200)
    expect(Object.keys(JSON.parse(shown.text)).toSorted()).toEqual(['HostConfig', 'Id'])
    expect(shown.text).not.toContain(secret)
  })

  test('an upgrade to a connection of its own is given to nobody', async () => {
    const { id } = await own()
    const answer = await new Promise<number | 'upgraded'>((resolve, reject) => {
      const headers = { connection: 'upgrade', upgrade: 'tcp' }
      const to = {
        socketPath: proxied.socketPath,
        method: 'POST',
        path: `/containers/${id}/attach`,
      }
      const asked = httpRequest({ ...to, headers })
      asked.once('error', reject)
      asked.once('upgrade', () => resolve('upgraded'))
      asked.once('response', ({ statusCode }) => resolve(statusCode ?? 0))
      asked.end()
    })
    expect(answer).toBe(403)
  })

  test('of the others on the host it is told that they are there, and nothing that is a secret', async () => {
    const raw = engineClient(proxied.socketPath)
    const all = await raw.request('GET', '/containers/json', { query: { all: 'true' } })
    const found = z.array(z.object({ Names: z.array(z.string()) })).parse(JSON.parse(all.text))
    expect(found.filter(({ Names }) => Names.length === 0)).toHaveLength(2)
    expect(all.text).not.toContain(secret)
    expect(all.text).not.toContain('/database')
    expect(JSON.parse((await raw.request('GET', '/info')).text)).toEqual({
      ID: expect.any(String),
      SystemTime: expect.any(String),
      Name: expect.any(String),
      ServerVersion: expect.any(String),
      OSType: 'linux',
      Architecture: expect.any(String),
    })
  })
})
