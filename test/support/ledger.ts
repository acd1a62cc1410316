import { createHash } from 'node:crypto'
import type { LedgerEntry, SeenContainer } from '../../src/domain/workload/ledger.ts'
import type { Container, ImageId } from '../../src/ports/containers.ts'
import { atMs } from './builders.ts'

export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE

/** So long before the moment at which everything happens. */
export function before(ms: number): string {
  return new Date(atMs - ms).toISOString()
}

/** An image as a registry and a host know it; `build` tells one from another. */
export function image(reference: string, build = reference): ImageId {
  const [name = reference] = reference.split(/[:@]/)
  const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
  return { id: sha256(`${build} on a host`), digest: `${name}@${sha256(build)}`, reference }
}

export const NO_LABELS = { version: null, commit: null, source: null, authors: null, builtAt: null }

/** A container of the backend that runs on `web-1`, well and without a health check. */
export function container(changes: Partial<SeenContainer> = {}): SeenContainer {
  return {
    service: 'backend',
    host: 'web-1',
    id: 'c-1',
    role: 'serving',
    image: image('shop/backend:v1.9.0'),
    labels: NO_LABELS,
    sha256: 'settings-1',
    state: 'running',
    health: 'none',
    runningMs: MINUTE,
    ...changes,
  }
}

/** The same with all that a host says of it. */
export function containerAt(changes: Partial<Container> = {}): Container {
  return {
    ...container(),
    name: 'shop-backend-1',
    mark: null,
    state: 'running',
    trouble: null,
    createdAt: before(DAY),
    startedAt: before(DAY),
    restarts: 0,
    restartPolicy: 'always',
    publishesPorts: false,
    stopSeconds: 10,
    aliases: [],
    volumes: [],
    tmpfs: [],
    compose: null,
    madeBy: null,
    dependsOn: [],
    obstacles: [],
    mayNotEnd: [],
    ...changes,
  }
}

/** A state of the backend on `web-1`, seen for a day until an hour ago. */
export function entry(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  const { service, host, labels, sha256, ...seen } = container()
  const of = changes.image ?? seen.image
  return {
    service,
    host,
    labels,
    sha256,
    image: of,
    references: [of.reference],
    firstSeenAt: before(DAY + 60 * MINUTE),
    startedAt: before(DAY + 60 * MINUTE),
    lastSeenAt: before(60 * MINUTE),
    ranMs: DAY,
    hasHealthCheck: false,
    healthyMs: 0,
    lastHealthyAt: null,
    healthyIn: [],
    ...changes,
  }
}
