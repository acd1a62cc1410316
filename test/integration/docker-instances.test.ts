import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import type { DockerHostOptions } from '../../src/adapters/docker/client/client.ts'
import { compose } from '../servers/docker/compose.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import { freshFolder } from '../servers/spawn.ts'
import { instancesContract } from '../support/contracts/instances.ts'
import { closedPort, patience, silentServer } from '../support/contracts/outside.ts'
import { appImage } from '../support/docker.ts'

const project = 'shop'
const services = { backend: { kind: 'compose', project, service: 'backend' } } as const
const hostName = 'shop-1'

const instancesOf = (...hosts: readonly DockerHostOptions[]) => {
  const containers = dockerContainers({ hosts, services, ownId: async () => null })
  onTestFinished(() => containers.close())
  return containers.instances
}

describe.skipIf(missingAllowed('docker'))('containers one by one', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let say: ReturnType<typeof compose>

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    const { path: folder } = stack.use(await freshFolder(project))
    const { reference: image } = await appImage(engine, { name: 'shop/backend', version: 'v2.0.0' })
    const file = { name: project, services: { backend: { image, restart: 'unless-stopped' } } }
    await writeFile(join(folder, 'docker-compose.yml'), stringify(file))
    say = compose('5', engine, folder)
  })
  afterAll(() => stack.disposeAsync())

  const both = ['shop-backend-1', 'shop-backend-2']

  const started = async () => {
    await emptyEngine(engine.socketPath)
    await say('up', '-d', '--scale', 'backend=2')
    for (const name of both) await untilContainer(engine, name, { health: 'healthy' })
    return instancesOf({ name: hostName, socketPath: engine.socketPath })
  }

  instancesContract(
    'docker',
    {
      start: async () => ({
        instances: await started(),
        replicas: 2,
        replace: async () => {
          await say('up', '-d', '--force-recreate', '--scale', 'backend=2')
          for (const name of both) await untilContainer(engine, name, { health: 'healthy' })
        },
        pass: sleep,
        pages: null,
      }),
      refusing: async () =>
        instancesOf({ name: hostName, host: '127.0.0.1', port: await closedPort() }),
      silent: async () => instancesOf({ name: hostName, ...(await silentServer()) }),
    },
    { asks: false },
  )

  test('one is known as it knows itself: by its host name', async () => {
    const instances = await started()
    for (const { id, alsoCalled } of await instances.list('backend', patience())) {
      const { id: whole } = await untilContainer(engine, id, {})
      expect(alsoCalled).toEqual([whole.slice(0, 12), whole])
    }
  })

  test('one that was stopped does not serve; on two hosts the same name is two of them', async () => {
    const first = await started()
    await engine.must('POST', '/containers/shop-backend-2/stop')
    const ids = (await first.list('backend', patience())).map(({ id }) => id)
    expect(ids).toEqual(['shop-backend-1'])
    const { socketPath } = engine
    const twice = instancesOf({ name: 'a', socketPath }, { name: 'b', socketPath })
    const named = (await twice.list('backend', patience())).map(({ id }) => id)
    expect(named).toEqual(['a/shop-backend-1', 'b/shop-backend-1'])
  })
})
