import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './environment.ts'
import type { Problem } from './problem.ts'
import type { Readable } from './readable.ts'
import type { Settings } from './settings-file.ts'

type Authority =
  | 'services'
  | 'prometheus'
  | 'alertmanager'
  | 'redis'
  | 'mongodb'
  | 'unleash'
  | 'smtp'
  | 'database'
export type Authorities = { readonly [A in Authority]: string | undefined }

type Certificates = { readonly ca: string; readonly cert: string; readonly key: string }

export type HostAccess = {
  /** The `config.json` that the environment names. */
  readonly registries: string | undefined
  /** Of those hosts that are asked over TCP. */
  readonly certificates: Readonly<Record<string, Certificates>>
  /** What the `down` of a migration is handed, where it runs on a host. */
  readonly handed: Readonly<Record<string, string>>
}

export function readAuthorities(
  environment: Readable<Environment>,
  problems: Problem[],
): Authorities {
  const read = (name: Extract<keyof Environment, `${string}_CA_FILE`>) => {
    const path = environment?.[name]
    return path === undefined ? undefined : (readText(path, name, problems) ?? undefined)
  }
  return {
    services: read('SERVICES_CA_FILE'),
    prometheus: read('PROMETHEUS_CA_FILE'),
    alertmanager: read('ALERTMANAGER_CA_FILE'),
    redis: read('REDIS_CA_FILE'),
    mongodb: read('MONGODB_CA_FILE'),
    unleash: read('UNLEASH_CA_FILE'),
    smtp: read('BACKOUT_SMTP_CA_FILE'),
    database: read('BACKOUT_DATABASE_CA_FILE'),
  }
}

/** Read at the start, so that a file that is missing stops it. */
export function readHostAccess(
  environment: Readable<Environment>,
  settings: Readable<Settings>,
  variables: NodeJS.ProcessEnv,
  problems: Problem[],
): HostAccess {
  const registries = environment?.BACKOUT_REGISTRY_CONFIG_FILE
  const hosts = Object.entries(settings?.procedures?.docker?.hosts ?? {})
  return {
    registries:
      registries === undefined
        ? undefined
        : (readText(registries, 'BACKOUT_REGISTRY_CONFIG_FILE', problems) ?? undefined),
    certificates: Object.fromEntries(
      hosts.flatMap(([name, host]) => {
        const folder = host?.certificates
        if (folder === undefined) return []
        const what = `procedures.docker.hosts.${name}.certificates`
        const read = (file: string) => readText(join(folder, file), `${what}: ${file}`, problems)
        const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')]
        return ca !== null && cert !== null && key !== null ? [[name, { ca, cert, key }]] : []
      }),
    ),
    handed: readHanded(settings, variables, problems),
  }
}

function readHanded(
  settings: Readable<Settings>,
  variables: NodeJS.ProcessEnv,
  problems: Problem[],
): HostAccess['handed'] {
  const names = settings?.procedures?.database?.migration?.docker?.environment ?? []
  const set = names.flatMap((name) => {
    if (name === undefined) return []
    const value = variables[name]
    if (value) return [[name, value] as const]
    const what = `${name} is missing: procedures.database.migration.docker.environment names it`
    problems.push({ where: 'environment', what })
    return []
  })
  return Object.fromEntries(set)
}

/** The key that signs checkpoints of the journal, as it stands in its file; `null`: there is none. */
export function readCheckpointKey(
  environment: Readable<Environment>,
  problems: Problem[],
): string | null {
  const name = 'BACKOUT_CHECKPOINT_KEY_FILE'
  const path = environment?.[name]
  const pem = path === undefined ? null : readText(path, name, problems)
  if (pem === null || isEd25519(pem)) return pem
  const what = `${name} is no private Ed25519 key in PEM; make one with: openssl genpkey -algorithm ed25519`
  problems.push({ where: 'environment', what })
  return null
}

function isEd25519(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}

export function readText(path: string, what: string, problems: Problem[]): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`
    // The path of an authority is a value of the environment, and those are never shown.
    problems.push(
      what === 'the settings'
        ? { where: path, what: `${what}: ${why}` }
        : { where: 'environment', what: `${what}: ${why}` },
    )
    return null
  }
}
