import { describe, expect, test } from 'vitest'
import { versionOf } from '../../../src/domain/workload/workload.ts'
import type {
  Container,
  ContainerWrite,
  ContainerWritten,
  Containers,
  Happening,
  ImageId,
  PullProgress,
} from '../../../src/ports/containers.ts'
import type { Sharer } from '../../../src/ports/sharers.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

/** How every stage calls its one host. */
export const hostName = 'shop-1'

/**
 * One host, {@link hostName}, on which compose has started two services from a file that names their images by tag:
 *
 * - `backend`, of `images.bad`: it publishes no port, has a volume `uploads` at `/var/lib/app`, is found as
 *   `backend` in its network, has a variable `MONGODB_URI` with a secret in it, writes that secret and `starting` into
 *   its log, and has written something into its own file system.
 * - `frontend`, which publishes a port and depends on `backend`.
 *
 * Both are to run `unless-stopped`, have the health check of their image, and are healthy. Beside them runs a
 * `stranger` that belongs to no service of the settings. Nobody else writes.
 */
export type ContainersFixture = {
  readonly containers: Containers
  /** As their settings have it. Seconds. */
  readonly stopSeconds: number
  /**
   * Images of `backend` that lie on the host; each says its version and commit. `good` is `v1.9.0` and can be
   * pulled; `bad` is `v2.0.0`; the health check of `unhealthy` says `no database` and fails; `exits` ends at
   * once with code 3.
   */
  readonly images: {
    readonly good: ImageId & { readonly digest: string }
    readonly bad: ImageId
    readonly unhealthy: ImageId
    readonly exits: ImageId
  }
  /** An image that the registry does not have any more, nor the host. */
  readonly gone: ImageId & { readonly digest: string }
  /** The id of the container that belongs to no service. */
  readonly stranger: string
  readonly secrets: readonly string[]
  /** What somebody else does on that host. Names are names of containers. */
  readonly others: {
    /** `docker rm -f`. */
    readonly remove: (name: string) => Promise<void>
    readonly restart: (name: string) => Promise<void>
    /** `compose up -d --force-recreate`: by its labels, from the file; the name is the same, the id is not. */
    readonly composeUp: (service: string) => Promise<void>
    /** The same after the service got another variable in the file. */
    readonly composeUpEdited: (service: string) => Promise<void>
    readonly removeImage: (image: ImageId) => Promise<void>
    /** Runs one of no service that shares the network, the processes or the memory of another one. */
    readonly share: (name: string, what: Sharer['what'], by: string) => Promise<void>
  }
  /** As the host itself shows a container. */
  readonly inspect: (id: string) => Promise<{
    readonly labels: Readonly<Record<string, string>>
    readonly restartPolicy: string
  }>
  /** Names of the volumes on the host. */
  readonly volumes: () => Promise<readonly string[]>
  /** Names of the images on the host: `shop/backend:v1.9.0`. */
  readonly imageNames: () => Promise<readonly string[]>
  /** Time goes by. */
  readonly pass: (ms: number) => Promise<void>
}

export type ContainersSubject = Outside<Containers> & {
  readonly start: () => Promise<ContainersFixture>
}

type Create = Extract<ContainerWrite, { kind: 'create' }>
type Change = ContainerWrite extends infer Write
  ? Write extends { readonly host: string }
    ? Omit<Write, 'host'>
    : never
  : never

const services = ['backend', 'frontend']
const absentId = 'f00d'.repeat(16)
const absentSha256 = '0'.repeat(64)

/** A container takes its time to end. */
const untilEnded = (): AbortSignal => AbortSignal.timeout(30_000)

const write = (
  { containers }: Pick<ContainersFixture, 'containers'>,
  change: Change,
  signal = untilEnded(),
): Promise<ContainerWritten> => containers.write({ host: hostName, ...change }, signal)

const seenIn = ({ containers }: ContainersFixture): Promise<readonly Container[]> =>
  containers.sightings(services, patience())

const named = async (fixture: ContainersFixture, name: string): Promise<Container> => {
  const found = (await seenIn(fixture)).find((one) => one.name === name)
  if (!found) throw new Error(`there is no container ${name}`)
  return found
}

/** The one that serves, where there is only that one. */
const servingOf = async (fixture: ContainersFixture, service: string): Promise<Container> => {
  const all = (await seenIn(fixture)).filter((one) => one.service === service)
  const [only, ...others] = all.filter(({ role }) => role === 'serving')
  if (!only || others.length > 0) throw new Error(`not one container serves ${service}`)
  return only
}

/** Looks until it is so; what it saw on the way comes with it, the last look at the end. */
const watch = async (
  fixture: ContainersFixture,
  name: string,
  good: (seen: Container) => boolean,
): Promise<{ readonly seen: readonly Container[]; readonly last: Container }> => {
  const seen: Container[] = []
  for (let turn = 0; turn < 300; turn += 1) {
    const last = await named(fixture, name)
    seen.push(last)
    if (good(last)) return { seen, last }
    await fixture.pass(50)
  }
  throw new Error(`it never came to be: ${JSON.stringify(seen.at(-1))}`)
}

const like = (seen: Container, image: ImageId, other: Partial<Create> = {}): Change => ({
  kind: 'create',
  like: seen.id,
  sha256: seen.sha256,
  image,
  name: `${seen.name}-next`,
  service: seen.service,
  role: 'serving',
  mark: 'write-1',
  ...other,
})

const done: ContainerWritten = { kind: 'done' }
const changedMeanwhile = { kind: 'changed-meanwhile', because: expect.stringMatching(/./) }
const refused = { kind: 'refused', because: expect.stringMatching(/./) }

/** Without what goes on by itself. */
const still = (one: Container) => ({ ...one, runningMs: one.runningMs === null ? null : 0 })

/** The same one after it was started once more. */
const expectStartedAgain = (last: Container, before: Container): void => {
  expect({ ...still(last), startedAt: before.startedAt }).toEqual(still(before))
  expect(startedMs(last)).toBeGreaterThan(startedMs(before))
}

/** `NaN` of one that was never started. */
const startedMs = ({ startedAt }: Container): number => Date.parse(startedAt ?? '')

/** What a successor has of it, whatever its image and its name. */
const inherited = (one: Container) => {
  const { service, sha256, publishesPorts, stopSeconds, aliases, volumes, dependsOn } = one
  return { service, sha256, publishesPorts, stopSeconds, aliases, volumes, dependsOn }
}

/** What others have written on it: neither ours nor its image's. */
const othersLabels = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(labels).filter(([name]) => !/^(backout|org\.opencontainers)\./.test(name)),
  )

/** A container like `backend` of an image, that was started. */
const started = async (fixture: ContainersFixture, image: ImageId, restartPolicy = 'no') => {
  const backend = await servingOf(fixture, 'backend')
  const name = `${backend.name}-next`
  expect(await write(fixture, like(backend, image, { name }))).toEqual(done)
  const { id } = await named(fixture, name)
  expect(await write(fixture, { kind: 'start', id, restartPolicy })).toEqual(done)
  return { backend, name, id }
}

/** A kept one like `backend`. */
const kept = async (fixture: ContainersFixture) => {
  const backend = await servingOf(fixture, 'backend')
  const name = `${backend.name}-kept`
  const change = like(backend, backend.image, { name, role: 'kept' })
  expect(await write(fixture, change)).toEqual(done)
  return { backend, name, twin: await named(fixture, name) }
}

const stopped = async (fixture: ContainersFixture, service: string): Promise<Container> => {
  const { id, name } = await servingOf(fixture, service)
  expect(await write(fixture, { kind: 'stop', id })).toEqual(done)
  return named(fixture, name)
}

export function containersContract(name: string, subject: ContainersSubject): void {
  describe(`${name} keeps the promises of Containers`, () => {
    looks(subject)
    following(subject)
    creating(subject)
    variables(subject)
    startingAndStopping(subject)
    namesAndEnds(subject)
    keeping(subject)
    inThePlaceOf(subject)
    strangers(subject)
    sharing(subject)
    images(subject)
    outsideContract(subject, outsideQuestions)
  })
}

function looks(subject: ContainersSubject): void {
  test('a sighting tells all of a running container', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    const frontend = await servingOf(fixture, 'frontend')
    const { stopSeconds, images: of } = fixture
    const both = { host: hostName, stopSeconds, role: 'serving', mark: null, state: 'running' }
    const well = { health: 'healthy', trouble: null, restarts: 0, restartPolicy: 'unless-stopped' }
    expect(backend).toMatchObject({ ...both, ...well, service: 'backend', publishesPorts: false })
    expect(frontend).toMatchObject({ ...both, ...well, service: 'frontend', publishesPorts: true })
    expect(backend.image.id).toBe(of.bad.id)
    expect(versionOf(backend.image.reference)).toBe('v2.0.0')
    expect(backend.labels.version).toBe('v2.0.0')
    expect(backend.labels.commit).toMatch(/^[0-9a-f]{40}$/)
    expect(backend.volumes).toEqual([expect.stringMatching(/uploads at \/var\/lib\/app$/)])
    expect(backend.aliases).toContainEqual(expect.stringMatching(/^[^/]+\/backend$/))
    expect(backend.aliases.join()).not.toContain(backend.id.slice(0, 12))
    expect([backend.dependsOn, frontend.dependsOn]).toEqual([[], ['backend']])
    for (const one of [backend, frontend]) {
      expect(one.id).toMatch(/^[0-9a-f]{64}$/)
      expect(one.sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(one.name).toMatch(/^[^/]+$/)
      expect(one.runningMs).toBeGreaterThan(0)
      expect(Date.parse(one.createdAt)).toBeGreaterThan(0)
      expect(startedMs(one)).toBeGreaterThanOrEqual(Date.parse(one.createdAt))
      expect(one.obstacles).toEqual([])
    }
    expect(backend.sha256).not.toBe(frontend.sha256)
  })

  test('only what was asked for is told, and what is not there is left out', async () => {
    const { containers } = await subject.start()
    const seen = async (asked: readonly string[]) =>
      (await containers.sightings(asked, patience())).map(({ service }) => service)
    expect((await seen(services)).toSorted()).toEqual(services)
    expect(await seen(['frontend', 'no-such-service'])).toEqual(['frontend'])
    expect(await seen(['no-such-service'])).toEqual([])
  })

  test('the list has each service once, with what runs', async () => {
    const { containers } = await subject.start()
    const listed = await containers.list([...services, 'no-such-service'], patience())
    expect(listed.map(({ service }) => service).toSorted()).toEqual(services)
    const backend = listed.find(({ service }) => service === 'backend')
    expect(backend?.current?.images.map(versionOf)).toEqual(['v2.0.0'])
    expect(backend).toMatchObject({ desired: 1, ready: 1, restarts: 0, troubles: [] })
    expect(backend).toMatchObject({ paused: false, ownedBy: null, servedBy: null })
  })

  test('the list says in the words of the host why a service is not ready', async () => {
    const fixture = await subject.start()
    await stopped(fixture, 'backend')
    const { name } = await started(fixture, fixture.images.unhealthy)
    await watch(fixture, name, ({ health }) => health === 'unhealthy')
    const [backend] = await fixture.containers.list(['backend'], patience())
    expect(backend?.ready).toBe(0)
    expect(backend?.troubles.join('\n')).toContain('no database')
  })

  test('the same world is read the same twice, and no look changes it', async () => {
    const fixture = await subject.start()
    const { containers, images: of } = fixture
    const look = async () => [
      (await seenIn(fixture)).map(still),
      await containers.list(services, patience()),
      await containers.localImages(services, patience()),
      await containers.imageAt(hostName, of.good, patience()),
      await fixture.imageNames(),
      await fixture.volumes(),
    ]
    const before = await look()
    await textsOf(fixture)
    await containers.logs('backend', { tail: 5, signal: patience() })
    expect(await look()).toEqual(before)
  })

  test('the last lines of the log are read, and no more, without the secrets in them', async () => {
    const { containers, secrets } = await subject.start()
    const signal = patience()
    const [tail, ...others] = await containers.logs('backend', { tail: 1, signal })
    expect(others).toEqual([])
    expect(tail?.lines).toHaveLength(1)
    const whole = await containers.logs('backend', { tail: 1_000, signal })
    const text = whole.flatMap(({ lines }) => lines).join('\n')
    expect(text).toContain('starting')
    expect(text).toContain('***')
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(await containers.logs('no-such-service', { tail: 2, signal })).toEqual([])
  })

  test('evidence holds the container and what it wrote, and no secret', async () => {
    const fixture = await subject.start()
    const { id } = await servingOf(fixture, 'backend')
    const texts = await textsOf(fixture)
    const names = [...texts.keys()]
    expect(names.filter((one) => !one.startsWith('backend/'))).toEqual([])
    const ending = (end: string) =>
      names.filter((one) => one.endsWith(end)).map((one) => texts.get(one) ?? '')
    for (const one of ending('.json')) JSON.parse(one)
    const objects = ending('.json').join('\n')
    expect(objects).toContain(id)
    expect(objects).toContain('MONGODB_URI')
    expect(objects).toContain('[redacted]')
    expect(ending('.log').join('\n')).toContain('starting')
    expect(ending('.log').join('\n')).toContain('***')
    const whole = [...texts.values()].join('\n')
    for (const secret of fixture.secrets) expect(whole).not.toContain(secret)
    expect(await textsOf(fixture, 'no-such-service')).toEqual(new Map())
  })

  test('what somebody else restarts is the same container, that runs for less long', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    await fixture.pass(1_000)
    await fixture.others.restart(before.name)
    const { last } = await watch(fixture, before.name, ({ health }) => health === 'healthy')
    expectStartedAgain(last, before)
    const { runningMs: longer } = await servingOf(fixture, 'frontend')
    expect(last.runningMs).toBeLessThan(longer ?? 0)
  })

  test('another variable in its file is another hash; the same file is the same one', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    await fixture.others.composeUp('backend')
    const again = await servingOf(fixture, 'backend')
    expect(again.id).not.toBe(before.id)
    expect(again).toMatchObject({ name: before.name, sha256: before.sha256, mark: null })
    await fixture.others.composeUpEdited('backend')
    expect((await servingOf(fixture, 'backend')).sha256).not.toBe(before.sha256)
  })
}

/** Listens from here on; `until`: all of these were told, of whatever containers. */
const listening = async (fixture: ContainersFixture, names = services) => {
  const heard: Happening[] = []
  const over = new AbortController()
  const told = fixture.containers.follow(names, (one) => heard.push(one), over.signal)
  const of = (id: string) => heard.filter((one) => one.id === id).map(({ kind }) => kind)
  return {
    heard,
    of,
    async until(isTold: () => boolean): Promise<void> {
      for (let turn = 0; turn < 200 && !isTold(); turn += 1) await fixture.pass(50)
      if (!isTold()) throw new Error(`it was not told of: ${JSON.stringify(heard)}`)
    },
    async end(): Promise<void> {
      over.abort()
      await told
    },
  }
}

function following(subject: ContainersSubject): void {
  test('what others do to containers is told as it happens, with when, and of no stranger', async () => {
    const fixture = await subject.start()
    const { id: old, name, createdAt } = await servingOf(fixture, 'backend')
    const ears = await listening(fixture)
    await fixture.pass(500)
    await fixture.others.composeUp('backend')
    await fixture.others.restart(`${name.split('-')[0]}-stranger-1`).catch(() => undefined)
    const { id: fresh, host, service } = await servingOf(fixture, 'backend')
    await ears.until(() => ears.of(fresh).includes('started') && ears.of(old).includes('removed'))
    expect(ears.of(fresh)).toEqual(expect.arrayContaining(['made', 'started']))
    const [first] = ears.heard.filter(({ id }) => id === fresh)
    expect(first).toMatchObject({ kind: 'made', host, service })
    // What the host still remembers of others before them is told first.
    for (const { at } of ears.heard.filter(({ id }) => id === old || id === fresh)) {
      expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(createdAt) - 1_000)
    }
    expect(ears.heard.filter(({ id }) => id === fixture.stranger)).toEqual([])
    await ears.end()
  })

  test('what has ended is told with what ran there, and from when to when', async () => {
    const fixture = await subject.start()
    const ears = await listening(fixture)
    await fixture.pass(500)
    const backend = await servingOf(fixture, 'backend')
    const { id, image, labels, sha256, startedAt } = backend
    await fixture.others.composeUp('backend')
    await ears.until(() => ears.of(id).includes('removed'))
    const { run } = ears.heard.find((one) => one.id === id && one.kind === 'ended') ?? {}
    expect(run).toMatchObject({ service: 'backend', host: hostName, id, image, labels, sha256 })
    const [from, to] = [run?.startedAt, run?.endedAt].map((at) => Date.parse(at ?? ''))
    // The two clocks are asked one after the other.
    expect(Math.abs((from ?? Number.NaN) - Date.parse(startedAt ?? ''))).toBeLessThan(2_000)
    expect(to).toBeGreaterThan(from ?? Number.NaN)
    expect(ears.heard.filter((one) => one.run && one.kind !== 'ended')).toEqual([])
    await ears.end()
  })

  test('what this bot does itself is told, too, and nothing once it is ended', async () => {
    const fixture = await subject.start()
    const ears = await listening(fixture, ['backend'])
    await fixture.pass(500)
    const { id, name } = await started(fixture, fixture.images.good)
    await ears.until(() => ears.of(id).includes('started'))
    expect(await write(fixture, { kind: 'rename', id, name: `${name}-aside` })).toEqual(done)
    await ears.until(() => ears.of(id).includes('renamed'))
    expect(ears.heard.findLast((one) => one.id === id)?.name).toBe(`${name}-aside`)
    await ears.end()
    const heard = ears.heard.length
    expect(await write(fixture, { kind: 'stop', id })).toEqual(done)
    await fixture.pass(500)
    expect(ears.heard).toHaveLength(heard)
  })

  test('the list says what made what runs', async () => {
    const fixture = await subject.start()
    const madeBy = async () => (await fixture.containers.list(['backend'], patience()))[0]?.madeBy
    expect(await madeBy()).toBe('docker compose')
    const { backend, id } = await started(fixture, fixture.images.good)
    expect(await write(fixture, { kind: 'stop', id: backend.id })).toEqual(done)
    expect(await write(fixture, { kind: 'remove', id: backend.id, keepChangesAs: null })).toEqual(
      done,
    )
    expect(await madeBy()).toBe('Backout')
    expect(await write(fixture, { kind: 'rename', id, name: backend.name })).toEqual(done)
    await fixture.others.composeUp('backend')
    expect(await madeBy()).toBe('docker compose')
  })
}

function creating(subject: ContainersSubject): void {
  test('one like it of another image is not started, and leaves it alone', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    const next = `${before.name}-next`
    expect(await write(fixture, like(before, fixture.images.good))).toEqual(done)
    const made = await named(fixture, next)
    expect(made).toMatchObject({ ...inherited(before), role: 'serving', mark: 'write-1' })
    expect(made).toMatchObject({ state: 'created', runningMs: null, startedAt: null })
    expect(made).toMatchObject({ restarts: 0, obstacles: [] })
    expect(made.image.id).toBe(fixture.images.good.id)
    expect(versionOf(made.image.reference)).toBe('v1.9.0')
    expect(made.labels.version).toBe('v1.9.0')
    expect(still(await named(fixture, before.name))).toEqual(still(before))

    // Everything that others have written on it is on its successor too, and nothing starts that.
    const [old, other] = [await fixture.inspect(before.id), await fixture.inspect(made.id)]
    expect(othersLabels(other.labels)).toEqual(othersLabels(old.labels))
    expect(Object.keys(other.labels).join()).toContain('com.docker.compose.config-hash')
    expect(other.restartPolicy).toBe('no')
  })

  test('nothing is made like a container that is not what was seen', async () => {
    const fixture = await subject.start()
    const seen = await servingOf(fixture, 'backend')
    const { good } = fixture.images
    const others: readonly Partial<Create>[] = [{ like: absentId }, { sha256: absentSha256 }]
    for (const other of others) {
      expect(await write(fixture, like(seen, good, other))).toEqual(changedMeanwhile)
    }
    await fixture.others.composeUp('backend')
    expect(await write(fixture, like(seen, good))).toEqual(changedMeanwhile)
    await fixture.others.remove(seen.name)
    expect(await write(fixture, like(seen, good))).toEqual(changedMeanwhile)
    expect((await seenIn(fixture)).map(({ service }) => service)).toEqual(['frontend'])
  })

  test('nothing is made under a name that is taken', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    const { name: taken } = await servingOf(fixture, 'frontend')
    const before = (await seenIn(fixture)).map(still)
    for (const one of [backend.name, taken]) {
      const change = like(backend, fixture.images.good, { name: one })
      expect(await write(fixture, change)).toEqual(changedMeanwhile)
    }
    expect((await seenIn(fixture)).map(still)).toEqual(before)
  })

  test('of those who make the same one at once one wins', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    const marks = ['one', 'two', 'three', 'four']
    const written = await Promise.all(
      marks.map((mark) => write(fixture, like(backend, fixture.images.good, { mark }))),
    )
    const won = marks.filter((_, index) => written[index]?.kind === 'done')
    expect(won).toHaveLength(1)
    expect(written.filter(({ kind }) => kind === 'changed-meanwhile')).toHaveLength(3)
    expect((await named(fixture, `${backend.name}-next`)).mark).toBe(won[0])
  })

  test('nothing is made of an image that is not there, and the host says so', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    const before = (await seenIn(fixture)).map(still)
    expect(await write(fixture, like(backend, fixture.gone))).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/no such image/i),
    })
    expect((await seenIn(fixture)).map(still)).toEqual(before)
  })
}

function startingAndStopping(subject: ContainersSubject): void {
  test('what is stopped has ended, and its host does not start it again', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    const after = await stopped(fixture, 'backend')
    expect(after).toMatchObject({ id: before.id, state: 'exited', runningMs: null })
    expect(after.startedAt).toBe(before.startedAt)
    expect(inherited(after)).toEqual(inherited(before))
    expect((await fixture.inspect(before.id)).restartPolicy).toBe('no')
    // Once more it is stopped already.
    expect(await write(fixture, { kind: 'stop', id: before.id })).toEqual(done)
    const [listed] = await fixture.containers.list(['backend'], patience())
    expect(listed?.ready).toBe(0)
  })

  test('what is started is starting and then healthy, with the restart policy it was given', async () => {
    const fixture = await subject.start()
    const { name, id } = await started(fixture, fixture.images.good, 'on-failure:5')
    const { seen, last } = await watch(fixture, name, ({ health }) => health === 'healthy')
    expect(seen[0]).toMatchObject({ state: 'running', health: 'starting' })
    expect(new Set(seen.map(({ health }) => health))).toEqual(new Set(['starting', 'healthy']))
    expect(last).toMatchObject({ id, state: 'running', trouble: null, restarts: 0 })
    expect(last.restartPolicy).toBe('on-failure:5')
    expect((await fixture.inspect(id)).restartPolicy).toBe('on-failure:5')
    expect(last.runningMs).toBeGreaterThanOrEqual(0)
    // Once more it is started already.
    const again = await write(fixture, { kind: 'start', id, restartPolicy: 'on-failure:5' })
    expect(again).toEqual(done)
    expect(still(await named(fixture, name))).toEqual(still(last))
  })

  test('what was stopped can be started again, and is the same one', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    const { id, name } = await stopped(fixture, 'backend')
    const change = { kind: 'start', id, restartPolicy: before.restartPolicy } as const
    await fixture.pass(50)
    expect(await write(fixture, change)).toEqual(done)
    const { last } = await watch(fixture, name, ({ health }) => health === 'healthy')
    expectStartedAgain(last, before)
  })

  test('what its health check finds ill is unhealthy, in the words of the check', async () => {
    const fixture = await subject.start()
    const { name } = await started(fixture, fixture.images.unhealthy)
    const { seen, last } = await watch(fixture, name, ({ health }) => health === 'unhealthy')
    expect(seen.filter(({ health }) => health === 'healthy')).toEqual([])
    expect(last.state).toBe('running')
    expect(last.trouble).toContain('no database')
  })

  test('what ends at once has exited, and its trouble says with which code', async () => {
    const fixture = await subject.start()
    const { name } = await started(fixture, fixture.images.exits)
    const { seen, last } = await watch(fixture, name, ({ state }) => state === 'exited')
    expect(seen.filter(({ health }) => health === 'healthy')).toEqual([])
    expect(last).toMatchObject({ runningMs: null, restarts: 0 })
    expect(last.trouble).toMatch(/\b3\b/)
  })

  test('what its host starts again and again is counted', async () => {
    const fixture = await subject.start()
    const { name, id } = await started(fixture, fixture.images.exits, 'unless-stopped')
    const { last } = await watch(fixture, name, ({ restarts }) => restarts >= 2)
    expect(last.health).not.toBe('healthy')
    expect(await write(fixture, { kind: 'stop', id })).toEqual(done)
    expect((await named(fixture, name)).state).toBe('exited')
  })

  test('no second one is started on a port of the host, until the first one is stopped', async () => {
    const fixture = await subject.start()
    const frontend = await servingOf(fixture, 'frontend')
    const next = `${frontend.name}-next`
    expect(await write(fixture, like(frontend, frontend.image))).toEqual(done)
    const { id } = await named(fixture, next)
    const start = { kind: 'start', id, restartPolicy: 'unless-stopped' } as const
    expect(await write(fixture, start)).toEqual(refused)
    expect((await named(fixture, next)).runningMs).toBeNull()
    expect((await named(fixture, frontend.name)).state).toBe('running')
    await write(fixture, { kind: 'stop', id: frontend.id })
    expect(await write(fixture, start)).toEqual(done)
    await watch(fixture, next, ({ health }) => health === 'healthy')
  })

  test.each<Change>([
    { kind: 'stop', id: absentId },
    { kind: 'start', id: absentId, restartPolicy: 'no' },
    { kind: 'rename', id: absentId, name: 'another' },
    { kind: 'remove', id: absentId, keepChangesAs: null },
  ])('a container that is not there any more has changed meanwhile ($kind)', async (change) => {
    const fixture = await subject.start()
    const before = (await seenIn(fixture)).map(still)
    expect(await write(fixture, change)).toEqual(changedMeanwhile)
    expect((await seenIn(fixture)).map(still)).toEqual(before)
  })
}

/** One is stopped for another one, which is started right after it. */
function inThePlaceOf(subject: ContainersSubject): void {
  const restartPolicy = 'unless-stopped'

  /** `frontend`, and what is to have its port. */
  const both = async (fixture: ContainersFixture) => {
    const old = await servingOf(fixture, 'frontend')
    expect(await write(fixture, like(old, old.image))).toEqual(done)
    const next = await named(fixture, `${old.name}-next`)
    const among = [
      { id: old.id, name: old.name, state: 'exited' },
      { id: next.id, name: next.name, state: 'created' },
    ] as const
    const stop = { kind: 'stop', id: old.id, next: { id: next.id, restartPolicy } } as const
    return { old, next, stop, start: { kind: 'start', id: next.id, restartPolicy, among } as const }
  }

  test('the next one has its restart policy when the first one is stopped, and is started after it', async () => {
    const fixture = await subject.start()
    const { old, next, stop, start } = await both(fixture)
    expect((await fixture.inspect(next.id)).restartPolicy).toBe('no')
    expect(await write(fixture, stop)).toEqual(done)
    expect(await named(fixture, old.name)).toMatchObject({ state: 'exited', restartPolicy: 'no' })
    expect(await named(fixture, next.name)).toMatchObject({ state: 'created', restartPolicy })
    expect((await fixture.inspect(next.id)).restartPolicy).toBe(restartPolicy)
    expect(await write(fixture, start)).toEqual(done)
    const { last } = await watch(fixture, next.name, ({ health }) => health === 'healthy')
    expect(last).toMatchObject({ id: next.id, restartPolicy })
  })

  test('nothing is started where something else stands there than was named', async () => {
    const fixture = await subject.start()
    const { old, next, stop, start } = await both(fixture)
    // The first one still runs.
    expect(await write(fixture, start)).toEqual(changedMeanwhile)
    expect(await write(fixture, stop)).toEqual(done)
    const [first, second] = start.among
    for (const among of [
      [second],
      [first, { ...second, name: 'renamed' }],
      [{ ...first, state: 'running' as const }, second],
      [first, second, { ...second, id: absentId }],
    ]) {
      expect(await write(fixture, { ...start, among })).toEqual(changedMeanwhile)
    }
    await write(fixture, { kind: 'rename', id: old.id, name: 'another' })
    expect(await write(fixture, start)).toEqual(changedMeanwhile)
    await write(fixture, { kind: 'rename', id: old.id, name: old.name })
    await fixture.others.remove(old.name)
    expect(await write(fixture, start)).toEqual(changedMeanwhile)
    expect((await named(fixture, next.name)).startedAt).toBeNull()
  })

  test('where the next one is not there or is none to be started, the first one runs on as it was', async () => {
    const fixture = await subject.start()
    const { old, next, stop } = await both(fixture)
    const twinName = `${old.name}-kept`
    await write(fixture, like(old, old.image, { name: twinName, role: 'kept' }))
    const twin = await named(fixture, twinName)
    const instead = (id: string) => ({ ...stop, next: { id, restartPolicy } })
    expect(await write(fixture, instead(absentId))).toEqual(changedMeanwhile)
    expect(await write(fixture, instead(twin.id))).toEqual(refused)
    expect(await write(fixture, instead(fixture.stranger))).toEqual(refused)
    expect(still(await named(fixture, old.name))).toEqual(still(old))
    expect((await fixture.inspect(next.id)).restartPolicy).toBe('no')
    for (const id of [twin.id, fixture.stranger]) {
      const among = [{ id, name: twin.name, state: 'created' }] as const
      const start = { kind: 'start', id, restartPolicy, among } as const
      expect(await write(fixture, start)).toEqual(refused)
    }
    expect((await fixture.inspect(twin.id)).restartPolicy).toBe('no')
  })

  test('what runs already gets the restart policy with which it is started once more', async () => {
    const fixture = await subject.start()
    const { id, name } = await servingOf(fixture, 'backend')
    const start = { kind: 'start', id, restartPolicy: 'on-failure:2' } as const
    expect(await write(fixture, start)).toEqual(done)
    expect(await named(fixture, name)).toMatchObject({ id, restartPolicy: 'on-failure:2' })
  })
}

function namesAndEnds(subject: ContainersSubject): void {
  test('what is renamed is the same one under another name', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    const change = { kind: 'rename', id: before.id, name: 'aside' } as const
    expect(await write(fixture, change)).toEqual(done)
    const { name, ...after } = still(await servingOf(fixture, 'backend'))
    const { name: _, ...rest } = still(before)
    expect(name).toBe('aside')
    expect(after).toEqual(rest)
  })

  test('nothing is renamed to a name that is taken', async () => {
    const fixture = await subject.start()
    const { id } = await servingOf(fixture, 'backend')
    const { name: taken } = await servingOf(fixture, 'frontend')
    const before = (await seenIn(fixture)).map(still)
    expect(await write(fixture, { kind: 'rename', id, name: taken })).toEqual(changedMeanwhile)
    expect((await seenIn(fixture)).map(still)).toEqual(before)
  })

  test('what is removed is gone, once, and its volumes stay', async () => {
    const fixture = await subject.start()
    const volumes = await fixture.volumes()
    expect(volumes).toContainEqual(expect.stringContaining('uploads'))
    const { id } = await stopped(fixture, 'backend')
    const change = { kind: 'remove', id, keepChangesAs: null } as const
    expect(await write(fixture, change)).toEqual(done)
    expect((await seenIn(fixture)).map(({ service }) => service)).toEqual(['frontend'])
    expect(await fixture.volumes()).toEqual(volumes)
    expect(await write(fixture, change)).toEqual(changedMeanwhile)
  })

  test('what it had written beside its volumes is kept as an image', async () => {
    const fixture = await subject.start()
    const { id } = await stopped(fixture, 'backend')
    const keepChangesAs = 'backout-kept/backend:changes'
    const before = await fixture.imageNames()
    expect(await write(fixture, { kind: 'remove', id, keepChangesAs })).toEqual(done)
    const added = (await fixture.imageNames()).filter((one) => !before.includes(one))
    expect(added).toEqual([keepChangesAs])
  })

  test('what was kept so is listed with its age and size, and removed by its name and id', async () => {
    const fixture = await subject.start()
    const { id, startedAt } = await stopped(fixture, 'backend')
    const before = await fixture.imageNames()
    const name = 'backout-kept/backend:changes'
    expect(await write(fixture, { kind: 'remove', id, keepChangesAs: name })).toEqual(done)
    const keptImages = () => fixture.containers.keptImages(services, patience())
    const [image, ...others] = await keptImages()
    expect(others).toEqual([])
    expect(image).toMatchObject({ host: hostName, service: 'backend', name })
    // An Engine tells it in whole seconds.
    expect(Date.parse(image!.createdAt)).toBeGreaterThan(Date.parse(startedAt ?? '') - 1_000)
    expect(image!.bytes).toBeGreaterThanOrEqual(0)
    expect(image!.bytes).toBeLessThan(10_000_000)
    expect(await fixture.containers.keptImages(['frontend'], patience())).toEqual([])
    const remove = (changes: { readonly id?: string; readonly name?: string }) =>
      write(fixture, { kind: 'remove-image', id: image!.id, name, ...changes })
    const { id: other, reference } = fixture.images.bad
    expect(await remove({ id: other })).toEqual(changedMeanwhile)
    expect(await remove({ id: other, name: reference })).toEqual(refused)
    expect(await keptImages()).toEqual([image])
    expect(await remove({})).toEqual(done)
    expect(await keptImages()).toEqual([])
    expect(await fixture.imageNames()).toEqual(before)
    expect(await remove({})).toEqual(changedMeanwhile)
  })

  test('what an image takes on the disk of the host is told, and of none that is not there', async () => {
    const { containers, images: of, gone } = await subject.start()
    const { bytes } = await containers.imageAt(hostName, of.good, patience())
    expect(bytes).toBeGreaterThan(100_000)
    expect((await containers.imageAt(hostName, gone, patience())).bytes).toBeNull()
  })

  test('how much is free is a number of bytes, or not known', async () => {
    const { containers } = await subject.start()
    expect((await containers.freeBytes(hostName, patience())) ?? 1).toBeGreaterThan(0)
  })

  test('what runs is not removed', async () => {
    const fixture = await subject.start()
    const before = await servingOf(fixture, 'backend')
    const change = { kind: 'remove', id: before.id, keepChangesAs: null } as const
    expect(await write(fixture, change)).toEqual(refused)
    expect(still(await servingOf(fixture, 'backend'))).toEqual(still(before))
  })
}

function keeping(subject: ContainersSubject): void {
  test('a kept one never runs, and has no sign by which others would start it', async () => {
    const fixture = await subject.start()
    const { backend, name, twin } = await kept(fixture)
    expect(twin).toMatchObject({ ...inherited(backend), role: 'kept', mark: 'write-1' })
    expect(twin).toMatchObject({ state: 'created', runningMs: null })
    expect(twin.image).toEqual(backend.image)
    // What it says is the policy of what is made from it; itself it has none.
    expect(twin.restartPolicy).toBe('unless-stopped')
    const { labels, restartPolicy } = await fixture.inspect(twin.id)
    expect(restartPolicy).toBe('no')
    const signs = Object.keys(labels).filter((one) => one.startsWith('com.docker.compose'))
    expect(signs).toEqual([])
    const start = { kind: 'start', id: twin.id, restartPolicy: 'no' } as const
    expect(await write(fixture, start)).toEqual(refused)
    await fixture.others.composeUp('backend')
    expect(still(await named(fixture, name))).toEqual(still(twin))
  })

  test('a kept one is neither counted nor read as what serves', async () => {
    const fixture = await subject.start()
    const before = await fixture.containers.list(['backend'], patience())
    await kept(fixture)
    const [after] = await fixture.containers.list(['backend'], patience())
    expect(after).toMatchObject({ desired: 1, ready: 1, troubles: [], current: before[0]?.current })
  })

  test('one like the kept one is like the original, also when that is gone', async () => {
    const fixture = await subject.start()
    const { backend, twin } = await kept(fixture)
    const { labels } = await fixture.inspect(backend.id)
    await stopped(fixture, 'backend')
    await write(fixture, { kind: 'remove', id: backend.id, keepChangesAs: null })
    const change = like(twin, twin.image, { name: backend.name, mark: 'write-2' })
    expect(await write(fixture, change)).toEqual(done)
    const { id } = await named(fixture, backend.name)
    const { restartPolicy } = twin
    expect(await write(fixture, { kind: 'start', id, restartPolicy })).toEqual(done)
    const { last } = await watch(fixture, backend.name, ({ health }) => health === 'healthy')
    const { id: _, createdAt: __, startedAt: ___, madeBy: ____, ...rest } = still(backend)
    expect(still(last)).toMatchObject({ ...rest, mark: 'write-2' })
    expect(startedMs(last)).toBeGreaterThan(startedMs(backend))
    expect(othersLabels((await fixture.inspect(id)).labels)).toEqual(othersLabels(labels))
  })

  test('a kept one of what was made from a kept one has the same hash still', async () => {
    const fixture = await subject.start()
    const { backend, twin } = await kept(fixture)
    await write(fixture, like(twin, fixture.images.good, { name: 'second', mark: 'write-2' }))
    const second = await named(fixture, 'second')
    const again = like(second, second.image, { name: 'third', role: 'kept', mark: 'write-3' })
    expect(await write(fixture, again)).toEqual(done)
    const third = await named(fixture, 'third')
    expect(third).toMatchObject({ ...inherited(backend), role: 'kept', mark: 'write-3' })
    expect(third.image.id).toBe(fixture.images.good.id)
  })

  test('a kept one is not made from what is not the same any more', async () => {
    const fixture = await subject.start()
    const { twin } = await kept(fixture)
    const change = like(twin, twin.image, { sha256: absentSha256 })
    expect(await write(fixture, change)).toEqual(changedMeanwhile)
    await fixture.others.remove(twin.name)
    expect(await write(fixture, like(twin, twin.image))).toEqual(changedMeanwhile)
  })
}

function strangers(subject: ContainersSubject): void {
  test('what belongs to no service of the settings is never written to, nor made', async () => {
    const fixture = await subject.start()
    const { stranger: id } = fixture
    const backend = await servingOf(fixture, 'backend')
    const before = await fixture.inspect(id)
    const changes: readonly Change[] = [
      { kind: 'stop', id },
      { kind: 'start', id, restartPolicy: 'always' },
      { kind: 'rename', id, name: 'another' },
      { kind: 'remove', id, keepChangesAs: null },
      like(backend, fixture.images.good, { like: id }),
      like(backend, fixture.images.good, { service: 'no-such-service' }),
    ]
    for (const change of changes) expect(await write(fixture, change)).toEqual(refused)
    expect(await fixture.inspect(id)).toEqual(before)
    expect((await seenIn(fixture)).map(({ service }) => service).toSorted()).toEqual(services)
  })
}

function sharing(subject: ContainersSubject): void {
  test('whoever runs beside the services and shares what is theirs is named, and nobody else', async () => {
    const fixture = await subject.start()
    const { containers, others } = fixture
    const { id, name } = await servingOf(fixture, 'backend')
    const asked = () => containers.sharers(services, patience())
    expect(await asked()).toEqual({ sharing: [], notLooked: [] })
    await others.share(name, 'processes', 'sidecar')
    await others.share(name, 'memory', 'reader')
    await others.share(name, 'network', 'tunnel')
    const { sharing: found, notLooked } = await asked()
    expect(found.toSorted((a, b) => (a.by < b.by ? -1 : 1))).toEqual([
      { host: hostName, id, by: 'reader', what: 'memory' },
      { host: hostName, id, by: 'sidecar', what: 'processes' },
      { host: hostName, id, by: 'tunnel', what: 'network' },
    ])
    expect((await servingOf(fixture, 'backend')).obstacles).toEqual(['tunnel shares its network'])
    expect(notLooked).toEqual([])
    expect(await containers.sharers(['frontend'], patience())).toEqual({
      sharing: [],
      notLooked: [],
    })
  })
}

function images(subject: ContainersSubject): void {
  test('it tells whether an image is on the host, and for which machine', async () => {
    const { containers, images: of, gone } = await subject.start()
    const there = await containers.imageAt(hostName, of.good, patience())
    expect(there).toMatchObject({ host: hostName, id: of.good.id })
    expect(there.platform).toMatch(/^linux\/\w+/)
    expect(there.hostPlatform).toMatch(/^linux\/\w+/)
    const absent = await containers.imageAt(hostName, gone, patience())
    expect(absent).toMatchObject({ host: hostName, id: null, platform: null, volumes: [] })
    expect(absent.hostPlatform).toBe(there.hostPlatform)
  })

  test('other images of the same repository that lie there are told, with what they say', async () => {
    const { containers, images: of } = await subject.start()
    const local = await containers.localImages(['backend'], patience())
    const ids = local.map(({ image }) => image.id)
    expect(ids).toContain(of.good.id)
    expect(ids).not.toContain(of.bad.id)
    const good = local.find(({ image }) => image.id === of.good.id)
    expect(good).toMatchObject({ host: hostName, labels: { version: 'v1.9.0' } })
    expect(good?.image.digest).toBe(of.good.digest)
    expect(versionOf(good?.image.reference ?? '')).toBe('v1.9.0')
    expect(await containers.localImages(['no-such-service'], patience())).toEqual([])
  })

  test('an image is pulled by its digest, and pulling it again is harmless', async () => {
    const fixture = await subject.start()
    const { containers, images: of } = fixture
    await fixture.others.removeImage(of.good)
    const asked = await containers.atRegistry(hostName, of.good, patience())
    expect(asked).toEqual({ kind: 'there' })
    expect((await containers.imageAt(hostName, of.good, patience())).id).toBeNull()
    const told: PullProgress[] = []
    const pull = () =>
      containers.pull(hostName, of.good, (progress) => told.push(progress), untilEnded())
    expect(await pull()).toEqual({ kind: 'there', id: of.good.id })
    expect((await containers.imageAt(hostName, of.good, patience())).id).toBe(of.good.id)
    for (const { done: bytes, total } of told) expect(bytes).toBeLessThanOrEqual(total)
    expect(await pull()).toEqual({ kind: 'there', id: of.good.id })
  })

  test('an image that its registry does not have any more is refused, in words', async () => {
    const { containers, gone } = await subject.start()
    expect(await containers.atRegistry(hostName, gone, patience())).toEqual({
      kind: 'gone',
      because: expect.stringMatching(/ does not have it any more$/),
    })
    const said = await containers.pull(hostName, gone, () => undefined, untilEnded())
    expect(said).toMatchObject({ kind: 'refused', because: expect.stringMatching(/\w+ \w+/) })
    expect((await containers.imageAt(hostName, gone, patience())).id).toBeNull()
  })
}

async function textsOf(
  { containers }: ContainersFixture,
  service = 'backend',
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for await (const piece of containers.evidence(service, patience())) {
    if ('skipped' in piece) continue
    let text = ''
    for await (const part of piece.text) text += part
    texts.set(piece.name, text)
  }
  return texts
}

/** One variable of a service's containers: nobody is told all of them. */
function variables(subject: ContainersSubject): void {
  const FLAG = 'MULTI_TENANT_ENABLED'
  const valueOf = async ({ containers }: ContainersFixture, id: string, name = FLAG) => {
    const told = await containers.variableOf(services, name, patience())
    const found = told.find((one) => one.id === id)
    return found && { value: found.value, from: found.from }
  }
  const set = (from: string | null, to: string | null) => ({ variable: { name: FLAG, from, to } })

  test('one variable is told of every container, and that it is not set is told too', async () => {
    const fixture = await subject.start()
    const { containers, secrets } = fixture
    const told = await containers.variableOf(services, FLAG, patience())
    const ids = (await seenIn(fixture)).map(({ id }) => id)
    expect(told.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    for (const { value, from } of told) expect({ value, from }).toEqual({ value: null, from: null })
    const { id } = await servingOf(fixture, 'backend')
    const uri = await valueOf(fixture, id, 'MONGODB_URI')
    expect(uri?.from).toBe('container')
    expect(uri?.value).toContain(secrets[0])
    expect(await containers.variableOf(['no-such-service'], FLAG, patience())).toEqual([])
  })

  test('a container can be made like another one but for one variable', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    const on = like(backend, backend.image, { name: 'set', ...set(null, 'a b=c') })
    expect(await write(fixture, on)).toEqual(done)
    const fresh = await named(fixture, 'set')
    expect(await valueOf(fixture, fresh.id)).toEqual({ value: 'a b=c', from: 'container' })
    expect(fresh.sha256).not.toBe(backend.sha256)
    expect(inherited({ ...fresh, sha256: backend.sha256 })).toEqual(inherited(backend))
    const uri = await valueOf(fixture, backend.id, 'MONGODB_URI')
    expect(await valueOf(fixture, fresh.id, 'MONGODB_URI')).toEqual(uri)
    expect(await valueOf(fixture, backend.id)).toEqual({ value: null, from: null })
  })

  test('taken away again it is made as if it had never been set', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    await write(fixture, like(backend, backend.image, { name: 'set', ...set(null, 'true') }))
    const fresh = await named(fixture, 'set')
    const other = like(fresh, backend.image, { name: 'other', ...set('true', 'false') })
    expect(await write(fixture, other)).toEqual(done)
    const off = await named(fixture, 'other')
    expect(await valueOf(fixture, off.id)).toEqual({ value: 'false', from: 'container' })
    const away = like(fresh, backend.image, { name: 'away', ...set('true', null) })
    expect(await write(fixture, away)).toEqual(done)
    const without = await named(fixture, 'away')
    expect(await valueOf(fixture, without.id)).toEqual({ value: null, from: null })
    expect(without.sha256).toBe(backend.sha256)
  })

  test('it is made only where the variable says what was seen', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    const before = await seenIn(fixture)
    const wrong = like(backend, backend.image, { name: 'set', ...set('true', 'false') })
    expect(await write(fixture, wrong)).toEqual(changedMeanwhile)
    const secret = { name: 'MONGODB_URI', from: null, to: 'x' }
    const said = await write(fixture, like(backend, backend.image, { variable: secret }))
    expect(said).toEqual(changedMeanwhile)
    for (const one of fixture.secrets) expect(JSON.stringify(said)).not.toContain(one)
    expect((await seenIn(fixture)).map(still)).toEqual(before.map(still))
  })

  test('what is kept of one has its value, and leads back to it', async () => {
    const fixture = await subject.start()
    const backend = await servingOf(fixture, 'backend')
    await write(fixture, like(backend, backend.image, { name: 'set', ...set(null, 'true') }))
    const fresh = await named(fixture, 'set')
    await write(fixture, like(fresh, backend.image, { name: 'twin', role: 'kept' }))
    const twin = await named(fixture, 'twin')
    expect(twin.sha256).toBe(fresh.sha256)
    expect(await valueOf(fixture, twin.id)).toEqual({ value: 'true', from: 'container' })
    await write(fixture, like(twin, backend.image, { name: 'again' }))
    const again = await named(fixture, 'again')
    expect(again.sha256).toBe(fresh.sha256)
    expect(await valueOf(fixture, again.id)).toEqual({ value: 'true', from: 'container' })
  })
}

const outsideImage = {
  id: `sha256:${'ab'.repeat(32)}`,
  digest: `shop/backend@sha256:${'cd'.repeat(32)}`,
  reference: 'shop/backend:v1.9.0',
}

const outsideQuestions: Parameters<typeof outsideContract<Containers>>[1] = {
  'a sighting': (containers, signal) => containers.sightings(services, signal),
  'a look at what runs beside them': (containers, signal) => containers.sharers(services, signal),
  'a look at a variable': (containers, signal) => containers.variableOf(services, 'FLAG', signal),
  'the list': (containers, signal) => containers.list(services, signal),
  'the logs': (containers, signal) => containers.logs('backend', { tail: 10, signal }),
  'a look for images': (containers, signal) => containers.localImages(services, signal),
  'a look at an image': (containers, signal) => containers.imageAt(hostName, outsideImage, signal),
  'a question to a registry': (containers, signal) =>
    containers.atRegistry(hostName, outsideImage, signal),
  'a pull': (containers, signal) =>
    containers.pull(hostName, outsideImage, () => undefined, signal),
  // There is no connection yet, so nothing was sent.
  'a write': (containers, signal) => write({ containers }, { kind: 'stop', id: absentId }, signal),
  evidence: async (containers, signal) => {
    for await (const one of containers.evidence('backend', signal)) return one
    return null
  },
}
