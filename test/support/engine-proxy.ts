import type { Like } from '../../src/adapters/docker-proxy/like.ts'
import {
  Inspected,
  ListedAll,
  type Fields,
  type Listed,
} from '../../src/adapters/docker-proxy/schema.ts'
import type { Facts } from '../../src/adapters/docker-proxy/judge.ts'

export const shopId = 'a1'.repeat(32)
export const keptId = 'b2'.repeat(32)
export const strangerId = 'c3'.repeat(32)
export const proxyId = 'd4'.repeat(32)
const backoutId = 'e5'.repeat(32)
export const newImage = `sha256:${'f6'.repeat(32)}`
const engineSocket = '/var/run/docker.sock'

export const services = {
  backend: { project: 'shop', service: 'backend' },
  frontend: { container: 'frontend' },
}

const composeLabels = {
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': 'backend',
  'com.docker.compose.oneoff': 'False',
}

/** What the image says of itself. */
export const imageConfig: Fields = {
  User: '',
  Env: ['PATH=/bin', 'VERSION=v2'],
  Cmd: ['/start'],
  Entrypoint: null,
  WorkingDir: '/app',
  Labels: { 'org.opencontainers.image.version': 'v2' },
  ExposedPorts: { '8080/tcp': {} },
  Volumes: null,
}

/** As an Engine tells of it, in short. */
const config = {
  Hostname: shopId.slice(0, 12),
  Domainname: '',
  User: '1000:1000',
  AttachStdin: false,
  Tty: false,
  Env: ['MONGODB_URI=mongodb://app:hidden@db/shop', 'PATH=/bin', 'VERSION=v2'],
  Cmd: ['/start'],
  Image: 'registry.example/shop/backend:v2',
  Volumes: null,
  WorkingDir: '/app',
  Entrypoint: null,
  OnBuild: null,
  ExposedPorts: { '8080/tcp': {} },
  Labels: { ...composeLabels, team: 'shop', 'org.opencontainers.image.version': 'v2' },
}

const hostConfig = {
  Binds: ['uploads:/var/lib/app:rw'],
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
  NetworkMode: 'shop_default',
  PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '8081' }] },
  RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  CapAdd: null,
  CapDrop: ['ALL'],
  CgroupnsMode: 'host',
  CgroupParent: '',
  Dns: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: true,
  SecurityOpt: ['no-new-privileges:true'],
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 67_108_864,
  Sysctls: null,
  Runtime: 'runc',
  Devices: [],
  DeviceRequests: null,
  DeviceCgroupRules: null,
  Memory: 268_435_456,
  MaskedPaths: ['/proc/kcore'],
  ReadonlyPaths: ['/proc/sys'],
}

const endpoint = { Aliases: ['backend', shopId.slice(0, 12)], NetworkID: '99'.repeat(32) }

export const seen = Inspected.parse({
  Id: shopId,
  Name: '/shop-backend-1',
  Image: `sha256:${'0a'.repeat(32)}`,
  State: { Status: 'running' },
  Config: config,
  HostConfig: hostConfig,
  Mounts: [
    {
      Type: 'volume',
      Name: 'uploads',
      Source: '/v/uploads',
      Destination: '/var/lib/app',
      RW: true,
    },
    { Type: 'volume', Name: '77'.repeat(32), Source: '/v/77', Destination: '/cache', RW: true },
  ],
  NetworkSettings: { Networks: { shop_default: endpoint, metrics: { Aliases: ['backend'] } } },
})

export const like: Like = { seen, image: imageConfig }

/** What Backout asks for: the image's own is left out, and a volume without a name is named. */
export function requestLike(): Record<string, unknown> & {
  HostConfig: Record<string, unknown>
  Labels: Record<string, string>
} {
  const imageOwn = new Set(['Labels', 'Image', 'Hostname', 'Cmd', 'Entrypoint', 'WorkingDir'])
  const own = Object.entries(config).filter(([name]) => !imageOwn.has(name))
  return structuredClone({
    ...Object.fromEntries(own),
    Image: newImage,
    Env: ['MONGODB_URI=mongodb://app:hidden@db/shop'],
    ExposedPorts: { '8080/tcp': {} },
    Labels: {
      ...composeLabels,
      team: 'shop',
      'backout.role': 'serving',
      'backout.mark': 'INC-1/2/swap',
      'backout.service': 'backend',
      'backout.image': 'registry.example/shop/backend:v1',
    },
    HostConfig: {
      ...hostConfig,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      Mounts: [
        {
          Type: 'volume',
          Source: '77'.repeat(32),
          Target: '/cache',
          VolumeOptions: { NoCopy: true },
        },
      ],
    },
    NetworkingConfig: { EndpointsConfig: { shop_default: { Aliases: ['backend'] } } },
  })
}

/** Hidden from compose, and made to be remembered. */
export function keptLike(): ReturnType<typeof requestLike> {
  const request = requestLike()
  return {
    ...request,
    Labels: {
      ...Object.fromEntries(
        Object.entries(composeLabels).map(([name, value]) => [`backout.kept/${name}`, value]),
      ),
      team: 'shop',
      'backout.role': 'kept',
      'backout.mark': 'INC-1/2/keep',
      'backout.service': 'backend',
      'backout.image': 'registry.example/shop/backend:v2',
      'backout.sha256': 'ab'.repeat(32),
      'backout.restart-policy': 'unless-stopped',
    },
  }
}

/** The kept one once it is there. */
export const keptSeen = Inspected.parse({
  Id: keptId,
  Name: '/shop-backend-1-kept-abc',
  Image: seen.Image,
  State: { Status: 'created' },
  Config: { ...config, Hostname: keptId.slice(0, 12), Labels: keptLike().Labels },
  HostConfig: keptLike().HostConfig,
  Mounts: seen.Mounts,
  NetworkSettings: { Networks: { shop_default: { Aliases: ['backend'] } } },
})

const listed = (
  Id: string,
  name: string,
  Labels: Readonly<Record<string, string>>,
  Mounts: readonly unknown[] = [],
): unknown => ({
  Id,
  Names: [`/${name}`],
  Image: 'registry.example/shop/backend:v2',
  Labels,
  Mounts,
})

const volume = (Name: string) => ({ Type: 'volume', Name, Source: `/v/${Name}`, RW: true })

/** A host with a service, what is kept of it, somebody else's database, this proxy and Backout itself. */
export const onHost: readonly Listed[] = ListedAll.parse([
  listed(shopId, 'shop-backend-1', config.Labels, [volume('uploads')]),
  listed(keptId, 'shop-backend-1-kept-abc', keptLike().Labels, [volume('uploads')]),
  listed(strangerId, 'database', {}),
  listed(proxyId, 'backout-engine-proxy-1', {}, [
    { Type: 'bind', Source: engineSocket, Destination: engineSocket, RW: true },
    volume('engine'),
  ]),
  listed(backoutId, 'backout-backout-1', {}, [volume('engine'), volume('journal')]),
])

export const facts = (some: Partial<Facts> = {}): Facts => ({
  services,
  job: null,
  around: { all: onHost, ownId: proxyId, engineSocket },
  target: seen,
  likes: [like, { seen: keptSeen, image: imageConfig }],
  repositories: new Set(['registry.example/shop/backend']),
  ...some,
})
