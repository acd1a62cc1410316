import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dockerContainers } from '../../../src/adapters/docker/containers.ts'
import { faultOf } from '../../support/contracts/outside.ts'

const unhurried = () => AbortSignal.timeout(25_000)
const idOf = (name: string) => Buffer.from(name).toString('hex').padEnd(64, '0')
const backend = idOf('backend')

type Other = {
  readonly name: string
  readonly state?: string
  readonly host?: Readonly<Record<string, unknown>>
  /** What is answered in place of how it is. */
  readonly status?: number
  readonly isListedAgain?: 'no'
  readonly isSilent?: 'yes'
}

/** An Engine on which `backend` runs, and these beside it. */
async function engine(others: readonly Other[]) {
  const folder = await mkdtemp(join(tmpdir(), 'sharers-'))
  const socketPath = join(folder, 'docker.sock')
  const asked: string[] = []
  let lists = 0
  const listed = ({ name, state = 'running', host = {} }: Other) => ({
    Id: idOf(name),
    Names: [`/${name}`],
    Image: 'x',
    ImageID: 'x',
    Created: 1,
    State: state,
    HostConfig: { NetworkMode: host['NetworkMode'] ?? 'default' },
  })
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v1\.\d+/, '')
    asked.push(path)
    const say = (status: number, body: unknown): void => {
      response.writeHead(status, { 'api-version': '1.41' })
      response.end(JSON.stringify(body))
    }
    if (path === '/_ping') return say(200, 'OK')
    if (path.startsWith('/containers/json')) {
      lists += 1
      const there = others.filter((one) => lists === 1 || one.isListedAgain !== 'no')
      return say(200, [{ name: 'backend' }, ...there].map(listed))
    }
    const one = others.find(({ name }) => path === `/containers/${idOf(name)}/json`)
    if (one?.isSilent) return undefined
    const { status = one ? 200 : 404, host: HostConfig = {} } = one ?? {}
    return say(status, status === 200 ? { Id: '', HostConfig } : { message: 'no' })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const containers = dockerContainers({
    hosts: [{ name: 'web-1', socketPath }],
    services: {
      backend: { kind: 'container', name: 'backend' },
      absent: { kind: 'container', name: 'absent' },
    },
    ownId: async () => null,
  })
  onTestFinished(async () => {
    containers.close()
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  return { containers, asked: () => asked.splice(0).filter((path) => path !== '/_ping') }
}

const sharersIn = async (others: readonly Other[]) => {
  const { containers } = await engine(others)
  return containers.sharers(['backend'], unhurried())
}

test.each([backend, backend.slice(0, 12), 'backend'])(
  'who shares the network, the processes or the memory of %s is named',
  async (meant) => {
    const found = await sharersIn([
      { name: 'sidecar', host: { PidMode: `container:${meant}` } },
      { name: 'reader', host: { IpcMode: `container:${meant}` }, state: 'paused' },
      { name: 'alone', host: { PidMode: 'host', IpcMode: 'private' } },
      { name: 'through', host: { NetworkMode: `container:${meant}` } },
      { name: 'elsewhere', host: { PidMode: `container:${idOf('alone')}` } },
    ])
    expect(found).toEqual({
      sharing: [
        { host: 'web-1', id: backend, by: 'through', what: 'network' },
        { host: 'web-1', id: backend, by: 'sidecar', what: 'processes' },
        { host: 'web-1', id: backend, by: 'reader', what: 'memory' },
      ],
      notLooked: [],
    })
  },
)

test('who took volumes from another one keeps them, and what does not run is not asked', async () => {
  const { containers, asked } = await engine([
    { name: 'copies', host: { VolumesFrom: [backend] } },
    { name: 'over', host: { PidMode: `container:${backend}` }, state: 'exited' },
  ])
  const nothing = { sharing: [], notLooked: [] }
  expect(await containers.sharers(['backend'], unhurried())).toEqual(nothing)
  expect(asked()).toEqual(['/containers/json?all=true', `/containers/${idOf('copies')}/json`])
  expect(await containers.sharers(['absent'], unhurried())).toEqual(nothing)
  expect(asked()).toEqual(['/containers/json?all=true'])
})

test('who may not be looked at is named as not known, and who is gone meanwhile is not', async () => {
  const { sharing, notLooked } = await sharersIn([
    { name: 'forbidden', status: 403 },
    { name: 'hidden', status: 404 },
    { name: 'gone', status: 404, isListedAgain: 'no' },
    { name: 'broken', status: 500 },
  ])
  expect(sharing).toEqual([])
  expect(notLooked.map(({ name }) => name)).toEqual(['forbidden', 'hidden', 'broken'])
  expect(notLooked[0]).toMatchObject({
    host: 'web-1',
    because: expect.stringMatching(/^not allowed at web-1/),
  })
})

test('one that does not answer holds up no plan, and is not taken for one that shares nothing', async () => {
  const { notLooked } = await sharersIn([{ name: 'stuck', isSilent: 'yes' }])
  expect(notLooked).toMatchObject([
    { name: 'stuck', because: expect.stringMatching(/did not answer in time/) },
  ])
})

test('whoever stops waiting is told so', async () => {
  const { containers } = await engine([{ name: 'stuck', isSilent: 'yes' }])
  const asked = faultOf(containers.sharers(['backend'], AbortSignal.timeout(300)))
  expect(await asked).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
})
