import { accessSync, constants, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export type ServerName =
  | 'redis'
  | 'prometheus'
  | 'alertmanager'
  | 'mongodb'
  | 'kubernetes'
  | 'docker'
  | 'chromium'
  | 'unleash'
  | 'postgres'
  | 'pm2'

/** What is built from a Go module of ours: binary name to the package it is built from. */
export type GoModule = {
  readonly folder: string
  readonly packages: Readonly<Record<string, string>>
  readonly ldflags: string
}

const moduleFolder = (name: string): string => join(import.meta.dirname, name)

const requiredVersion = (folder: string, goModule: string): string => {
  const lines = readFileSync(join(folder, 'go.mod'), 'utf8').split('\n')
  const line = lines
    .map((one) => one.trim().replace(/^require /, ''))
    .find((one) => one.startsWith(`${goModule} v`))
  const version = line?.split(' ')[1]
  if (!version) throw new Error(`${folder}/go.mod requires no ${goModule}`)
  return version
}

const versionFlag = (name: string, value = ''): string =>
  `-X k8s.io/component-base/version.${name}=${value}`

/** The API server reports this as its version; clients choke on the default `v0.0.0-master`. */
const kubernetesFlags = (): string => {
  const version = requiredVersion(moduleFolder('kubernetes'), 'k8s.io/kubernetes')
  const [major, minor] = version.slice(1).split('.')
  return [
    versionFlag('gitVersion', version),
    versionFlag('gitMajor', major),
    versionFlag('gitMinor', minor),
  ].join(' ')
}

/** Its version is on a label of every container that it makes. */
const composeModule = (major: '2' | '5') => {
  const goPackage = `github.com/docker/compose/v${major}`
  const folder = moduleFolder(`compose-${major}`)
  const version = requiredVersion(folder, goPackage)
  return {
    folder,
    packages: { [`docker-compose-${major}`]: `${goPackage}/cmd` },
    ldflags: `-X ${goPackage}/internal.Version=${version}`,
  }
}

export const goModules = {
  kubernetes: {
    folder: moduleFolder('kubernetes'),
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    ldflags: kubernetesFlags(),
  },
  etcd: {
    folder: moduleFolder('etcd'),
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    ldflags: '',
  },
  kwok: {
    folder: moduleFolder('kwok'),
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    ldflags: '',
  },
  ferretdb: { folder: moduleFolder('ferretdb'), packages: { ferretdb: '.' }, ldflags: '' },
  'mongo-tools': {
    folder: moduleFolder('mongo-tools'),
    packages: {
      mongodump: 'github.com/mongodb/mongo-tools/mongodump/main',
      mongorestore: 'github.com/mongodb/mongo-tools/mongorestore/main',
    },
    // The release that the commit in its go.mod is of; built without, they say none.
    ldflags: '-X main.VersionStr=100.9.5',
  },
  'compose-5': composeModule('5'),
  'compose-2': composeModule('2'),
} as const satisfies Record<string, GoModule>

export type GoModuleName = keyof typeof goModules

export const goModuleNames = [
  'etcd',
  'ferretdb',
  'mongo-tools',
  'kwok',
  'kubernetes',
  'compose-5',
  'compose-2',
] as const satisfies readonly GoModuleName[]

/** What is installed from npm: a folder with a lock file, and where in it each program is then. */
export const npmServers = {
  pm2: { folder: moduleFolder('pm2'), programs: { pm2: 'node_modules/pm2/bin/pm2' }, own: [] },
  unleash: {
    folder: moduleFolder('unleash'),
    programs: { unleash: 'server.mjs' },
    own: ['server.mjs'],
  },
} as const satisfies Record<
  string,
  {
    readonly folder: string
    readonly programs: Readonly<Record<string, string>>
    /** Copied beside what is installed. */
    readonly own: readonly string[]
  }
>

export type NpmServerName = keyof typeof npmServers

export const npmServerNames = ['pm2', 'unleash'] as const satisfies readonly NpmServerName[]

/** Keyed by everything that decides what is in it. */
export const npmFolder = (name: NpmServerName): string => {
  const { folder, own } = npmServers[name]
  const hash = createHash('sha256')
  hash.update(JSON.stringify([process.platform, process.arch]))
  for (const file of ['package.json', 'package-lock.json', ...own]) {
    hash.update(`\0${contents(join(folder, file))}`)
  }
  return join(serversFolder(), `${name}-${hash.digest('hex').slice(0, 16)}`)
}

/** Debian packages per server, and the binary (if any) that shows that one is there. */
export const debianPackages = [
  { server: 'redis', debian: 'redis-server', binary: 'redis-server' },
  { server: 'prometheus', debian: 'prometheus', binary: 'prometheus' },
  {
    server: 'alertmanager',
    debian: 'prometheus-alertmanager',
    binary: 'prometheus-alertmanager',
  },
  { server: 'chromium', debian: 'chromium', binary: 'chromium' },
  { server: 'chromium', debian: 'fonts-noto-color-emoji', binary: undefined },
  { server: 'kubernetes', debian: 'openssl', binary: 'openssl' },
  { server: 'docker', debian: 'docker.io', binary: 'dockerd' },
  { server: 'docker', debian: 'docker-registry', binary: 'docker-registry' },
  { server: 'docker', debian: 'docker-compose', binary: 'docker-compose' },
  { server: 'unleash', debian: 'postgresql-15', binary: 'postgres' },
  { server: 'postgres', debian: 'pgbouncer', binary: 'pgbouncer' },
  // Not any busybox: in an image of a test there is nothing else, and no library.
  { server: 'docker', debian: 'busybox-static', binary: undefined },
] as const satisfies readonly { server: ServerName; debian: string; binary: string | undefined }[]

const binariesOf = {
  redis: ['redis-server'],
  prometheus: ['prometheus', 'promtool'],
  alertmanager: ['prometheus-alertmanager'],
  mongodb: ['ferretdb', 'mongodump', 'mongorestore'],
  kubernetes: ['kube-apiserver', 'kube-controller-manager', 'etcd', 'kwok', 'openssl'],
  docker: [
    'dockerd',
    'docker-registry',
    'busybox',
    'docker-compose',
    'docker-compose-2',
    'docker-compose-5',
  ],
  chromium: ['chromium'],
  unleash: ['unleash', 'postgres', 'initdb', 'psql'],
  postgres: ['postgres', 'initdb', 'psql', 'pg_ctl', 'pg_basebackup', 'pgbouncer'],
  pm2: ['pm2'],
} as const satisfies Record<ServerName, readonly string[]>

const addressVariables: Partial<Record<ServerName, string>> = {
  redis: 'TEST_REDIS_URL',
  prometheus: 'TEST_PROMETHEUS_URL',
  mongodb: 'MONGODB_TEST_URI',
  kubernetes: 'TEST_KUBECONFIG',
}

/** A server somebody already has; it is used as it is and never stopped. */
export const outsideAddress = (server: ServerName): string | undefined => {
  const variable = addressVariables[server]
  return (variable && process.env[variable]) || undefined
}

/** Outside the checkout, so that a clean clone on the same machine builds nothing again. */
const serversFolder = (): string =>
  process.env['TEST_SERVERS_DIR'] ||
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'backout-servers')

const contents = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** Keyed by all that decides what comes out of the build: a changed module is another folder. */
export const builtFolder = (name: GoModuleName): string => {
  const { folder, packages, ldflags } = goModules[name]
  const hash = createHash('sha256')
  hash.update(JSON.stringify([process.platform, process.arch, packages, ldflags]))
  for (const file of ['go.mod', 'go.sum', 'main.go'])
    hash.update(`\0${contents(join(folder, file))}`)
  return join(serversFolder(), `${name}-${hash.digest('hex').slice(0, 16)}`)
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * What we build comes before the PATH: it is the version the tests were written against, and
 * distributions carry an etcd that is too old for the API server.
 */
export const binaryPath = (binary: string): string | undefined => {
  const ours = goModuleNames.filter((name) => binary in goModules[name].packages).map(builtFolder)
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const programs = npmServerNames.flatMap((name) => {
    const program = Object.entries(npmServers[name].programs).find(([key]) => key === binary)
    return program ? [join(npmFolder(name), program[1])] : []
  })
  // Debian keeps the programs of its PostgreSQL out of the PATH.
  const folders = [...ours, ...onPath, '/usr/lib/postgresql/15/bin']
  return [...programs, ...folders.map((folder) => join(folder, binary))].find(isExecutable)
}

const missingServer = (server: ServerName): Error =>
  new Error(`Missing server "${server}": run npm run servers`)

export const requireBinary = (server: ServerName, binary: string): string => {
  const path = binaryPath(binary)
  if (!path) throw missingServer(server)
  return path
}

/** An Engine mounts, and makes network interfaces. */
export const mayStartDocker = (): boolean => process.getuid?.() === 0

/** True when `server` is really absent (or not to be had by who is asking) and ALLOW_MISSING names it: its tests are to be skipped. */
export const missingAllowed = (server: ServerName): boolean => {
  const allowed = (process.env['ALLOW_MISSING'] ?? '').split(',').map((name) => name.trim())
  if (!allowed.includes(server) || outsideAddress(server)) return false
  if (server === 'docker' && !mayStartDocker()) return true
  return binariesOf[server].some((binary) => !binaryPath(binary))
}
