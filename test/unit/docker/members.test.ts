import { describe, expect, test } from 'vitest'
import { membershipOf } from '../../../src/adapters/docker/read/members.ts'
import { mayNotEnd, obstaclesOf } from '../../../src/adapters/docker/read/obstacles.ts'
import { policyOf, policyText } from '../../../src/adapters/docker/read/restart-policy.ts'
import { tmpfsOf } from '../../../src/adapters/docker/read/tmpfs.ts'
import { containerId, inspected } from './inspected.ts'

const services = {
  backend: { kind: 'compose', project: 'shop', service: 'api' },
  cache: { kind: 'container', name: 'redis' },
} as const

const of = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  membershipOf(services, { id: containerId, name, labels })

const compose = (service: string, oneoff = 'False', project = 'shop') => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
  'com.docker.compose.oneoff': oneoff,
})

describe('a container belongs to a service', () => {
  test('by what compose has written on it, whatever it is called', () => {
    const backend = { service: 'backend', role: 'serving' }
    expect(of('anything', compose('api'))).toEqual(backend)
    expect(of('anything', { ...compose('api'), 'backout.role': 'serving' })).toEqual(backend)
    expect(of('a', compose('api', 'False', 'other'))).toBeNull()
    expect(of('a', compose('db'))).toBeNull()
    // `compose run`
    expect(of('a', compose('api', 'True'))).toBeNull()
  })

  test('by its name, and by its own id at the end of it when it was put aside', () => {
    const cache = { service: 'cache', role: 'serving' }
    expect(of('redis')).toEqual(cache)
    expect(of(`redis-old-${containerId.slice(0, 8)}`)).toEqual(cache)
    expect(of('redis-old-00000000')).toBeNull()
    expect(of('redis-cluster')).toBeNull()
    expect(of(`redis-old-${containerId.slice(0, 4)}`)).toBeNull()
  })

  test('by what this bot has written on it', () => {
    const ours = (role: string, service: string) =>
      of('any', { 'backout.role': role, 'backout.service': service })
    expect(ours('kept', 'backend')).toEqual({ service: 'backend', role: 'kept' })
    expect(ours('serving', 'cache')).toEqual({ service: 'cache', role: 'serving' })
    expect(ours('kept', 'no-such-service')).toBeNull()
    expect(ours('kept', 'toString')).toBeNull()
    // A service of compose is found by what compose itself goes by.
    expect(ours('serving', 'backend')).toBeNull()
  })
})

describe('it cannot be made again', () => {
  const alone = { listed: [], inspected: [], hasImage: true, ownId: null }

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['it is removed as it stops', { AutoRemove: true }, /removed as soon as it stops/],
    ['it shares a network', { NetworkMode: 'container:x' }, /shares the network/],
    ['it shares processes', { PidMode: 'container:x' }, /shares the network or the processes/],
    ['it takes volumes', { VolumesFrom: ['x'] }, /volumes from another/],
    ['it has links', { Links: ['/db:/app/db'] }, /linked/],
  ])('where %s', (_, host, words) => {
    expect(obstaclesOf(inspected({}, host), alone)).toEqual([expect.stringMatching(words)])
  })

  test('where nobody knows what one of its volumes is called', () => {
    const Mounts = [{ Type: 'volume', Destination: '/data' }]
    expect(obstaclesOf(inspected({}, {}, { Mounts }), alone)).toHaveLength(1)
  })

  test('where a swarm keeps it, or its image is gone, or this bot runs in it', () => {
    const swarm = inspected({ Labels: { 'com.docker.swarm.service.id': 's' } })
    expect(obstaclesOf(swarm, alone)).toHaveLength(1)
    expect(obstaclesOf(inspected(), { ...alone, hasImage: false })).toHaveLength(1)
    expect(obstaclesOf(inspected(), { ...alone, ownId: containerId })).toHaveLength(1)
    expect(obstaclesOf(inspected(), alone)).toEqual([])
  })

  test('where another one shares what is its own', () => {
    const by = (mode: string, name = 'sidecar') => [
      {
        Id: 'f00d',
        Names: name === '' ? [] : [`/${name}`],
        State: 'running',
        HostConfig: { NetworkMode: mode },
      },
    ]
    const says = (listed: ReturnType<typeof by>) => obstaclesOf(inspected(), { ...alone, listed })
    for (const one of [containerId, containerId.slice(0, 12), 'shop-backend-1']) {
      expect(says(by(`container:${one}`))).toEqual(['sidecar shares its network'])
    }
    expect(says(by(`container:${containerId}`, ''))).toEqual(['container f00d shares its network'])
    for (const one of ['x', 'shop-backend', containerId.slice(1)]) {
      expect(says(by(`container:${one}`))).toEqual([])
    }
    expect(says(by('bridge'))).toEqual([])
    // A name goes before the beginning of an id.
    expect(says(by('container:abcdef', 'abcdef'))).toEqual([])
    const other = (mode: Readonly<Record<string, string>>) => ({
      ...inspected({}, mode),
      Id: 'f00d',
      Name: 'sidecar',
    })
    const mode = `container:${containerId.slice(0, 12)}`
    const seen = [other({ PidMode: mode }), other({ IpcMode: mode })]
    expect(obstaclesOf(inspected(), { ...alone, inspected: seen })).toEqual([
      'sidecar shares its processes',
      'sidecar shares its memory',
    ])
  })
})

test('what it keeps in memory is read from both places where it may be asked for', () => {
  const Mounts = [
    { Type: 'tmpfs', Target: '/mem' },
    { Type: 'volume', Source: 'v', Target: '/data' },
  ]
  expect(tmpfsOf(inspected({}, { Tmpfs: { '/scratch': 'size=1m', '/mem': '' }, Mounts }))).toEqual([
    '/mem',
    '/scratch',
  ])
  for (const Tmpfs of [undefined, null, {}]) expect(tmpfsOf(inspected({}, { Tmpfs }))).toEqual([])
})

test('what must not even be stopped says so; what only cannot be made again may be', () => {
  const none = { ownId: null, listed: [] }
  const swarm = { Labels: { 'com.docker.swarm.service.id': 's' } }
  expect(mayNotEnd(inspected({}, { AutoRemove: true }), none)).toEqual([
    'it is removed as soon as it stops',
  ])
  expect(mayNotEnd(inspected(swarm), none)).toEqual(['it belongs to a swarm service'])
  expect(mayNotEnd(inspected(), { ...none, ownId: containerId })).toEqual([
    'this bot itself runs in it',
  ])
  expect(
    mayNotEnd(inspected({}, { UTSMode: 'container:x', Links: ['/db:/app/db'] }), none),
  ).toEqual([])
})

test('what joins another one must not be stopped while that one does not run', () => {
  const owner = (State: string) => [
    { Id: 'f00d', Names: ['/owner'], State, HostConfig: { NetworkMode: 'default' } },
  ]
  const says = (mode: Readonly<Record<string, string>>, listed: ReturnType<typeof owner>) =>
    mayNotEnd(inspected({}, mode), { ownId: null, listed })
  expect(says({ NetworkMode: 'container:f00d' }, owner('running'))).toEqual([])
  expect(says({ NetworkMode: 'container:f00d' }, owner('exited'))).toEqual([
    'it could not start again, as the container whose network it shares does not run',
  ])
  expect(says({ PidMode: 'container:owner', IpcMode: 'container:gone' }, owner('exited'))).toEqual([
    'it could not start again, as the container whose processes it shares does not run',
    'it could not start again, as the container whose memory it shares does not run',
  ])
  expect(says({ PidMode: 'host', IpcMode: 'shareable' }, owner('exited'))).toEqual([])
})

test.each(['no', 'always', 'unless-stopped', 'on-failure', 'on-failure:5'])(
  'the restart policy %s is read as it is written',
  (text) => expect(policyText(policyOf(text))).toBe(text),
)
