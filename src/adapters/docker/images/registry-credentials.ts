import { z } from 'zod'
import { DOCKER_HUB, registryOf } from '../read/image-names.ts'

const Entry = z.object({
  /** `user:password` in base64. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})

/** What `docker login` writes: https://docs.docker.com/reference/cli/docker/login/#credential-stores */
export const RegistryConfig = z.object({
  auths: z.record(z.string(), Entry).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
})
export type RegistryConfig = z.infer<typeof RegistryConfig>

export type Credentials =
  | { readonly kind: 'found'; readonly entry: string; readonly header: string }
  /** They are with a program, which this bot does not run. */
  | { readonly kind: 'with-helper'; readonly helper: string }
  | { readonly kind: 'none'; readonly registry: string }

/** The credentials for the registry of this image, under whatever spelling they were written down. */
export function credentialsFor(reference: string, config: RegistryConfig): Credentials {
  const registry = nameOf(registryOf(reference))
  const isOfIt = (key: string): boolean => nameOf(key) === registry
  for (const [entry, said] of Object.entries(config.auths)) {
    const found = isOfIt(entry) ? headerOf(serverOf(registry), said) : null
    if (found !== null) return { kind: 'found', entry, header: found }
  }
  const helper =
    Object.entries(config.credHelpers).find(([key]) => isOfIt(key))?.[1] ?? config.credsStore
  return helper === undefined
    ? { kind: 'none', registry }
    : { kind: 'with-helper', helper: `docker-credential-${helper}` }
}

/** Docker Hub has many names, and its oldest one is the one that is written down. */
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com'])

function nameOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
  return HUB.has(host) ? DOCKER_HUB : host
}

/** The Engine sends credentials only to the server that they name, in its own spelling. */
function serverOf(registry: string): string {
  return registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry
}

function headerOf(serveraddress: string, said: z.infer<typeof Entry>): string | null {
  if (said.identitytoken) {
    return encoded({ identitytoken: said.identitytoken, serveraddress })
  }
  const [name, ...rest] = Buffer.from(said.auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const username = said.username || name
  const password = said.password || rest.join(':').replace(/\0+$/, '')
  return username && password ? encoded({ username, password, serveraddress }) : null
}

function encoded(said: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(said)).toString('base64url')
}
