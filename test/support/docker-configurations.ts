import fc from 'fast-check'

/** How somebody asks for a container, as `POST /containers/create` takes it; its image is left open. */
export type Configuration = {
  readonly body: Readonly<Record<string, unknown>> & {
    readonly HostConfig: Readonly<Record<string, unknown>>
  }
  /** The one that it is created in, and those that it is put into then. */
  readonly networks: readonly {
    readonly name: string
    readonly endpoint: Readonly<Record<string, unknown>>
  }[]
}

/** Lines of Dockerfiles. What both say, only one says, or they say differently. */
export const images = {
  old: [
    'ENV ONLY_OLD=1 SHARED=old COMMON=same',
    'LABEL team=a tier=web',
    'VOLUME /var/lib/app',
    'EXPOSE 7070',
    'WORKDIR /www',
    'USER 0:0',
    'ENTRYPOINT ["/bin/busybox", "env"]',
  ],
  next: [
    'ENV SHARED=next COMMON=same ONLY_NEXT=1',
    'LABEL team=b',
    'VOLUME /var/cache',
    'EXPOSE 6060',
    'ENTRYPOINT ["/bin/env"]',
    'HEALTHCHECK --interval=5s --retries=9 CMD wget -q -O /dev/null http://127.0.0.1:8080/version',
  ],
} as const

/** Where only one of the two images wants a volume. */
export const volumeOfNext = '/var/cache'

const second = 1_000_000_000

/** Any of them, in any order. */
const some = <T>(...values: readonly T[]) => fc.shuffledSubarray([...values])
/** Any of these fields, each as it is here. */
const someOf = (fields: Readonly<Record<string, unknown>>) =>
  fc.subarray(Object.entries(fields)).map((entries) => Object.fromEntries(entries))

const command = fc.constantFrom(
  {},
  { Cmd: ['/bin/sleep', '100'] },
  { Entrypoint: ['/bin/sh', '-c'], Cmd: ['sleep 100'] },
  { Entrypoint: ['/bin/env'] },
  { Entrypoint: [''], Cmd: ['/bin/sleep', '100'] },
)

const healthcheck = fc.constantFrom(
  {},
  { Healthcheck: { Test: ['NONE'] } },
  { Healthcheck: { Test: ['CMD', '/bin/env'], Interval: second, Timeout: second, Retries: 5 } },
  { Healthcheck: { Interval: 2 * second } },
)

const own = someOf({
  User: '1000:1000',
  WorkingDir: '/tmp',
  StopSignal: 'SIGINT',
  StopTimeout: 3,
  Tty: true,
  OpenStdin: true,
  Labels: {
    team: 'mine',
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'app',
    'com.docker.compose.oneoff': 'False',
  },
  ExposedPorts: { '9090/tcp': {} },
  Volumes: { '/anonymous': {} },
  Shell: ['/bin/sh', '-c'],
  MacAddress: '02:42:0a:63:00:77',
})

const variables = some(
  // The same as the old image's, and meant.
  'ONLY_OLD=1',
  'COMMON=same',
  'SHARED=mine',
  'OWN=x=y z',
  'EMPTY=',
)

const hostname = fc.constantFrom(
  {},
  { config: { Hostname: 'web', Domainname: 'example.com' } },
  { host: { UTSMode: 'host' } },
)

const restrictions = someOf({
  CapAdd: ['NET_ADMIN'],
  CapDrop: ['MKNOD', 'NET_RAW'],
  Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }],
  Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/own', CgroupPermissions: 'rw' }],
  ReadonlyRootfs: true,
  SecurityOpt: ['no-new-privileges'],
  Memory: 64 * 1024 * 1024,
  NanoCpus: 500_000_000,
  PidsLimit: 100,
  OomScoreAdj: 100,
  ShmSize: 1024 * 1024,
  GroupAdd: ['10'],
  Sysctls: { 'net.core.somaxconn': '100' },
})

const surroundings = someOf({
  ExtraHosts: ['db:10.1.2.3'],
  Dns: ['10.0.0.53'],
  DnsSearch: ['example.com'],
  Init: true,
  IpcMode: 'shareable',
  PidMode: 'host',
  PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
  Tmpfs: { '/run': 'size=1m' },
  AutoRemove: false,
})

const restart = fc.constantFrom(
  {},
  { RestartPolicy: { Name: 'unless-stopped' } },
  { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
)

const log = fc.constantFrom(
  {},
  { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } },
  { LogConfig: { Type: 'none' } },
)

const volumes = fc.record({
  Binds: some('uploads:/uploads', 'uploads:/read-only:ro', '/tmp:/of-host', '/without-a-name'),
  Mounts: some<unknown>(
    { Type: 'tmpfs', Target: '/memory', TmpfsOptions: { SizeBytes: 1_000_000 } },
    { Type: 'volume', Target: '/data' },
    { Type: 'volume', Source: 'uploads', Target: '/more', ReadOnly: true },
    { Type: 'bind', Source: '/tmp', Target: '/bound', ReadOnly: true },
  ),
})

const networks = fc.shuffledSubarray(['front', 'back', 'side']).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record({
        name: fc.constant(name),
        endpoint: fc
          .tuple(some('app', 'api', `${name}-only`), fc.boolean())
          .map(([Aliases, isStatic]) => ({
            ...(Aliases.length > 0 ? { Aliases } : {}),
            ...(isStatic ? { IPAMConfig: { IPv4Address: addressIn(name) } } : {}),
          })),
      }),
    ),
  ),
)

export const configurations: fc.Arbitrary<Configuration> = fc
  .record({
    parts: fc.tuple(own, command, healthcheck),
    hostParts: fc.tuple(restrictions, surroundings, restart, log, volumes),
    Env: variables,
    hostname,
    networks,
  })
  .map(({ parts, hostParts, Env, hostname: named, networks: within }) => {
    const { MacAddress, ...config } = Object.assign({}, ...parts)
    return {
      body: {
        ...config,
        Env,
        ...named.config,
        // Only in a network can there be one.
        ...(MacAddress && within.length > 0 ? { MacAddress } : {}),
        HostConfig: { ...Object.assign({}, ...hostParts), ...named.host },
      },
      networks: within,
    }
  })

function addressIn(network: string): string {
  return `10.99.${['front', 'back', 'side'].indexOf(network)}.50`
}
