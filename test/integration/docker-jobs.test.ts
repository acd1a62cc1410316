import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { DockerAddress } from '../../src/adapters/docker/client/dial.ts'
import { dockerJobs } from '../../src/adapters/docker/jobs/jobs.ts'
import type { ConfiguredJob } from '../../src/adapters/docker-proxy/job.ts'
import type { Job, Jobs } from '../../src/ports/jobs.ts'
import { emptyEngine, engineClient } from '../servers/docker/client.ts'
import { eventually } from '../servers/eventually.ts'
import { container, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { buildImage, pushImage } from '../servers/docker/images.ts'
import { startRegistry, type Registry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { JOB, jobsContract, type JobsSubject } from '../support/contracts/jobs.ts'
import { closedPort, faultOf, silentServer } from '../support/contracts/outside.ts'
import { dockerProxy } from '../support/docker-proxy.ts'
import { proxiedEngine } from '../support/proxied-engine.ts'

const network = 'shop_default'
const secret = 'mongodb://migration:tr0ub4dor@db/shop'
const environment = { MIGRATION_MONGODB_URI: secret }
const KEY = '20261122-abcd/plan-2/step-3'
const soon = () => AbortSignal.timeout(60_000)
const asked = (more: object = {}) => {
  return { key: KEY, cause: 'backout 20261122-abcd plan 2', dryRun: false, signal: soon(), ...more }
}

/** It ends when it is told how, and well where it is asked to stop. */
const WAITS =
  'trap "exit 0" USR1 TERM; trap "exit 3" USR2; echo listening; while :; do sleep 1 & wait $!; done'
const told = (script: string): readonly string[] => ['sh', '-c', script]

const Whole = z.looseObject({
  Config: z.looseObject({ Labels: z.record(z.string(), z.string()), Env: z.array(z.string()) }),
  HostConfig: z.looseObject({}),
  Mounts: z.array(z.unknown()),
  State: z.object({ Status: z.string() }),
})

describe.skipIf(missingAllowed('docker'))('programs that run once on a real Engine', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let registry: Registry
  let image: string

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    registry = stack.use(await startRegistry())
    const built = await buildImage(engine, {
      name: `${registry.address}/shop/backend`,
      version: 'v1',
      // As an image that compose has built says it.
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'backend' },
    })
    image = await pushImage(engine, registry, built)
  })
  afterAll(() => stack.disposeAsync())

  const fresh = async (): Promise<void> => {
    await emptyEngine(engine.socketPath)
    await engine.must('POST', '/networks/create', { body: { Name: network } })
  }
  const at = (address: DockerAddress, place = { network, environment }) => {
    const jobs = dockerJobs({ host: { name: 'shop-1', ...address }, place })
    onTestFinished(() => jobs.close())
    return jobs
  }
  const configured = (command: readonly string[]): ConfiguredJob => ({
    image,
    command,
    network,
    variables: JOB.variables,
    environment: Object.keys(environment),
  })
  const proxied = async (command: readonly string[] = told(WAITS)) => {
    const proxy = await proxiedEngine(
      engine.socketPath,
      { backend: { project: 'shop', service: 'backend' } },
      {},
      configured(command),
    )
    onTestFinished(() => proxy.stop())
    return proxy
  }
  const job = (more: Partial<Job> = {}): Job => ({ ...JOB, image, command: told(WAITS), ...more })

  /** The contract's own program, in an image that is there. */
  const waiting = (jobs: Jobs): Jobs => ({
    ...jobs,
    start: (wanted, options) =>
      jobs.start({ ...wanted, image, command: told(WAITS) }, { ...options, signal: soon() }),
  })
  const listening = (name: string) =>
    eventually(
      () => engine.request('GET', `/containers/${name}/logs`, { query: { stdout: '1' } }),
      ({ text }) => text.includes('listening'),
    )
  const end = async (name: string, how: 'well' | 'badly'): Promise<void> => {
    await listening(name)
    const signal = how === 'well' ? 'SIGUSR1' : 'SIGUSR2'
    await engine.must('POST', `/containers/${name}/kill`, { query: { signal } })
    await untilContainer(engine, name, { status: 'exited' })
  }
  const subject = (over: () => Promise<string>): JobsSubject => ({
    async start() {
      await fresh()
      return { jobs: waiting(at({ socketPath: await over() })), end }
    },
    async refused() {
      await fresh()
      const place = { network: 'elsewhere', environment }
      return waiting(at({ socketPath: engine.socketPath }, place))
    },
    refusing: async () => at({ host: '127.0.0.1', port: await closedPort() }),
    silent: async () => at(await silentServer()),
  })

  jobsContract(
    'docker',
    subject(async () => engine.socketPath),
  )
  jobsContract(
    'docker behind the proxy',
    subject(async () => (await proxied()).socketPath),
  )

  const whole = async (name = JOB.name) =>
    Whole.parse(await engine.must('GET', `/containers/${name}/json`))

  test('it has no rights, nothing of the host, and nothing that compose knows; it is told and handed what the settings say', async () => {
    await fresh()
    const jobs = at({ socketPath: engine.socketPath })
    expect(await jobs.start(job(), asked())).toEqual({ kind: 'started' })
    const { Config, HostConfig, Mounts } = await whole()
    expect(HostConfig).toMatchObject({
      Privileged: false,
      Binds: null,
      CapDrop: ['ALL'],
      CapAdd: null,
      NetworkMode: network,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      SecurityOpt: ['no-new-privileges:true'],
      AutoRemove: false,
    })
    expect(Mounts).toEqual([])
    expect(Config.Env).toEqual(
      expect.arrayContaining([
        'BACKOUT_COLLECTIONS=users,documents',
        `MIGRATION_MONGODB_URI=${secret}`,
      ]),
    )
    expect(Config.Labels).toMatchObject({
      'com.docker.compose.project': '',
      'com.docker.compose.service': '',
      'backout.role': 'job',
      'backout.mark': KEY,
    })
  })

  test('an image that is not there is pulled when it is started, and not before', async () => {
    await fresh()
    const jobs = at({ socketPath: (await proxied(told('exit 0'))).socketPath })
    for (const name of [image, `${image.split('@')[0]}:v1`]) {
      await engine.request('DELETE', `/images/${name}`)
    }
    const wanted = job({ command: told('exit 0') })
    expect(await jobs.start(wanted, asked({ dryRun: true }))).toEqual({ kind: 'started' })
    expect((await engine.request('GET', `/images/${image}/json`)).status).toBe(404)
    expect(await jobs.start(wanted, asked())).toEqual({ kind: 'started' })
    await untilContainer(engine, JOB.name, { status: 'exited' })
    expect(await jobs.find(JOB.name, KEY, soon())).toEqual({ kind: 'succeeded' })
  })

  test('one for another machine is refused before it is started, also when it is only tried', async () => {
    await fresh()
    await using between = await dockerProxy(engine.socketPath)
    between.answer(/GET \/version/, 200, JSON.stringify({ Os: 'linux', Arch: 'riscv64' }))
    const jobs = at({ socketPath: between.socketPath })
    for (const dryRun of [true, false]) {
      expect(await jobs.start(job(), asked({ dryRun }))).toEqual({
        kind: 'refused',
        because: expect.stringMatching(/for linux\/\w+, and this host is linux\/riscv64$/),
      })
    }
    expect(await jobs.find(JOB.name, KEY, soon())).toEqual({ kind: 'none' })
  })

  test('one that cannot start has never run, and its name is free again', async () => {
    await fresh()
    const jobs = at({ socketPath: engine.socketPath })
    const answer = await jobs.start(job({ command: ['/no/such/program'] }), asked())
    expect(answer).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/no such file/),
    })
    expect(await jobs.find(JOB.name, KEY, soon())).toEqual({ kind: 'none' })
  })

  test('how it failed is said with its last words, and with no secret that it was handed', async () => {
    await fresh()
    const jobs = at({ socketPath: engine.socketPath })
    // Both to one stream: which of two the Engine reads first is chance.
    const command = told('echo begun >&2; echo "no rights at $MIGRATION_MONGODB_URI" >&2; exit 7')
    await jobs.start(job({ command }), asked())
    await untilContainer(engine, JOB.name, { status: 'exited' })
    const found = await jobs.find(JOB.name, KEY, soon())
    expect(found).toEqual({
      kind: 'failed',
      says: expect.stringMatching(
        /^it failed \(status 7: no rights at .*; see docker logs backout-20261122-abcd-p2 on shop-1\)$/,
      ),
    })
    expect(JSON.stringify(found)).not.toContain('tr0ub4dor')
  })

  test.each(['directly', 'behind the proxy'])(
    'one whose time is over is ended by whoever looks: %s',
    async (how) => {
      await fresh()
      const socketPath = how === 'directly' ? engine.socketPath : (await proxied()).socketPath
      const jobs = at({ socketPath })
      // It does not end by itself.
      await jobs.start(job({ seconds: 0 }), asked())
      await listening(JOB.name)
      let found = await jobs.find(JOB.name, KEY, soon())
      while (found.kind === 'running') found = await jobs.find(JOB.name, KEY, soon())
      expect(found).toMatchObject({
        kind: 'failed',
        says: expect.stringMatching(/its time was over/),
      })
      expect((await container(engine, JOB.name)).status).toBe('exited')
    },
  )

  test('one that somebody else looks for is never ended', async () => {
    await fresh()
    const jobs = at({ socketPath: engine.socketPath })
    await jobs.start(job({ seconds: 0 }), asked())
    expect(await jobs.find(JOB.name, 'another', soon())).toEqual({ kind: 'another' })
    expect((await container(engine, JOB.name)).status).toBe('running')
  })

  test.each([
    ['of the create', /^POST \/containers\/create/, 'created'],
    ['of the start', /^POST \/containers\/[0-9a-f]+\/start/, 'running'],
  ])(
    'where the answer %s got lost, it is not known what became of it, and it is not started again',
    async (_, to, status) => {
      await fresh()
      const between = await dockerProxy(engine.socketPath)
      onTestFinished(() => between[Symbol.asyncDispose]())
      between.loseAnswers(to)
      const jobs = at({ socketPath: between.socketPath })
      const fault = await faultOf(jobs.start(job(), asked()))
      expect(fault).toMatchObject({ kind: 'unknown-outcome' })
      await untilContainer(engine, JOB.name, { status })
      expect(await jobs.find(JOB.name, KEY, soon())).toMatchObject({ kind: 'running' })
      const directly = at({ socketPath: engine.socketPath })
      expect(await directly.start(job(), asked())).toEqual({ kind: 'exists' })
      expect((await container(engine, JOB.name)).status).toBe(status)
    },
  )

  test('one that has ended is not started again, whoever asks the proxy for it, and nothing else is let through than that one', async () => {
    await fresh()
    const { socketPath, refusals } = await proxied()
    const jobs = at({ socketPath })
    await jobs.start(job(), asked())
    await end(JOB.name, 'well')
    const { id } = await container(engine, JOB.name)
    const hostile = at({ socketPath })
    expect(await hostile.start(job(), asked({ key: 'b' }))).toEqual({ kind: 'exists' })
    const raw = engineClient(socketPath)
    for (const what of ['start', 'stop', 'rename?name=x', 'update', 'restart']) {
      const { status } = await raw.request('POST', `/containers/${id}/${what}`)
      expect(status, what).toBe(what === 'stop' ? 304 : 403)
    }
    expect((await raw.request('DELETE', `/containers/${id}`)).status).toBe(403)
    const others: readonly Partial<Job>[] = [
      { command: told('id') },
      { image: image.replace(/@.*/, `@sha256:${'a'.repeat(64)}`) },
      { variables: { BACKOUT_COLLECTIONS: 'projects' } },
      { name: 'backend' },
    ]
    for (const other of others) {
      const answer = await hostile
        .start(job({ name: 'backout-20261122-abcd-p3', ...other }), asked())
        .catch((error: unknown) => ({ kind: 'refused', because: String(error) }))
      expect(answer, JSON.stringify(other)).toMatchObject({ kind: 'refused' })
    }
    expect(refusals().length).toBeGreaterThan(others.length)
    expect((await whole()).State.Status).toBe('exited')
  })
})
