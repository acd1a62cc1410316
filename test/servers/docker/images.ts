import { copyFile, cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { requireBinary } from '../find.ts'
import { run } from '../run.ts'
import { freshFolder } from '../spawn.ts'
import type { EngineClient, ProgressLine } from './client.ts'
import type { Registry } from './registry.ts'

/** What the app of an image does once it is started. */
export type Behaviour =
  | 'healthy'
  | 'unhealthy'
  /** With status 3, and a line in its log. */
  | 'exits'
  | { readonly unhealthyAfterSeconds: number }

export type ImageOptions = {
  /** Without a tag; with a registry's address in front it can be pushed there. */
  readonly name: string
  /** Its tag too, unless there is one. */
  readonly version: string
  readonly tag?: string
  readonly behaves?: Behaviour
  readonly env?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** False for an image that has none. */
  readonly healthcheck?: false | { readonly intervalMs?: number; readonly retries?: number }
}

export type BuiltImage = {
  /** `sha256:…`, of the image's configuration: as `Image` of a container. */
  readonly id: string
  /** `name:tag` */
  readonly reference: string
}

export const appPort = 8080

/** What is in `tree/`, and busybox under the names that it needs there. */
const makeTree = async (tree: string): Promise<void> => {
  await cp(join(import.meta.dirname, 'tree'), tree, { recursive: true })
  for (const folder of ['bin', 'tmp']) await mkdir(join(tree, folder))
  await copyFile(requireBinary('docker', 'busybox'), join(tree, 'bin/busybox'))
  for (const name of ['sh', 'httpd', 'wget', 'sleep', 'rm', 'cat', 'env', 'head', 'nc']) {
    await symlink('busybox', join(tree, 'bin', name))
  }
}

let tree: Promise<Buffer> | undefined

/** The same for every image: what differs is in its configuration. */
const treeAsTar = (): Promise<Buffer> =>
  (tree ??= (async () => {
    await using folder = await freshFolder('image')
    await makeTree(join(folder.path, 'tree'))
    const tar = join(folder.path, 'tree.tar')
    await run('tar', ['-c', '-f', tar, '-C', join(folder.path, 'tree'), '.'])
    return readFile(tar)
  })())

const behaviourWord = (behaves: Behaviour): string =>
  typeof behaves === 'string' ? behaves : String(behaves.unhealthyAfterSeconds)

const healthcheckLine = (healthcheck: ImageOptions['healthcheck']): string[] => {
  if (healthcheck === false) return []
  const { intervalMs = 300, retries = 2 } = healthcheck ?? {}
  const asks = `wget -q -O /dev/null http://127.0.0.1:${appPort}/health`
  return [`HEALTHCHECK --interval=${intervalMs}ms --timeout=5s --retries=${retries} CMD ${asks}`]
}

const pairs = (word: string, values: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries(values).map(
    ([name, value]) => `${word} ${name}=${JSON.stringify(value).replaceAll('$', '\\$')}`,
  )

const lastStatus = (lines: readonly ProgressLine[]): string => lines.at(-1)?.status ?? ''

/** An app that answers /health and /version, from nothing but busybox: nothing is pulled. */
export const buildImage = async (
  engine: EngineClient,
  { name, version, tag = version, behaves = 'healthy', env, labels, healthcheck }: ImageOptions,
): Promise<BuiltImage> => {
  const changes = [
    'CMD ["/start"]',
    `EXPOSE ${appPort}`,
    ...pairs('ENV', { PATH: '/bin', VERSION: version, BEHAVES: behaviourWord(behaves), ...env }),
    ...pairs('LABEL', { 'org.opencontainers.image.version': version, ...labels }),
    ...healthcheckLine(healthcheck),
  ]
  const query = { fromSrc: '-', repo: name, tag, changes }
  const body = await treeAsTar()
  const id = lastStatus(await engine.progress('POST', '/images/create', { query, body }))
  return { id, reference: `${name}:${tag}` }
}

const pushedSchema = z.object({ Digest: z.string() })

const authHeader = (registry: Registry): Record<string, string> => ({
  'x-registry-auth': Buffer.from(JSON.stringify(registry.auth ?? {})).toString('base64url'),
})

/** To the registry that its name begins with. Gives back what it is called there: `name@sha256:…` */
export const pushImage = async (
  engine: EngineClient,
  registry: Registry,
  { reference }: BuiltImage,
): Promise<string> => {
  const [, name = '', tag = ''] = /^(.+):([^:/]+)$/.exec(reference) ?? []
  const question = { query: { tag }, headers: authHeader(registry) }
  const lines = await engine.progress('POST', `/images/${name}/push`, question)
  const pushed = lines.map(({ aux }) => pushedSchema.safeParse(aux).data).find(Boolean)
  if (!pushed) throw new Error(`${reference}: pushed, but the registry told no digest`)
  return `${name}@${pushed.Digest}`
}

/** By tag or by digest. */
export const pullImage = async (
  engine: EngineClient,
  registry: Registry,
  reference: string,
): Promise<void> => {
  const question = { query: { fromImage: reference }, headers: authHeader(registry) }
  await engine.progress('POST', '/images/create', question)
}
