import { copyFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { readFileSync } from 'node:fs'
import { compose } from '../servers/docker/compose.ts'
import { container, runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { buildImage } from '../servers/docker/images.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { buildBackout, importBase } from '../support/backout-image.ts'

const root = resolve(import.meta.dirname, '../..')
const manifest = join(root, 'manifests/compose/compose.yaml')

const Image = z.object({
  Size: z.number(),
  Config: z.object({ User: z.string(), Volumes: z.record(z.string(), z.unknown()).nullable() }),
})
const Inspected = z.object({
  Id: z.string(),
  HostConfig: z.object({
    ReadonlyRootfs: z.boolean(),
    CapDrop: z.array(z.string()),
    CapAdd: z.array(z.string()).nullable(),
    Privileged: z.boolean(),
    SecurityOpt: z.array(z.string()),
  }),
})

/** The settings that ship, for one container on this host. */
const settings = (): string => {
  const shipped: unknown = parse(readFileSync(join(root, 'backout.yaml'), 'utf8'))
  const hosts = { local: { address: 'unix:///engine/proxy.sock' } }
  const services = { backend: { container: 'shop-backend' } }
  return stringify({ ...Object(shipped), procedures: { docker: { hosts, services } } })
}

describe.skipIf(missingAllowed('docker'))('Backout’s own image', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let folder: string
  let say: ReturnType<typeof compose>
  let port: number
  const shipped = z
    .object({ services: z.object({ backout: z.object({ image: z.string() }) }) })
    .parse(parse(readFileSync(manifest, 'utf8'), { merge: true })).services.backout.image

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    folder = stack.use(await freshFolder('backout')).path
    say = compose('5', engine, folder)
    port = await freePort()
    await importBase(engine, 'base:here')
    const said = await buildBackout(engine, { base: 'base:here', tag: shipped })
    expect(said).toContain(`Successfully tagged ${shipped}`)
    const app = await buildImage(engine, { name: 'shop/backend', version: 'v1' })
    await runContainer(engine, { image: app.reference, name: 'shop-backend' })
    await copyFile(manifest, join(folder, 'compose.yaml'))
    await writeFile(join(folder, 'backout.yaml'), settings())
    const variables = {
      DOCKER_SOCKET: engine.socketPath,
      DOCKER_GID: String((await stat(engine.socketPath)).gid),
      PUBLISHED_PORT: String(port),
      // Nothing answers there: the bot waits for it.
      SLACK_API_URL: 'http://127.0.0.1:9/api/',
      SLACK_BOT_TOKEN: 'xoxb-1-here',
      SLACK_APP_TOKEN: 'xapp-1-here',
      BACKEND_URL: 'http://127.0.0.1:9',
      FRONTEND_URL: 'http://127.0.0.1:9',
    }
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
    await writeFile(join(folder, '.env'), `${lines.join('\n')}\n`)
  }, 240_000)
  afterAll(() => stack.disposeAsync())

  test('is built from the Dockerfile, for a user who is not root, and holds no test, no type and no setting', async () => {
    const image = Image.parse(await engine.must('GET', `/images/${shipped}/json`))
    const base = Image.parse(await engine.must('GET', '/images/base:here/json'))
    expect(image.Config).toEqual({ User: '1000:1000', Volumes: { '/data': {} } })
    const own = Math.round((image.Size - base.Size) / 1_000_000)
    console.log(`Backout's image: ${own} MB beside its base`)
    expect(own).toBeLessThan(90)
  })

  test('runs by compose behind its proxy, read-only and without any capability, and says that it is alive', async () => {
    const begunMs = Date.now()
    await say('up', '-d')
    const healthy = await eventually(
      () =>
        fetch(`http://127.0.0.1:${port}/healthz`).then(
          (answer) => answer.status,
          () => 0,
        ),
      (status) => status === 200,
      60_000,
    )
    expect(healthy).toBe(200)
    const seconds = ((Date.now() - begunMs) / 1_000).toFixed(1)
    console.log(`from nothing to the first 200 of /healthz, the proxy first: ${seconds} s`)
    for (const name of ['backout-engine-proxy-1', 'backout-backout-1']) {
      const seen = Inspected.parse(await engine.must('GET', `/containers/${name}/json`))
      expect(seen.HostConfig, name).toEqual({
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: null,
        Privileged: false,
        SecurityOpt: ['no-new-privileges:true'],
      })
      expect((await untilContainer(engine, name, { health: 'healthy' })).health).toBe('healthy')
    }
    expect(await say('exec', '-T', 'backout', 'id')).toContain('uid=1000 gid=1000')
    await expect(say('exec', '-T', 'backout', 'sh', '-c', 'echo x >/app/x')).rejects.toThrow(
      'Read-only file system',
    )
    const left = await say('exec', '-T', 'backout', 'sh', '-c', 'ls /app; find /app -name "*.ts"')
    expect(left.trim().split('\n').toSorted()).toEqual(
      ['backout.yaml', 'dist', 'node_modules', 'package.json', 'src'].toSorted(),
    )
  }, 120_000)

  test('holds MongoDB’s own tools, which answer to its user', async () => {
    for (const tool of ['mongodump', 'mongorestore']) {
      const said = await say('exec', '-T', 'backout', tool, '--version')
      expect(said).toMatch(new RegExp(`^${tool} version: 100\\.9\\.5$`, 'm'))
    }
  })

  /** Over the proxy's socket, from inside the bot's container. */
  const asBot = async (method: string, path: string): Promise<string> => {
    const script = `const { request } = require('node:http')
      request({ socketPath: '/engine/proxy.sock', method: '${method}', path: '${path}' }, async (answer) => {
        console.log(answer.statusCode, Buffer.concat(await answer.toArray()).toString().slice(0, 400))
      }).end()`
    return say('exec', '-T', 'backout', 'node', '-e', script)
  }

  test('reaches the containers of its settings, and neither itself, nor its proxy, nor the Engine', async () => {
    const shop = (await container(engine, 'shop-backend')).id
    expect(await asBot('GET', `/containers/${shop}/json`)).toMatch(/^200 /)
    for (const name of ['backout-engine-proxy-1', 'backout-backout-1']) {
      const { id } = await container(engine, name)
      expect(await asBot('POST', `/containers/${id}/stop`)).toMatch(/^403 /)
      expect((await container(engine, name)).status).toBe('running')
    }
    expect(await asBot('POST', `/containers/${shop}/exec`)).toMatch(/^403 /)
    const sockets = 'ls /var/run/docker.sock /run/docker.sock; true'
    expect(await say('exec', '-T', 'backout', 'sh', '-c', sockets)).not.toMatch(/^\//m)
  })

  test('doctor finds the host through the proxy', async () => {
    const said = await say('exec', '-T', 'backout', 'sh', '-c', 'backout doctor; true')
    expect(said).toMatch(/^ok .* backend 1 of 1 ready$/m)
  })
})
