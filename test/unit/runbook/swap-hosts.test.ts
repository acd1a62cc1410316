import { describe, expect, test } from 'vitest'
import type { ContainerWrite, ContainerWritten } from '../../../src/ports/containers.ts'
import { KEY } from './in-sandbox.ts'
import { onHosts, rollbackOnHosts, TWO_HOSTS } from './on-hosts.ts'

type Answer = (write: ContainerWrite) => ContainerWritten | null

/** A swap on two hosts of which one answers some writes like this; `null`: as it would. */
async function swapped(answer: Answer, readiness: 'well' | 'unhealthy' = 'well') {
  const hosts = onHosts({ placement: TWO_HOSTS })
  const step = await hosts.stepOf(rollbackOnHosts)
  if (readiness === 'unhealthy') hosts.change({ sickVersions: { 'v1.9.0': 'unhealthy' } })
  const { containers } = hosts.world
  if (!containers) throw new Error('the sandbox has containers')
  const write: typeof containers.write = async (asked, signal) =>
    answer(asked) ?? containers.write(asked, signal)
  const world = { ...hosts.world, containers: { ...containers, write } }
  const context = () => ({ ...hosts.context(KEY), world })
  for (let seconds = 0; seconds < 60; seconds += 1) {
    const found = await step.inspect(context())
    const applied = found.kind === 'needed' ? await found.apply(context()) : null
    if (applied?.kind === 'refused') return { ...applied, running: await hosts.running() }
    const { kind, says } = await step.verify(context())
    if (kind === 'verified') return { kind, says, running: await hosts.running() }
    hosts.pass(1)
  }
  throw new Error('it comes to no end')
}

const refusing =
  (kind: ContainerWrite['kind'], role?: string): Answer =>
  (write) =>
    write.host === 'shop-2' &&
    write.kind === kind &&
    (role === undefined || ('role' in write && write.role === role))
      ? { kind: 'refused', because: `no ${kind} here` }
      : null

describe('one service on two hosts', () => {
  test('is swapped on both', async () => {
    expect(await swapped(() => null)).toMatchObject({
      kind: 'verified',
      running: [
        'pipeshub-backend-1 on shop-1: v1.9.0',
        'pipeshub-backend-1 on shop-2: v1.9.0',
        'pipeshub-frontend-1 on shop-1: v1.9.0',
      ],
    })
  })

  test.each([
    ['makes no new one', refusing('create', 'serving'), 'backend on shop-2: no create here'],
    ['keeps nothing', refusing('create', 'kept'), 'backend on shop-2: no create here'],
    [
      'starts no new one',
      refusing('start'),
      // Told once, and remembered while the other one is waited for.
      'backend on shop-2: no start here; the old one serves again',
    ],
  ])(
    'where one %s, the other one comes to its end, and nothing else begins',
    async (_, answer, says) => {
      expect(await swapped(answer)).toEqual({
        kind: 'refused',
        applied: 'yes',
        says: `${says}; backend on shop-1 was swapped`,
        running: [
          'pipeshub-backend-1 on shop-1: v1.9.0',
          'pipeshub-backend-1 on shop-2: v2.0.0',
          'pipeshub-frontend-1 on shop-1: v2.0.0',
        ],
      })
    },
  )

  test('is swapped where what stands aside cannot be removed, and says what stays', async () => {
    const { kind, says, running } = await swapped(refusing('remove'))
    expect(kind).toBe('verified')
    expect(says).toMatch(
      /the old one stays on shop-2 as pipeshub-backend-1-old-\w{12}, stopped, and could not be removed: no remove here; “tidy-up” lists it$/,
    )
    expect(running).toEqual([
      'pipeshub-backend-1 on shop-1: v1.9.0',
      'pipeshub-backend-1 on shop-2: v1.9.0',
      'pipeshub-frontend-1 on shop-1: v1.9.0',
    ])
  })

  test('is given back on both where it becomes well on neither', async () => {
    const { running, ...end } = await swapped(() => null, 'unhealthy')
    const why = 'its health check says unhealthy: Health check failed: no database'
    expect(end).toEqual({
      kind: 'refused',
      applied: 'no',
      takenBack: true,
      says: ['shop-1', 'shop-2']
        .map((host) => `backend on ${host}: ${why}; the old one serves again`)
        .join('; '),
    })
    expect(running.filter((one) => one.includes('backend'))).toEqual([
      'pipeshub-backend-1 on shop-1: v2.0.0',
      'pipeshub-backend-1 on shop-2: v2.0.0',
    ])
  })
})

test('what a host refuses on the way back, too, is asked again, and said meanwhile', async () => {
  let refused = 0
  const answer: Answer = (write) => {
    if (write.kind !== 'start' || refused > 3) return null
    refused += 1
    return { kind: 'refused', because: 'the port is taken' }
  }
  await expect(swapped(answer, 'unhealthy')).resolves.toMatchObject({ takenBack: true })
})
