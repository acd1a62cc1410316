import { describe, expect, test } from 'vitest'
import { callOf } from '../../src/adapters/docker-proxy/calls.ts'
import { judge, type Facts } from '../../src/adapters/docker-proxy/judge.ts'
import { ListedAll, type Fields, type Listed } from '../../src/adapters/docker-proxy/schema.ts'
import {
  facts,
  keptId,
  keptLike,
  keptSeen,
  like,
  newImage,
  onHost,
  requestLike,
  seen,
  shopId,
  strangerId,
} from '../support/engine-proxy.ts'

type Request = ReturnType<typeof requestLike>

const verdict = (line: string, body: unknown = {}, some: Partial<Facts> = {}) => {
  const [method = '', url = ''] = line.split(' ')
  const call = callOf(method, url)
  if (typeof call === 'string') throw new Error(call)
  const said: unknown = JSON.parse(JSON.stringify(body))
  return judge(call, said as Fields, facts(some))
}
const create = (body: unknown, some: Partial<Facts> = {}) =>
  verdict('POST /v1.41/containers/create?name=shop-backend-1-next-abc', body, some)
const because = (found: ReturnType<typeof judge>) =>
  found.kind === 'allowed' ? 'allowed' : found.because

describe('a new container', () => {
  test('like one that is there, of another image, with labels of Backout, is let through as it was judged', () => {
    const body = requestLike()
    expect(create(body)).toEqual({ kind: 'allowed', body })
  })

  test('one that is kept is let through, and so is one like it', () => {
    expect(because(create(keptLike()))).toBe('allowed')
    const fromKept = { likes: [{ seen: keptSeen, image: like.image }] }
    expect(because(create(requestLike(), fromKept))).toBe('allowed')
    expect(because(create(keptLike(), fromKept))).toBe('allowed')
  })

  test('it may say which networks of the other one it is put into later, and one like it may be too', () => {
    const body = requestLike()
    body.Labels['backout.networks'] = '{"metrics":{"Aliases":["backend"]}}'
    expect(because(create(body))).toBe('allowed')
    const labels = {
      ...keptSeen.Config.Labels,
      'backout.networks': body.Labels['backout.networks'],
    }
    const promising = { ...keptSeen, Config: { ...keptSeen.Config, Labels: labels } }
    expect(because(create(body, { likes: [{ seen: promising, image: like.image }] }))).toBe(
      'allowed',
    )
  })

  test('it may ask for all that the other one has, or leave out what is its image’s own', () => {
    const body = requestLike()
    const whole = { ...body, Env: seen.Config['Env'], Cmd: ['/start'], WorkingDir: '/app' }
    expect(because(create(whole))).toBe('allowed')
  })

  test('a flag of the settings may have a value of it; no other variable, no other value, and not one that is kept', () => {
    const FLAG = 'MULTI_TENANT_ENABLED'
    const flagged = { likes: [{ ...like, mayBecome: { [FLAG]: ['true', 'false'] } }] }
    const withEnv = (body: Request, ...more: readonly string[]) => {
      Object.assign(body, { Env: [...(Array.isArray(body['Env']) ? body['Env'] : []), ...more] })
      return body
    }
    expect(because(create(withEnv(requestLike(), `${FLAG}=false`), flagged))).toBe('allowed')
    expect(because(create(requestLike(), flagged))).toBe('allowed')
    const refusedWith = (body: Request, some: Partial<Facts> = flagged) =>
      expect(because(create(body, some))).toMatch(/differs in Env\b/)
    refusedWith(withEnv(requestLike(), `${FLAG}=false`), {})
    refusedWith(withEnv(requestLike(), `${FLAG}=$(reboot)`))
    refusedWith(withEnv(requestLike(), FLAG))
    refusedWith(withEnv(requestLike(), 'LD_PRELOAD=/x'))
    refusedWith(withEnv(requestLike(), `${FLAG}=false`, 'LD_PRELOAD=/x'))
    refusedWith(withEnv(requestLike(), 'constructor=false'))
    refusedWith(withEnv(keptLike(), `${FLAG}=false`))
    // One that has it may go back to what was kept of the one before.
    const off = { ...like.seen, Config: { ...like.seen.Config, Env: [`${FLAG}=false`] } }
    const both = { likes: [{ seen: off, image: like.image }, like] }
    expect(because(create(requestLike(), both))).toBe('allowed')
  })

  const host = (key: string, value: unknown) => (body: Request) => {
    body.HostConfig[key] = value
  }
  const own = (key: string, value: unknown) => (body: Request) => {
    Object.assign(body, { [key]: value })
  }
  const label = (key: string, value: unknown) => (body: Request) => {
    Object.assign(body.Labels, { [key]: value })
  }
  const without = (key: string) => (body: Request) => {
    delete body.HostConfig[key]
    delete body[key]
    delete body.Labels[key]
  }

  test.each<[string, (body: Request) => void]>([
    ['with all rights', host('Privileged', true)],
    ['with a folder of the host', host('Binds', ['uploads:/var/lib/app:rw', '/:/host'])],
    ['with another folder in place of its own', host('Binds', ['/:/var/lib/app:rw'])],
    ['with its own folder, writable where it was not', host('Binds', ['uploads:/var/lib/app'])],
    ['without its volume', host('Binds', [])],
    [
      'with a mount',
      (body) => {
        body.HostConfig['Mounts'] = [{ Type: 'bind', Source: '/', Target: '/host' }]
      },
    ],
    [
      'with a mount in place of its volume',
      (body) => {
        body.HostConfig['Mounts'] = [{ Type: 'bind', Source: '/', Target: '/cache' }]
      },
    ],
    [
      'with somebody else’s volume',
      (body) => {
        body.HostConfig['Mounts'] = [
          { Type: 'volume', Source: 'journal', Target: '/cache', VolumeOptions: { NoCopy: true } },
        ]
      },
    ],
    [
      'with its volume by a driver that mounts anything',
      (body) => {
        body.HostConfig['Mounts'] = [
          {
            Type: 'volume',
            Source: '77'.repeat(32),
            Target: '/cache',
            VolumeOptions: { NoCopy: true, DriverConfig: { Options: { device: '/', o: 'bind' } } },
          },
        ]
      },
    ],
    [
      'with its volume twice',
      (body) => {
        const mounts = body.HostConfig['Mounts'] as unknown[]
        body.HostConfig['Mounts'] = [...mounts, ...mounts]
      },
    ],
    ['with a device', host('Devices', [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda' }])],
    ['with devices by a rule', host('DeviceCgroupRules', ['b *:* rwm'])],
    ['with a graphics card', host('DeviceRequests', [{ Count: -1 }])],
    ['with a capability more', host('CapAdd', ['SYS_ADMIN'])],
    ['with a capability that was dropped', host('CapDrop', [])],
    ['without saying which are dropped', without('CapDrop')],
    ['in the processes of the host', host('PidMode', 'host')],
    ['in the processes of another one', host('PidMode', `container:${strangerId}`)],
    ['in the shared memory of the host', host('IpcMode', 'host')],
    ['in the network of the host', host('NetworkMode', 'host')],
    ['in the network of another one', host('NetworkMode', `container:${strangerId}`)],
    ['in a network of others', host('NetworkMode', 'payments')],
    ['in no network that is named', without('NetworkMode')],
    ['with the name of the host', host('UTSMode', 'host')],
    ['with the users of the host', host('UsernsMode', 'host')],
    ['in the groups of the host', host('CgroupnsMode', 'private')],
    ['without its seccomp', host('SecurityOpt', ['no-new-privileges:true', 'seccomp=unconfined'])],
    ['without its safety', host('SecurityOpt', null)],
    ['with volumes of another one', host('VolumesFrom', ['database'])],
    ['in another control group', host('CgroupParent', '/system.slice')],
    ['with settings of the kernel', host('Sysctls', { 'kernel.core_pattern': '|/x' })],
    ['with a group more', host('GroupAdd', ['docker'])],
    ['with another runtime', host('Runtime', 'sysbox')],
    ['with more memory', host('Memory', 0)],
    ['with files of the kernel uncovered', host('MaskedPaths', [])],
    ['with a root that can be written', host('ReadonlyRootfs', false)],
    ['with a port', host('PortBindings', { '8080/tcp': [{ HostIp: '', HostPort: '80' }] })],
    ['with all ports', host('PublishAllPorts', true)],
    ['with hosts of its own', host('ExtraHosts', ['registry.example:10.0.0.1'])],
    ['that writes where its id is', host('ContainerIDFile', '/etc/cron.d/x')],
    [
      'that its host starts by itself',
      host('RestartPolicy', { Name: 'always', MaximumRetryCount: 0 }),
    ],
    ['linked to another one', host('Links', ['database:db'])],
    [
      'with a log that is sent elsewhere',
      host('LogConfig', { Type: 'syslog', Config: { 'syslog-address': 'udp://evil' } }),
    ],
    ['as root', own('User', '0')],
    ['as whom its image says', own('User', '')],
    ['without saying as whom', without('User')],
    ['with another command', own('Cmd', ['sh', '-c', 'id'])],
    ['with another entrypoint', own('Entrypoint', ['sh'])],
    ['without its command', own('Entrypoint', [''])],
    [
      'with a variable more',
      (body) => {
        body['Env'] = ['MONGODB_URI=mongodb://app:hidden@db/shop', 'LD_PRELOAD=/tmp/x.so']
      },
    ],
    ['with another value of a variable', own('Env', ['MONGODB_URI=mongodb://evil/shop'])],
    [
      'with a second value of a variable',
      (body) => {
        body['Env'] = [
          'MONGODB_URI=mongodb://app:hidden@db/shop',
          'MONGODB_URI=mongodb://evil/shop',
        ]
      },
    ],
    ['without a variable of its own', own('Env', [])],
    ['with a health check that runs something', own('Healthcheck', { Test: ['CMD', 'sh'] })],
    ['without a health check', own('Healthcheck', { Test: ['NONE'] })],
    ['in another folder', own('WorkingDir', '/tmp')],
    ['with a terminal', own('Tty', true)],
    ['with another name of its own', own('Hostname', 'payments')],
    ['with a volume more', own('Volumes', { '/x': {} })],
    ['of an image by its name, which moves', own('Image', 'registry.example/shop/backend:v1')],
    ['of no image', without('Image')],
    [
      'without the network of its own',
      own('NetworkingConfig', { EndpointsConfig: { payments: {} } }),
    ],
    [
      'under the alias of another one',
      own('NetworkingConfig', {
        EndpointsConfig: { shop_default: { Aliases: ['backend', 'payments'] } },
      }),
    ],
    ['without its alias', own('NetworkingConfig', { EndpointsConfig: { shop_default: {} } })],
    [
      'with an address that is asked for',
      own('NetworkingConfig', {
        EndpointsConfig: {
          shop_default: { Aliases: ['backend'], IPAMConfig: { IPv4Address: '10.0.0.9' } },
        },
      }),
    ],
    ['with a label of others', label('traefik.http.routers.x.rule', 'Host(`pay.example`)')],
    ['with another label of its own', label('team', 'payments')],
    ['without a label of its own', without('team')],
    ['of another compose project', label('com.docker.compose.project', 'payments')],
    ['that says it is Backout itself', label('backout.part', 'bot')],
    ['with a label that only begins like ours', label('backout.anything', 'x')],
    [
      'with a label that is remembered without being kept',
      label('backout.kept/com.docker.compose.project', 'x'),
    ],
    ['without the name of its service', without('backout.service')],
    ['of a service that is not in the settings', label('backout.service', 'payments')],
    ['without a mark', without('backout.mark')],
    ['that is to be put into a network of others', label('backout.networks', '{"payments":{}}')],
    ['that is to have another alias', label('backout.networks', '{"metrics":{"Aliases":["pay"]}}')],
    ['that promises what cannot be read', label('backout.networks', 'payments')],
    ['with a key that nobody knows', own('Sudo', true)],
    ['with a key of another case', own('hostconfig', { Privileged: true })],
    ['with a key of another case in it', host('binds', ['/:/host'])],
    ['with a key that is folded to it', host('Bindſ', ['/:/host'])],
    [
      'with the key of a prototype',
      (body) => {
        Object.defineProperty(body.HostConfig, '__proto__', {
          value: { Privileged: true },
          enumerable: true,
        })
      },
    ],
    ['with a list in place of its settings', own('HostConfig', [])],
  ])('%s is refused', (_, change) => {
    const body = requestLike()
    change(body)
    expect(create(body).kind).toBe('refused')
  })

  test('a kept one that would remember another project, or show itself to compose, is refused', () => {
    for (const [name, value] of [
      ['backout.kept/com.docker.compose.project', 'payments'],
      ['backout.kept/traefik.enable', 'true'],
      ['com.docker.compose.project', 'shop'],
    ] as const) {
      const body = keptLike()
      body.Labels[name] = value
      expect(create(body).kind, name).toBe('refused')
    }
  })

  test('where its image is gone, all that it has must be asked for', () => {
    const likes = [{ seen, image: {} }]
    expect(create(requestLike(), { likes }).kind).toBe('refused')
    const { Env, Cmd, WorkingDir } = seen.Config
    const labels = { ...seen.Config.Labels, ...requestLike().Labels }
    const body = { ...requestLike(), Env, Cmd, WorkingDir, Labels: labels }
    expect(because(create(body, { likes }))).toBe('allowed')
  })

  test('a refusal names what differs, and nothing of what is in it', () => {
    const body = requestLike()
    body.HostConfig['Privileged'] = true
    body['Env'] = ['MONGODB_URI=mongodb://app:other@db/shop']
    expect(because(create(body))).toBe(
      'A new container may differ from one that is there in its image, its name, labels of Backout, and the flags of the settings. ' +
        'From shop-backend-1 this one differs in Env, HostConfig.Privileged.',
    )
    expect(because(create(requestLike(), { likes: [] }))).toBe(
      'There is no container of backend that a new one could be like.',
    )
  })
})

describe('a container', () => {
  const path = `/v1.41/containers/${shopId}`
  const reads = ['/json', '/logs?tail=1', '/stats?stream=false', '/changes'].map(
    (what) => `GET ${path}${what}`,
  )
  const writes = [
    `POST ${path}/start`,
    `POST ${path}/stop`,
    `DELETE ${path}`,
    `POST ${path}/rename?name=shop-backend-1-old`,
  ]

  test.each([...reads, ...writes])('of the settings: %s', (line) => {
    expect(because(verdict(line))).toBe('allowed')
  })

  test('gets a restart policy and nothing else', () => {
    const policy = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 } }
    expect(verdict(`POST ${path}/update`, policy)).toEqual({ kind: 'allowed', body: policy })
    for (const body of [
      {},
      { ...policy, Memory: 0 },
      { ...policy, CpusetCpus: '0' },
      { ...policy, restartpolicy: { Name: 'always' } },
      { RestartPolicy: { Name: 'always', name: 'no' } },
      { RestartPolicy: { Name: 'sometimes' } },
      { RestartPolicy: { Name: 'no', MaximumRetryCount: -1 } },
      { RestartPolicy: 'no' },
    ]) {
      expect(verdict(`POST ${path}/update`, body).kind, JSON.stringify(body)).toBe('refused')
    }
  })

  const named = (all: readonly Listed[], id = shopId) => ({
    around: { ...facts().around, all },
    target: { ...seen, Id: id },
  })
  const shopWith = (change: object) =>
    named(onHost.map((one) => (one.Id === shopId ? { ...one, ...change } : one)))
  const mount = (Source: string, Destination = '/x') =>
    ListedAll.parse([{ Id: 'x', Mounts: [{ Type: 'bind', Source, Destination, RW: false }] }])[0]
      ?.Mounts

  test.each<[string, Partial<Facts>]>([
    ['is this proxy’s own', { around: { ...facts().around, ownId: shopId } }],
    ['is a part of Backout', shopWith({ Labels: { 'backout.part': 'bot' } })],
    ['has the socket of the Engine', shopWith({ Mounts: mount('/var/run/docker.sock') })],
    ['has the folder in which that socket is', shopWith({ Mounts: mount('/var/run') })],
    ['has the socket under another name', shopWith({ Mounts: mount('/x', '/run/docker.sock') })],
    ['has the root of the host, with all that is on it', shopWith({ Mounts: mount('/') })],
    [
      'has the volume of this proxy',
      shopWith({
        Mounts: onHost.find(({ Names }) => Names[0] === '/backout-engine-proxy-1')?.Mounts.slice(1),
      }),
    ],
    ['has the volume of Backout’s journal', shopWith({ Mounts: onHost.at(-1)?.Mounts.slice(1) })],
  ])('that %s is left alone, even to be read', (_, some) => {
    for (const line of [...reads, ...writes]) {
      expect(verdict(line, {}, some).kind, line).toBe('refused')
    }
  })

  test.each<[string, Partial<Facts>]>([
    ['is of no service', { target: { ...seen, Config: { ...seen.Config, Labels: {} } } }],
    [
      'is one that compose has run once',
      {
        target: {
          ...seen,
          Config: {
            ...seen.Config,
            Labels: { ...seen.Config.Labels, 'com.docker.compose.oneoff': 'True' },
          },
        },
      },
    ],
  ])('that %s is left alone, and of it is told only what it shares', (_, some) => {
    const inspect = `GET ${path}/json`
    expect(verdict(inspect, {}, some)).toEqual({ kind: 'allowed', body: null, only: 'modes' })
    for (const line of [...reads, ...writes].filter((one) => one !== inspect)) {
      expect(verdict(line, {}, some).kind, line).toBe('refused')
    }
  })

  test('that is not there, or has another id than was asked for, is absent', () => {
    expect(verdict(`POST ${path}/stop`, {}, { target: null }).kind).toBe('absent')
    expect(verdict(`POST ${path}/stop`, {}, { target: keptSeen }).kind).toBe('absent')
  })

  test('that is kept is never started', () => {
    const kept = { target: keptSeen }
    expect(because(verdict(`POST /containers/${keptId}/start`, {}, kept))).toBe(
      'shop-backend-1-kept-abc is kept as it is, and never started.',
    )
    expect(because(verdict(`DELETE /containers/${keptId}`, {}, kept))).toBe('allowed')
  })

  test('known by its name alone is not renamed so that nobody knows it any more', () => {
    const front = { ...seen, Name: 'frontend', Config: { ...seen.Config, Labels: {} } }
    const rename = (name: string) =>
      verdict(`POST ${path}/rename?name=${name}`, {}, { target: front }).kind
    expect(rename(`frontend-old-${shopId.slice(0, 12)}`)).toBe('allowed')
    expect(rename('frontend-old')).toBe('refused')
    expect(rename('database')).toBe('refused')
  })

  test('what was kept of what it had written is removed, and of no other service', () => {
    const forget = (name: string) =>
      verdict(`DELETE /images/backout-kept/${name}?force=false&noprune=true`).kind
    expect(forget('backend:3f2a91c0d4e5')).toBe('allowed')
    expect(forget('database:3f2a91c0d4e5')).toBe('refused')
    expect(forget('constructor:a')).toBe('refused')
  })

  test('what it has written is kept under a name of ours, and nothing is put into it', () => {
    const keep = (body: unknown, repo = 'backout-kept/backend') =>
      verdict(`POST /commit?container=${shopId}&repo=${repo}&tag=x&pause=false`, body).kind
    expect(keep({ Labels: { 'com.docker.compose.project': '', 'backout.mark': '' } })).toBe(
      'allowed',
    )
    expect(keep({}, 'backout-kept/frontend')).toBe('refused')
    for (const body of [
      { Labels: { team: '' } },
      { Labels: { 'backout.mark': 'x' } },
      { Cmd: ['sh'] },
      { labels: { team: 'x' } },
      { Labels: [] },
    ]) {
      expect(keep(body), JSON.stringify(body)).toBe('refused')
    }
  })

  test('made just now gets the networks of one that is there, under the same names', () => {
    const connect = (network: string, body: object, target = keptSeen) =>
      verdict(`POST /networks/${network}/connect`, { Container: target.Id, ...body }, { target })
        .kind
    const aliases = { EndpointConfig: { Aliases: ['backend'] } }
    expect(connect('metrics', aliases)).toBe('allowed')
    expect(connect('payments', aliases)).toBe('refused')
    expect(connect('metrics', { EndpointConfig: { Aliases: ['payments'] } })).toBe('refused')
    expect(connect('metrics', { endpointconfig: {}, ...aliases })).toBe('refused')
    expect(connect('metrics', aliases, seen)).toBe('refused')
    const short = { Container: keptId.slice(0, 12), ...aliases }
    expect(verdict('POST /networks/metrics/connect', short, { target: keptSeen }).kind).toBe(
      'absent',
    )
  })
})

test('a registry is asked only about a repository that an image of the settings is from', () => {
  const asked = (from: string) => verdict(`GET /distribution/${from}@${newImage}/json`).kind
  expect(asked('registry.example/shop/backend')).toBe('allowed')
  for (const from of ['registry.example/shop/other', '169.254.169.254/shop/backend']) {
    expect(asked(from), from).toBe('refused')
  }
})

test('an image is pulled only from where an image of the settings is from', () => {
  const pull = (from: string) =>
    verdict(`POST /images/create?fromImage=${from}&tag=${newImage}`).kind
  expect(pull('registry.example/shop/backend')).toBe('allowed')
  for (const from of [
    'registry.example/shop/other',
    'shop/backend',
    '169.254.169.254/shop/backend',
  ]) {
    expect(pull(from), from).toBe('refused')
  }
})
