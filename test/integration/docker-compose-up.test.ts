import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import type { Container, ContainerWrite, Containers, ImageId } from '../../src/ports/containers.ts'
import { overrideFile } from '../../src/runbook/docker/override-file.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { compose, composeVersions, type ComposeMajor } from '../servers/docker/compose.ts'
import { untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { freshFolder } from '../servers/spawn.ts'
import { appImage } from '../support/docker.ts'

const host = 'shop-1'
const service = 'backend'
const patience = () => AbortSignal.timeout(60_000)

type Change = ContainerWrite extends infer Write
  ? Write extends { readonly host: string }
    ? Omit<Write, 'host'>
    : never
  : never

describe.skipIf(missingAllowed('docker'))('compose, after a container was swapped', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let good: ImageId
  let bad: ImageId

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    // As one that compose has built: it says itself whose container it is.
    const says = 'LABEL com.docker.compose.project=shop com.docker.compose.service=backend'
    const image = { name: 'shop/backend', changes: [says] }
    good = await appImage(engine, { ...image, version: 'v1.9.0' })
    bad = await appImage(engine, { ...image, version: 'v2.0.0' })
  })
  afterEach(() => emptyEngine(engine.socketPath))
  afterAll(() => stack.disposeAsync())

  const all = async (containers: Containers): Promise<readonly Container[]> =>
    (await containers.sightings([service], patience())).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )

  /** A shop whose one service was started by this Compose, and what the way back does with it. */
  const started = async (major: ComposeMajor, folder: string, volumes: readonly string[]) => {
    const say = compose(major, engine, folder)
    const backend = {
      image: bad.reference,
      restart: 'unless-stopped',
      ports: ['127.0.0.1::8080'],
      volumes,
    }
    await writeFile(
      join(folder, 'docker-compose.yml'),
      stringify({ version: '3.8', services: { backend }, volumes: { uploads: {} } }),
    )
    await say('up', '-d')
    const listed = await engine.must('GET', '/containers/json')
    const project =
      JSON.stringify(listed).match(/"com\.docker\.compose\.project":"([^"]+)"/)?.[1] ?? ''
    const containers = dockerContainers({
      hosts: [{ name: host, socketPath: engine.socketPath }],
      services: { [service]: { kind: 'compose', project, service } },
      ownId: async () => null,
    })
    onTestFinished(() => containers.close())
    const write = async (change: Change) =>
      expect(await containers.write({ host, ...change }, patience())).toEqual({ kind: 'done' })
    const created = async (
      like: Container,
      image: ImageId,
      role: Container['role'],
      name: string,
    ) => {
      const { id, sha256 } = like
      await write({ kind: 'create', like: id, sha256, image, name, service, role, mark: 'm' })
      const made = (await all(containers)).find((one) => one.name === name)
      if (!made) throw new Error(`no ${name}`)
      return made
    }
    /** As the way back does it; answers with what serves now. */
    const swap = async (old: Container, like: Container, image: ImageId) => {
      const { name } = old
      const kept = await created(old, old.image, 'kept', `${name}-kept-${old.id.slice(0, 6)}`)
      const next = await created(like, image, 'serving', `${name}-next`)
      await write({ kind: 'stop', id: old.id })
      await write({ kind: 'start', id: next.id, restartPolicy: like.restartPolicy })
      await untilContainer(engine, next.id, { health: 'healthy' })
      await write({ kind: 'rename', id: old.id, name: `${name}-old` })
      await write({ kind: 'rename', id: next.id, name })
      await write({ kind: 'remove', id: old.id, keepChangesAs: null })
      return { next, kept }
    }
    const unchanged = async () => {
      const before = (await all(containers)).map(({ id, state, name }) => ({ id, state, name }))
      for (const words of [['up', '-d'], ['restart'], ['stop'], ['start']]) await say(...words)
      const after = (await all(containers)).map(({ id, state, name }) => ({ id, state, name }))
      expect(after).toEqual(before)
    }
    const serving = async (): Promise<Container> => {
      const found = (await all(containers)).find(({ role }) => role === 'serving')
      if (!found) throw new Error('nothing serves')
      return found
    }
    return { say, containers, swap, unchanged, serving, old: await serving() }
  }

  test.each(Object.keys(composeVersions) as ComposeMajor[])(
    'Compose %s leaves ours and the kept one alone, and both ways',
    async (major) => {
      await using folder = await freshFolder('shop')
      const volumes = ['uploads:/var/lib/app', '/anonymous']
      const shop = await started(major, folder.path, volumes)
      const { say, containers, swap, unchanged, old } = shop

      const over = new AbortController()
      const following = containers.follow([service], () => undefined, over.signal)
      const madeBy = async () => (await containers.list([service], patience()))[0]?.madeBy

      const first = await swap(old, old, good)
      expect((await all(containers)).map(({ role, image }) => [role, image.reference])).toEqual([
        ['serving', good.reference],
        ['kept', bad.reference],
      ])
      await unchanged()

      const ours = await shop.serving()
      // Back, from what was kept of the first one.
      await swap(ours, first.kept, bad)
      await unchanged()
      const [last] = await all(containers)
      const { image, name, sha256, state, aliases, stopSeconds, restartPolicy } = old
      const asBefore = { image, name, sha256, state, aliases, stopSeconds, restartPolicy }
      expect(last).toMatchObject({
        ...asBefore,
        volumes: old.volumes,
        role: 'serving',
        obstacles: [],
      })

      expect(await madeBy()).toBe('Backout')
      await say('up', '-d', '--force-recreate')
      // The first version writes on none of its containers what it made it from: what happened tells it.
      await expect.poll(madeBy, { timeout: 30_000 }).toBe('docker compose')
      over.abort()
      await following

      // What the card gives people for it.
      const file = overrideFile([{ container: old, image: good }])
      await writeFile(join(folder.path, 'docker-compose.override.yml'), file?.text ?? '')
      await say('up', '-d', '--force-recreate')
      const serving = (await all(containers)).filter((one) => one.role === 'serving')
      expect(serving.map((one) => one.image.id)).toEqual([good.id])
      expect(file?.text).toContain(`in ${folder.path}`)
    },
    120_000,
  )

  test.each(Object.keys(composeVersions) as ComposeMajor[])(
    'a folder of the host stays mounted, and Compose %s leaves it alone, both ways',
    async (major) => {
      await using folder = await freshFolder('shop')
      await mkdir(join(folder.path, 'conf'))
      await writeFile(join(folder.path, 'conf/index.html'), 'of the host')
      const shop = await started(major, folder.path, ['./conf:/conf', 'uploads:/var/lib/app'])
      const { swap, unchanged, serving, old, say } = shop
      // What it says of the file itself comes with it.
      const reads = () => say('exec', '-T', service, 'cat', '/conf/index.html')
      expect(old.volumes).toContain(`${join(folder.path, 'conf')} at /conf`)
      expect(await reads()).toMatch(/^of the host/)

      const first = await swap(old, old, good)
      await unchanged()
      expect((await serving()).volumes).toEqual(old.volumes)
      await writeFile(join(folder.path, 'conf/index.html'), 'changed since')
      expect(await reads()).toMatch(/^changed since/)

      await swap(await serving(), first.kept, bad)
      await unchanged()
      expect(await serving()).toMatchObject({ volumes: old.volumes, sha256: old.sha256 })
      expect(await reads()).toMatch(/^changed since/)
    },
    120_000,
  )

  test.each([
    ['1', '2', 'without', 'makes ours anew'],
    ['1', '5', 'without', 'makes ours anew'],
    ['2', '1', 'without', 'makes ours anew'],
    ['2', '5', 'with', 'makes ours anew'],
    ['2', '5', 'without', 'leaves ours alone'],
  ] as const)(
    'what Compose %s made, Compose %s knows by another mark, %s a folder of the host: “up -d” %s',
    async (made, then, folders, does) => {
      await using folder = await freshFolder('shop')
      await mkdir(join(folder.path, 'conf'))
      const mounted = folders === 'with' ? ['./conf:/conf'] : []
      const shop = await started(made, folder.path, [...mounted, 'uploads:/var/lib/app'])
      const { next } = await shop.swap(shop.old, shop.old, good)
      await compose(then, engine, folder.path)('up', '-d')
      const now = await shop.serving()
      expect(now.id === next.id ? 'leaves ours alone' : 'makes ours anew').toBe(does)
      expect(now.image.id).toBe(now.id === next.id ? good.id : bad.id)
    },
    120_000,
  )
})
