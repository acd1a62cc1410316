import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { goesInTheClear } from '../../../domain/base/in-the-clear.ts'

const Exec = z.object({
  apiVersion: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
})

/** A setting that would have to be obeyed, and is not. */
const refused = (why: string) => z.undefined(why).optional()

const Cluster = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': refused('is not supported'),
})

const User = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  exec: Exec.optional(),
  as: refused('is not supported: give the bot a ServiceAccount of its own'),
  'as-groups': refused('is not supported: give the bot a ServiceAccount of its own'),
  'auth-provider': refused('is not supported: use an exec plugin'),
  username: refused('is not supported by any current API server'),
})

const Named = z.looseObject({ name: z.string() })

const KubeConfigFile = z.object({
  'current-context': z.string().default(''),
  clusters: z.array(Named),
  users: z.array(Named),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
  ),
})

/** How to reach a cluster and who to be there. Files are named, so that they can be read again. */
export type Access = {
  readonly server: string
  readonly tls: {
    readonly ca?: string | Buffer
    readonly cert?: string | Buffer
    readonly key?: string | Buffer
    readonly servername?: string
    readonly rejectUnauthorized?: boolean
  }
  readonly token?: string
  readonly tokenFile?: string
  readonly exec?: z.infer<typeof Exec>
}

/** What is wrong with our own configuration; nothing was sent. */
export function unusable(detail: string, cause?: unknown): Fault {
  return new Fault({ kind: 'terminal', dependency: 'kubernetes', code: 'CONFIG', detail, cause })
}

/** Only the context that is used has to make sense. */
export async function readKubeconfig(path: string, context?: string): Promise<Access> {
  const file = checked(KubeConfigFile, parseYaml(await textOf(path)), 'kubeconfig')
  const wanted = context ?? file['current-context']
  const entry = file.contexts.find(({ name }) => name === wanted)
  if (!entry) throw unusable(`kubeconfig has no context "${wanted}"`)
  const { cluster, user } = entry.context
  const target = checked(Cluster, named(file.clusters, cluster)['cluster'], `cluster ${cluster}`)
  const login = checked(User, named(file.users, user)['user'], `user ${user}`)

  const folder = dirname(path)
  const contents = async (data?: string, name?: string): Promise<Buffer | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64')
    return name === undefined ? undefined : Buffer.from(await textOf(resolve(folder, name)))
  }
  const exec = login.exec
  return {
    server: protectedAddress(target.server),
    tls: {
      ca: await contents(target['certificate-authority-data'], target['certificate-authority']),
      cert: await contents(login['client-certificate-data'], login['client-certificate']),
      key: await contents(login['client-key-data'], login['client-key']),
      servername: target['tls-server-name'],
      rejectUnauthorized: !target['insecure-skip-tls-verify'],
    },
    token: login.token,
    tokenFile: login.tokenFile === undefined ? undefined : resolve(folder, login.tokenFile),
    exec: exec?.command.includes('/') ? { ...exec, command: resolve(folder, exec.command) } : exec,
  }
}

export type InCluster = {
  /** Always in the certificate of the API server, unlike an address from the environment. */
  readonly server?: string
  /** Where the kubelet puts the ServiceAccount's token and the cluster's CA. */
  readonly folder?: string
}

export async function readInCluster(place: InCluster): Promise<Access> {
  const folder = place.folder ?? '/var/run/secrets/kubernetes.io/serviceaccount'
  return {
    server: protectedAddress(place.server ?? 'https://kubernetes.default.svc'),
    tls: { ca: await textOf(resolve(folder, 'ca.crt')) },
    tokenFile: resolve(folder, 'token'),
  }
}

/** In plain HTTP everybody on the way would read the token, which may patch Deployments. */
function protectedAddress(server: string): string {
  if (goesInTheClear(server)) {
    throw unusable(`${server} is not https: the credentials would be sent in the clear`)
  }
  return server.replace(/\/+$/, '')
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw unusable(`cannot read ${path} (${code})`, error)
  }
}

/** A parser's message quotes the text it failed at, which may be a key: it is not passed on. */
function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    throw unusable('kubeconfig is not YAML')
  }
}

function named(entries: readonly z.infer<typeof Named>[], name: string): Record<string, unknown> {
  const entry = entries.find((one) => one.name === name)
  if (!entry) throw unusable(`kubeconfig names "${name}" and does not describe it`)
  return entry
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw unusable(`${what}: ${issue?.path.join('.')} ${issue?.message}`)
}
