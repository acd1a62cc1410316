import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readinessNote } from '../../src/chat/cards/readiness-note.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import { keepReadiness } from '../../src/compose/readiness/keep-readiness.ts'
import { lookAtReadiness, whyVersionLeft } from '../../src/compose/readiness/look-at-readiness.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { KeptReadiness } from '../../src/domain/readiness/news.ts'
import type { People } from '../../src/ports/conversations.ts'
import { imageId } from '../../src/sandbox/docker/images.ts'
import { sandboxWorld, type SandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { patience } from '../support/contracts/outside.ts'
import { renderedIn } from '../support/slack-limits.ts'
import { isWrite, outward, type Call } from '../faults/outward.ts'

const MINUTE = 60_000
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }

const SETTINGS = `
environment: production
slack: { channels: [C0INCIDENTS] }
approval: { users: [U0ANA, U0BO, U0CY] }
services:
  - { name: backend, url: "http://backend.example", health: /health, version: null }
  - { name: frontend, url: "http://frontend.example", health: /health, version: null }
procedures:
`
const PROCEDURES = {
  kubernetes:
    '  kubernetes: { namespace: production, deployments: { backend: backend, frontend: frontend } }',
  docker: `  docker:
    hosts: { shop-1: { address: "unix:///var/run/docker.sock" } }
    services: { backend: { container: backend }, frontend: { container: frontend } }`,
  database: `  kubernetes: { namespace: production, deployments: { backend: backend, frontend: frontend } }
  database: { name: es, collections: [projects, organizations], backups: { folder: /backups }, writers: [backend] }`,
} as const

const people: People = {
  accountOf: async (id) => ({ kind: 'member', email: `${id}@shop.example` }),
  membersOf: async () => [],
}

const configOf = (what: keyof typeof PROCEDURES) => {
  const folder = mkdtempSync(join(tmpdir(), 'backout-readiness-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, `${SETTINGS}${PROCEDURES[what]}\n`)
  const variables = { MONGODB_URI: 'mongodb://es.example' }
  return loadConfig({ file, variables, needs: [] })
}

/** Readiness as the bot keeps it over a simulated production, and what it says in the channel. */
function keeping(what: keyof typeof PROCEDURES) {
  const config = configOf(what)
  let nowMs = atMs
  const clock = { now: () => nowMs }
  let turn: (() => Promise<void>) | null = null
  /** Whatever a turn takes, the next one comes after it. */
  async function minutes(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      nowMs += MINUTE
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await turn?.()
    }
  }
  const stage = sandboxWorld({
    scenario: 'healthy',
    clock,
    settings: config.assess,
    platform: what === 'docker' ? 'docker' : 'kubernetes',
    placement: { 'shop-1': ['backend', 'frontend'], 'shop-2': ['backend'] },
    database: what === 'database' ? { everyMs: 0 } : null,
    slowestMs: 0,
  })
  const calls: Call[] = []
  const world =
    outward((call, make) => {
      calls.push(call)
      return make()
    }).world?.(stage.world) ?? stage.world
  const said: string[] = []
  let kept: KeptReadiness | null = null
  const start = () =>
    keepReadiness({
      settings: { everyMinutes: 60, channel: null },
      channel: 'C0INCIDENTS',
      stored: {
        read: async () => kept,
        write: async (next) => void (kept = next),
      },
      look: (signal) => lookAtReadiness(config, { world, people, clock }, signal),
      whyLeft: (left, signal) => whyVersionLeft(config, world, left, signal),
      tells: () => true,
      isBusy: () => false,
      everyMinute: (next) => {
        turn = next
        return { stop: async () => void (turn = null) }
      },
      render: (news) => readinessNote(news, 'production'),
      conversations: {
        async post(_, view) {
          said.push(
            renderedIn(inUtc(view))
              .map(({ text }) => text)
              .join('\n'),
          )
          return { ts: '1.0' }
        },
        find: async () => null,
      },
      clock,
      log,
    })
  return { stage, start, minutes, said, writes: () => calls.filter(isWrite) }
}

type Losing = {
  readonly of: keyof typeof PROCEDURES
  readonly lose: (stage: SandboxWorld) => void | Promise<void>
  readonly regain: (stage: SandboxWorld) => void | Promise<void>
  readonly says: readonly RegExp[]
  readonly again: RegExp
}

async function damageBackups({ world, onData }: SandboxWorld, damage: 'link' | null) {
  for (const { id } of (await world.backups?.list(patience())) ?? []) {
    onData?.damageBackup(id, damage)
    // Whoever verifies what is new reads it whole again.
    if (damage === null) await world.backups?.verify(id, () => undefined, patience())
  }
}

const backend = imageId('pipeshub/backend:v1.9.0')

test.each<[string, Losing]>([
  [
    'a revision',
    {
      of: 'kubernetes',
      lose: ({ others }) => {
        for (const version of ['v1.9.0', 'v1.8.3']) others.removeRevision('backend', version)
      },
      regain: ({ others }) => others.deploy('backend', 'v2.0.1'),
      says: [
        /The way back is lost \(kubernetes, backend; it led to v1\.9\.0\)/,
        /backend: no earlier revision is kept that differs from what runs\./,
      ],
      again: /The way back is there again \(kubernetes, backend\): backend back to v2\.0\.0/,
    },
  ],
  [
    'an image, on one host and in its registry',
    {
      of: 'docker',
      lose: ({ onHosts }) => {
        onHosts.removeImage(backend, ['shop-2'])
        onHosts.setPublished(backend, 'gone')
      },
      regain: ({ onHosts }) => onHosts.setPublished(backend, 'there'),
      says: [
        /The way back is lost \(docker, backend, frontend; it led to v1\.9\.0\)/,
        /backend on shop-2: v1\.9\.0 can no longer be reached: it is not on the host, and cannot be pulled\. its registry does not have it any more\./,
      ],
      again:
        /The way back is there again \(docker, backend, frontend\): backend and frontend back to v1\.9\.0/,
    },
  ],
  [
    'its backups',
    {
      of: 'database',
      lose: (stage) => damageBackups(stage, 'link'),
      regain: (stage) => damageBackups(stage, null),
      says: [/The way back is lost \(database\)/, /no backup may be used\./],
      again: /The way back is there again \(database\): restore projects, organizations/,
    },
  ],
])(
  'a production that has lost %s says so once, also over a restart, and that it is back',
  async (_, losing) => {
    const { stage, start, minutes, said, writes } = keeping(losing.of)
    const first = start()
    await minutes(3)
    expect(first.shown()?.waysBack.map(({ state }) => state)).not.toContain('not-ready')
    await losing.lose(stage)
    await minutes(60)
    expect(first.shown()?.waysBack.map(({ state }) => state)).toContain('not-ready')
    await minutes(2)
    expect(said).toHaveLength(1)
    for (const one of losing.says) expect(said[0]).toMatch(one)
    await first.stop()
    const second = start()
    onTestFinished(() => second.stop())
    await minutes(120)
    expect(said).toHaveLength(1)
    await losing.regain(stage)
    await minutes(130)
    expect(said).toHaveLength(2)
    expect(said[1]).toMatch(losing.again)
    expect(writes()).toEqual([])
  },
)
