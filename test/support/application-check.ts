import type { AssessSettings } from '../../src/domain/assessment/settings.ts'
import { VerificationCheck, type ConfiguredItem } from '../../src/domain/verification/settings.ts'
import { provingItems } from '../../src/assess/verification/prove-items.ts'
import type { Checks } from '../../src/ports/checks.ts'
import type { Sleep } from '../../src/ports/clock.ts'
import type { World } from '../../src/ports/world.ts'

const LOGIN = {
  service: 'backend',
  path: '/api/login',
  method: 'POST',
  writes: false,
  body: { json: { user: 'backout-check', password: 'simulated' } },
  save: { token: '$.token' },
}
const FILE = {
  service: 'backend',
  path: '/api/files/${saved.id}',
  headers: { Authorization: 'Bearer ${saved.token}' },
}

/** A write and a read through the simulated application, and nothing left of it. */
const UPLOADS: ConfiguredItem = {
  id: 'uploads-work',
  title: 'File uploads work',
  by: 'backout',
  check: VerificationCheck.parse({
    kind: 'chain',
    steps: [
      LOGIN,
      {
        ...FILE,
        path: '/api/files',
        method: 'POST',
        body: { file: { field: 'file', name: 'check.txt', text: 'check ${check.id}' } },
        save: { id: '$.id' },
      },
      { ...FILE, expect: { contains: ['check'] } },
    ],
    cleanUp: { ...FILE, method: 'DELETE' },
  }),
}

/** What one organisation must not see of another, in a story whose settings name it. */
const APART: ConfiguredItem = {
  id: 'organisations-are-apart',
  title: 'Nobody sees another organisation',
  by: 'backout',
  check: VerificationCheck.parse({ kind: 'isolation' }),
}

/** What is tried before people are told that it is over. */
export const triedIn = ({ isolation = [] }: Pick<AssessSettings, 'isolation'>) =>
  isolation.length > 0 ? [UPLOADS, APART] : [UPLOADS]

/** As the program asks: over this world. */
export function checksOver(world: World, settings: AssessSettings, sleep: Sleep): Checks {
  const plan = { items: triedIn(settings), deadlineMs: settings.deadlineMs }
  return provingItems({ world, settings, plan, newId: () => 'check-1' }, sleep)
}

/** Something between people and the services that holds copies of their pages. */
export const CDN: ConfiguredItem = {
  id: 'cdn',
  title: 'the CDN',
  by: 'backout',
  check: VerificationCheck.parse({
    kind: 'http',
    service: 'frontend',
    path: '/cdn/purge',
    method: 'POST',
    expect: { status: [202] },
  }),
}

/** As the program purges: over this world. */
export function purgesOver(world: World, settings: AssessSettings, sleep: Sleep): Checks {
  const plan = { items: [CDN], deadlineMs: settings.deadlineMs }
  return provingItems({ world, settings, plan, newId: () => 'purge-1' }, sleep)
}
