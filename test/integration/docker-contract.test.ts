import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { z } from 'zod'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import type { DockerHostOptions } from '../../src/adapters/docker/client/client.ts'
import type { ImageId } from '../../src/ports/containers.ts'
import { compose } from '../servers/docker/compose.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { pullImage, pushImage } from '../servers/docker/images.ts'
import { startRegistry, type Registry } from '../servers/docker/registry.ts'
import { missingAllowed } from '../servers/find.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { containersContract, hostName } from '../support/contracts/containers.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { appImage } from '../support/docker.ts'

const secret = 'tr0ub4dor'
const project = 'shop'
const services = {
  backend: { kind: 'compose', project, service: 'backend' },
  frontend: { kind: 'compose', project, service: 'frontend' },
} as const

/** What stays from test to test: an Engine, and images in it and in a registry. */
type Shared = {
  readonly engine: DockerEngine
  readonly registry: Registry
  readonly folder: string
  readonly images: {
    readonly good: ImageId & { readonly digest: string }
    readonly bad: ImageId
    readonly unhealthy: ImageId
    readonly exits: ImageId
  }
}

const Inspected = z.object({
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  HostConfig: z.object({
    RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
  }),
})
const Tagged = z.array(z.object({ RepoTags: z.array(z.string()).nullable() }))
const Volumes = z.object({ Volumes: z.array(z.object({ Name: z.string() })).nullable() })

const adapter = (host: DockerHostOptions) => {
  const containers = dockerContainers({ hosts: [host], services, ownId: async () => null })
  onTestFinished(() => containers.close())
  return containers
}

describe.skipIf(missingAllowed('docker'))('the real Engine', () => {
  const stack = new AsyncDisposableStack()
  let shared: Shared

  beforeAll(async () => {
    const engine = stack.use(await startDocker())
    const registry = stack.use(await startRegistry())
    const { path: folder } = stack.use(await freshFolder(project))
    const name = `${registry.address}/shop/backend`
    const image = (
      version: string,
      more: Omit<Parameters<typeof appImage>[1], 'name' | 'version'>,
    ) => appImage(engine, { name, version, ...more })
    const good = await image('v1.9.0', {})
    const digest = await pushImage(engine, registry, { id: good.id, reference: good.reference })
    shared = {
      engine,
      registry,
      folder,
      images: {
        good: { ...good, digest },
        bad: await image('v2.0.0', {}),
        unhealthy: await image('v2.0.1', {
          behaves: 'unhealthy',
          checks: 'echo no database; exit 1',
        }),
        exits: await image('v2.0.2', { behaves: 'exits' }),
      },
    }
  })
  afterAll(() => stack.disposeAsync())

  containersContract('docker', {
    async start() {
      const { engine, registry, folder, images } = shared
      await emptyEngine(engine.socketPath)
      await engine.request('DELETE', '/images/backout-kept/backend:changes')
      await pullImage(engine, registry, images.good.reference)
      const port = await freePort()
      const file = (variables: Readonly<Record<string, string>>) => ({
        name: project,
        services: {
          backend: {
            image: images.bad.reference,
            restart: 'unless-stopped',
            stop_grace_period: '7s',
            // Else nobody could share its memory.
            ipc: 'shareable',
            environment: { MONGODB_URI: `mongodb://app:${secret}@db/shop`, ...variables },
            volumes: ['uploads:/var/lib/app'],
          },
          frontend: {
            image: images.bad.reference,
            restart: 'unless-stopped',
            stop_grace_period: '7s',
            depends_on: ['backend'],
            ports: [`127.0.0.1:${port}:8080`],
          },
          stranger: { image: images.bad.reference },
        },
        volumes: { uploads: {} },
      })
      const write = (variables: Readonly<Record<string, string>>) =>
        writeFile(join(folder, 'docker-compose.yml'), stringify(file(variables)))
      const say = compose('5', engine, folder)
      const again = async (service: string) => {
        await say('up', '-d', '--force-recreate', '--no-deps', service)
        await untilContainer(engine, `${project}-${service}-1`, { health: 'healthy' })
      }
      let edits = 0
      await write({})
      await say('up', '-d')
      for (const service of ['backend', 'frontend', 'stranger']) {
        await untilContainer(engine, `${project}-${service}-1`, { health: 'healthy' })
      }
      const { id: stranger } = await untilContainer(engine, `${project}-stranger-1`, {})
      return {
        containers: adapter({ name: hostName, socketPath: engine.socketPath }),
        stopSeconds: 7,
        images,
        gone: {
          id: `sha256:${'ab'.repeat(32)}`,
          digest: `${registry.address}/shop/backend@sha256:${'cd'.repeat(32)}`,
          reference: `${registry.address}/shop/backend:v1.0.0`,
        },
        stranger,
        secrets: [secret],
        others: {
          remove: async (name) => {
            await engine.must('DELETE', `/containers/${name}`, { query: { force: '1' } })
          },
          restart: async (name) => {
            await engine.must('POST', `/containers/${name}/restart`)
          },
          composeUp: again,
          composeUpEdited: async (service) => {
            await write({ EDITED: String((edits += 1)) })
            await again(service)
          },
          removeImage: async ({ id }) => {
            await engine.must('DELETE', `/images/${id}`, { query: { force: '1' } })
          },
          share: async (name, what, by) => {
            const mode = { network: 'NetworkMode', processes: 'PidMode', memory: 'IpcMode' }[what]
            // It listens nowhere: in one network only one can have a port.
            const sleeps = {
              Entrypoint: ['/bin/sleep'],
              Cmd: ['1000'],
              Healthcheck: { Test: ['NONE'] },
            }
            const HostConfig = { [mode]: `container:${name}` }
            const body = { Image: images.bad.reference, ...sleeps, HostConfig }
            await engine.must('POST', '/containers/create', { query: { name: by }, body })
            await engine.must('POST', `/containers/${by}/start`)
          },
        },
        inspect: async (id) => {
          const seen = Inspected.parse(await engine.must('GET', `/containers/${id}/json`))
          const { Name, MaximumRetryCount: most } = seen.HostConfig.RestartPolicy
          const restartPolicy = most > 0 ? `${Name}:${most}` : Name || 'no'
          return { labels: seen.Config.Labels, restartPolicy }
        },
        volumes: async () => {
          const { Volumes: found } = Volumes.parse(await engine.must('GET', '/volumes'))
          return (found ?? []).map(({ Name }) => Name).toSorted()
        },
        imageNames: async () => {
          const found = Tagged.parse(await engine.must('GET', '/images/json'))
          return found.flatMap(({ RepoTags }) => RepoTags ?? []).toSorted()
        },
        pass: (ms) => sleep(ms),
      }
    },
    refusing: async () => adapter({ name: hostName, host: '127.0.0.1', port: await closedPort() }),
    silent: async () => adapter({ name: hostName, ...(await silentServer()) }),
  })
})
