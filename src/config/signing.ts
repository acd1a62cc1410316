import { isIP } from 'node:net'
import type { Environment } from './environment.ts'
import { readText } from './credential-files.ts'
import type { Problem } from './problem.ts'
import type { Readable } from './readable.ts'

/** Where people sign while Slack is down. */
export type SigningSettings = {
  /** Seals what is kept. */
  readonly key: string
  /** As people open it: `https://…`, without a path. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** `null`: somebody in front of it speaks TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** The only addresses that are answered, beside this machine; empty: all. */
  readonly proxies: readonly string[]
}

/** What is set, or why it cannot be so. `null`: nobody signs without Slack. */
export function signingIn(
  environment: Readable<Environment>,
  problems: Problem[],
): SigningSettings | null {
  const {
    BACKOUT_SIGNING_KEY: key,
    BACKOUT_SIGNING_URL: url,
    BACKOUT_SIGNING_HOST: host = '127.0.0.1',
    BACKOUT_SIGNING_PORT: port = 8443,
    BACKOUT_SIGNING_CERT_FILE: certFile,
    BACKOUT_SIGNING_CERT_KEY_FILE: keyFile,
    BACKOUT_SIGNING_PROXIES: named,
  } = environment ?? {}
  const wrong = (what: string) => problems.push({ where: 'environment', what })
  const given = [key, url, certFile, keyFile, named].filter((one) => one !== undefined)
  if (given.length === 0) return null
  if (key === undefined)
    wrong('BACKOUT_SIGNING_KEY is missing, or wrong: signing without Slack needs it')
  if (url === undefined) wrong('BACKOUT_SIGNING_URL is missing, or wrong: people open it to sign')
  if ((certFile === undefined) !== (keyFile === undefined)) {
    wrong('BACKOUT_SIGNING_CERT_FILE and BACKOUT_SIGNING_CERT_KEY_FILE go together')
  }
  const proxies = named?.split(',').map((one) => one.trim()) ?? []
  if (proxies.some((one) => isIP(one) === 0)) {
    wrong('BACKOUT_SIGNING_PROXIES must be IP addresses, with commas between them')
  }
  if (certFile === undefined && !isLoopback(host) && proxies.length === 0) {
    wrong(
      'BACKOUT_SIGNING_HOST is not this machine, and there is no TLS: name BACKOUT_SIGNING_CERT_FILE and BACKOUT_SIGNING_CERT_KEY_FILE, or in BACKOUT_SIGNING_PROXIES what speaks TLS in front of it',
    )
  }
  const tls = tlsOf(certFile, keyFile, problems)
  if (key === undefined || url === undefined) return null
  return { key, url: new URL(url).origin, host, port, tls, proxies }
}

function tlsOf(
  certFile: string | undefined,
  keyFile: string | undefined,
  problems: Problem[],
): SigningSettings['tls'] {
  if (certFile === undefined || keyFile === undefined) return null
  const cert = readText(certFile, 'BACKOUT_SIGNING_CERT_FILE', problems)
  const key = readText(keyFile, 'BACKOUT_SIGNING_CERT_KEY_FILE', problems)
  return cert === null || key === null ? null : { cert, key }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
