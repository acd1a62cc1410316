import { describe, expect, test } from 'vitest'
import { createSpec, sha256Of } from '../../../src/adapters/docker/read/create-spec.ts'
import { inOrderFor, ownVariables } from '../../../src/adapters/docker/read/own-variables.ts'
import { createBody } from '../../../src/adapters/docker/write/create-body.ts'
import { containerId, imageConfig, inspected } from './inspected.ts'

type Fields = Readonly<Record<string, unknown>>

const configOf = (config: Fields, image: Fields = {}, host: Fields = {}, more: Fields = {}) =>
  createSpec(inspected(config, host, more), imageConfig(image)).config

describe('what is the image’s own is left out', () => {
  test.each<[string, Fields]>([
    ['User', { User: 'app' }],
    ['WorkingDir', { WorkingDir: '/srv' }],
    ['StopSignal', { StopSignal: 'SIGINT' }],
    ['Cmd', { Cmd: ['serve'] }],
    ['Entrypoint', { Entrypoint: ['/start'], Cmd: ['serve'] }],
    ['Healthcheck', { Healthcheck: { Test: ['CMD', 'check'], Interval: 1 } }],
  ])('%s', (field, value) => {
    expect(configOf(value, value)).not.toHaveProperty(field)
    expect(configOf(value)).toMatchObject(value)
  })

  test('labels, ports and folders of volumes, each by itself', () => {
    const config = configOf(
      {
        Labels: { of: 'image', own: '1', other: 'mine' },
        ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
        Volumes: { '/of/image': {}, '/own': {} },
      },
      {
        Labels: { of: 'image', other: 'image' },
        ExposedPorts: { '80/tcp': {} },
        Volumes: { '/of/image': {} },
      },
    )
    expect(config.Labels).toEqual({ own: '1', other: 'mine' })
    expect(config).toMatchObject({ ExposedPorts: { '81/tcp': {} }, Volumes: { '/own': {} } })
  })
})

describe('what was given stays', () => {
  test('a port that is published, also where the next image does not say it', () => {
    const ports = { ExposedPorts: { '80/tcp': {} } }
    const host = { PortBindings: { '80/tcp': [{ HostPort: '80' }] } }
    expect(configOf(ports, ports, host)).toMatchObject(ports)
  })

  test('what compose has written, also where the image that it built says the same', () => {
    const Labels = { 'com.docker.compose.project': 'shop' }
    expect(configOf({ Labels }, { Labels }).Labels).toEqual(Labels)
  })

  test('the command under another entrypoint, also where it looks like the image’s', () => {
    const image = { Entrypoint: ['/start'], Cmd: ['serve'] }
    expect(configOf({ Entrypoint: ['/other'], Cmd: ['serve'] }, image)).toMatchObject({
      Entrypoint: ['/other'],
      Cmd: ['serve'],
    })
    // An entrypoint that was given takes the image's command away.
    expect(configOf({ Entrypoint: ['/start'], Cmd: null }, image)).toMatchObject({
      Entrypoint: ['/start'],
      Cmd: [],
    })
  })

  test('an entrypoint that was taken away is asked for as one empty word', () => {
    const image = { Entrypoint: ['/start'] }
    expect(configOf({ Entrypoint: null, Cmd: ['serve'] }, image)).toMatchObject({
      Entrypoint: [''],
      Cmd: ['serve'],
    })
  })

  test('of a health check with the image’s test the times that differ', () => {
    const image = { Healthcheck: { Test: ['CMD', 'check'], Interval: 1, Retries: 3 } }
    const own = { Healthcheck: { Test: ['CMD', 'check'], Interval: 2, Retries: 3 } }
    expect(configOf(own, image)).toMatchObject({ Healthcheck: { Interval: 2 } })
    const none = { Healthcheck: { Test: ['NONE'], Interval: 1, Retries: 3 } }
    expect(configOf(none, image)['Healthcheck']).toEqual({ Test: ['NONE'] })
    expect(configOf({ Healthcheck: null }, image)).not.toHaveProperty('Healthcheck')
  })

  test('what no image can give: how it is stopped, and what it is called', () => {
    const config = { StopTimeout: 0, Shell: ['/bin/bash'], Hostname: 'web', MacAddress: '02:42::1' }
    expect(configOf(config)).toMatchObject(config)
  })
})

test('a name that its host gave it is left out, and so is one it may not ask for', () => {
  expect(configOf({})).not.toHaveProperty('Hostname')
  expect(configOf({ Hostname: 'web' }, {}, { UTSMode: 'host' })).not.toHaveProperty('Hostname')
})

describe('variables', () => {
  const image = ['PATH=/bin', 'VERSION=1', 'MODE=a']

  test('of the image are left out, those that were given are not', () => {
    expect(ownVariables(['OWN=1', ...image], image)).toEqual(['OWN=1'])
    expect(ownVariables(['MODE=b', 'PATH=/bin', 'VERSION=1'], image)).toEqual(['MODE=b'])
    expect(ownVariables(image, image)).toEqual([])
    expect(ownVariables([], image)).toEqual([])
  })

  test('one with the value of the image was given where it stands before the image’s own', () => {
    const all = ['MODE=a', 'OWN=1', 'PATH=/bin', 'VERSION=1']
    expect(ownVariables(all, image)).toEqual(['MODE=a', 'OWN=1'])
  })

  test('of two values the last one is in force', () => {
    expect(ownVariables(['OWN=1', 'OWN=2', ...image], image)).toEqual(['OWN=2'])
  })

  test('stand so that they can be told apart from the next image’s own', () => {
    const next = ['PATH=/bin', 'MODE=c']
    const ordered = inOrderFor(['OWN=1', 'MODE=c'], next)
    expect(ordered).toEqual(['MODE=c', 'OWN=1'])
    expect(ownVariables([...ordered, 'PATH=/bin'], next)).toEqual(ordered)
  })
})

describe('volumes', () => {
  const name = 'f'.repeat(64)
  const mounted = (Destination: string, Name: string, RW = true) => ({
    Type: 'volume',
    Name,
    Destination,
    RW,
  })
  const hostOf = (host: Fields, Mounts: readonly unknown[]) =>
    createSpec(inspected({}, host, { Mounts }), imageConfig()).hostConfig

  test('without a name are asked for by the name that they got', () => {
    const found = hostOf({}, [mounted('/data', name), mounted('/read', 'e'.repeat(64), false)])
    const VolumeOptions = { NoCopy: true }
    expect(found.Mounts).toEqual([
      { Type: 'volume', Source: name, Target: '/data', VolumeOptions },
      { Type: 'volume', Source: 'e'.repeat(64), Target: '/read', ReadOnly: true, VolumeOptions },
    ])
  })

  test.each([['/data'], ['/data:rw']])('also where they were asked for as %s', (bind) => {
    const found = hostOf({ Binds: [bind, 'uploads:/up'] }, [mounted('/data', name)])
    expect(found).toMatchObject({ Binds: ['uploads:/up'], Mounts: [{ Source: name }] })
  })

  test('are known by their folder where an Engine leaves out their name', () => {
    const Source = `/var/lib/docker/volumes/${name}/_data`
    const found = hostOf({ Binds: ['/data'] }, [{ Type: 'volume', Source, Destination: '/data' }])
    expect(found).toMatchObject({ Binds: [], Mounts: [{ Source: name, Target: '/data' }] })
  })

  test('with a name are asked for as they were', () => {
    const Mounts = [{ Type: 'volume', Source: 'uploads', Target: '/up' }]
    const at = [mounted('/up', 'uploads'), mounted('/b', 'bound')]
    const found = hostOf({ Mounts, Binds: ['bound:/b:ro'] }, at)
    expect(found).toMatchObject({ Mounts, Binds: ['bound:/b:ro'] })
  })
})

describe('networks', () => {
  const networksOf = (mode: string, Networks: Fields) =>
    createSpec(
      inspected({}, { NetworkMode: mode }, { NetworkSettings: { Networks } }),
      imageConfig(),
    ).networks

  test('keep names and addresses that were asked for, and none that the host gave', () => {
    const shortId = containerId.slice(0, 12)
    const found = networksOf('front', {
      front: {
        Aliases: ['backend', shortId, shortId],
        IPAMConfig: { IPv4Address: '10.0.0.9', IPv6Address: '' },
        IPAddress: '10.0.0.9',
        MacAddress: '02:42:0a:00:00:09',
        NetworkID: 'n',
      },
      back: { Aliases: [shortId], IPAMConfig: {}, DriverOpts: null },
    })
    expect(found.endpoints).toEqual({
      front: { Aliases: ['backend'], IPAMConfig: { IPv4Address: '10.0.0.9' } },
      back: {},
    })
  })

  test('are named as they are called: not by id, and not one that it has left', () => {
    expect(networksOf('n1', { front: { NetworkID: 'n1' } }).mode).toBe('front')
    expect(networksOf('left', { back: {} }).mode).toBe('back')
    expect(networksOf('default', { bridge: {} }).mode).toBe('bridge')
    expect(networksOf('host', { host: {} })).toEqual({ mode: 'host', endpoints: {} })
  })
})

describe('the hash', () => {
  const hashOf = (config: Fields, host: Fields = {}, more: Fields = {}) =>
    sha256Of(createSpec(inspected(config, host, more), imageConfig()))

  test('is the same whatever it is called, where it runs and when it is restarted', () => {
    const same = hashOf({})
    expect(hashOf({ Image: 'shop/backend:v2' })).toBe(same)
    expect(hashOf({}, { RestartPolicy: { Name: 'always' } })).toBe(same)
    expect(hashOf({}, { Dns: [], Links: null })).toBe(same)
    expect(hashOf({}, {}, { Name: '/another', Created: '2026-11-22T03:00:00Z' })).toBe(same)
    expect(hashOf({ Labels: { 'backout.mark': 'm', 'backout.role': 'serving' } })).toBe(same)
    expect(hashOf({ Labels: { 'com.docker.compose.config-hash': '1' } })).toBe(same)
  })

  test.each<[string, Fields, Fields?]>([
    ['a variable', { Env: ['A=1'] }],
    ['a label', { Labels: { a: '1' } }],
    ['a limit', {}, { Memory: 1 }],
    ['a volume', {}, { Binds: ['a:/a'] }],
    ['its network', {}, { NetworkMode: 'host' }],
    ['how it is stopped', { StopTimeout: 0 }],
  ])('is another one with another: %s', (_, config, host) => {
    expect(hashOf(config, host)).not.toBe(hashOf({}))
  })

  test('does not tell the order of variables and of names', () => {
    expect(hashOf({ Env: ['A=1', 'B=2'] })).toBe(hashOf({ Env: ['B=2', 'A=1'] }))
    const inFront = (Aliases: readonly string[]) =>
      hashOf({}, {}, { NetworkSettings: { Networks: { front: { Aliases } } } })
    expect(inFront(['a', 'b'])).toBe(inFront(['b', 'a']))
  })
})

describe('what is sent', () => {
  const image = { id: 'sha256:2', digest: null, reference: 'shop/backend:v2' }
  const bodyOf = (seen: ReturnType<typeof inspected>, other: Partial<Wanted> = {}) =>
    createBody(createSpec(seen, imageConfig()), {
      image,
      service: 'backend',
      role: 'serving',
      mark: 'write-1',
      sha256: 'hash',
      imageConfig: imageConfig(),
      restartPolicy: 'always',
      networksAtOnce: 'all',
      ...other,
    })
  type Wanted = Parameters<typeof createBody>[1]
  const twoNetworks = inspected(
    { Labels: { 'com.docker.compose.project': 'shop', own: '1' } },
    { NetworkMode: 'front', RestartPolicy: { Name: 'always' } },
    { NetworkSettings: { Networks: { back: { Aliases: ['b'] }, front: {} } } },
  )

  test('is of the image by its id, and nothing starts it', () => {
    expect(bodyOf(twoNetworks).body).toMatchObject({
      Image: 'sha256:2',
      HostConfig: { RestartPolicy: { Name: 'no' }, NetworkMode: 'front' },
    })
  })

  test('names all networks where that is possible, and the others afterwards where it is not', () => {
    expect(bodyOf(twoNetworks)).toMatchObject({
      body: { NetworkingConfig: { EndpointsConfig: { front: {}, back: { Aliases: ['b'] } } } },
      later: [],
    })
    const old = bodyOf(twoNetworks, { networksAtOnce: 'one' })
    expect(old.body['NetworkingConfig']).toEqual({ EndpointsConfig: { front: {} } })
    expect(old.later).toEqual([['back', { Aliases: ['b'] }]])
    // It says so itself, in case that nobody comes to it.
    const networks = JSON.stringify({ back: { Aliases: ['b'] } })
    expect(old.body['Labels']).toMatchObject({ 'backout.networks': networks })
  })

  test('one that serves has the labels of compose, a kept one has none, nor those of its image', () => {
    expect(bodyOf(twoNetworks).body['Labels']).toMatchObject({
      'com.docker.compose.project': 'shop',
      own: '1',
      'backout.role': 'serving',
      'backout.mark': 'write-1',
    })
    const builtByCompose = imageConfig({ Labels: { 'com.docker.compose.service': 'backend' } })
    const kept = bodyOf(twoNetworks, { role: 'kept', imageConfig: builtByCompose }).body['Labels']
    expect(kept).toMatchObject({
      'backout.kept/com.docker.compose.project': 'shop',
      'backout.restart-policy': 'always',
      'backout.sha256': 'hash',
      'com.docker.compose.service': '',
    })
    expect(kept).not.toHaveProperty(['com.docker.compose.project'])
  })

  test('what is made like a kept one has everything back', () => {
    const { body } = bodyOf(twoNetworks, { role: 'kept' })
    const kept = inspected({ Labels: body['Labels'] }, { NetworkMode: 'front' })
    expect(createSpec(kept, imageConfig()).config.Labels).toEqual({
      'com.docker.compose.project': 'shop',
      own: '1',
    })
  })
})
