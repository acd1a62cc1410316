import { describe, expect, test } from 'vitest'
import { atRest, surroundings } from '../support/engine-story.ts'
import { deathsAt, type Death } from '../support/mortal.ts'
import { planned, rollbackOnHosts, SIGNED, tell, tellMore } from '../support/rollback-story.ts'
import { leftOn, SWAPPED, type Left, type Service } from './hosts-story.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder } from './recorder.ts'

type Story = {
  readonly of: string
  /** What the new containers do. */
  readonly sick?: 'unhealthy' | 'exits'
  /** Only this service. */
  readonly service?: Service
  /** A rollback that was carried out is taken back. */
  readonly undone?: true
}

/** A process that dies like this once it is told to carry on, and a second one that lives: what is left. */
async function killed(death: Death, { sick, service, undone }: Story) {
  const rollback = rollbackOnHosts(service)
  const around = surroundings({ platform: 'docker' })
  if (sick) around.sandbox.change({ sickVersions: { 'v1.9.0': sick } })
  const seen = recorder(around)
  /** The calls that write to a host. */
  const writes: number[] = []
  const watching = outward(async (call, make) => {
    if (call.port === 'hosts' && isWrite(call)) writes.push(first.life.calls)
    return make()
  })
  if (undone) {
    const before = around.startProcess(null, seen.ways)
    await tell(around, before, 0, rollback)
    await before.engine.stop()
    seen.written.length = 0
  }
  const first: ReturnType<typeof around.startProcess> = around.startProcess(
    death,
    both(watching, seen.ways),
  )
  if (undone) {
    await first.engine.resume()
    await tellMore(around, first, [planned({ kind: 'undo', plan: 1 }), ...SIGNED])
  } else await tell(around, first, 0, rollback)
  const second = around.startProcess(null, seen.ways)
  await second.engine.resume()
  await atRest(second.engine, second.life)
  const left = { ...(await leftOn(around, seen)), writes, died: first.life.dead }
  around.end()
  return left
}

const GIVEN_BACK: Partial<Left> = {
  stands: { backend: 'v2.0.0 serves', frontend: 'v2.0.0 serves' },
  outcomes: ['failed'],
}

const stories: readonly (Story & { readonly ends: Partial<Left> })[] = [
  {
    of: 'a swap',
    ends: {
      written: SWAPPED,
      stands: { backend: 'v1.9.0 serves', frontend: 'v1.9.0 serves' },
      outcomes: ['succeeded'],
    },
  },
  {
    of: 'an undo',
    undone: true,
    service: 'backend',
    ends: {
      stands: { backend: 'v2.0.0 serves', frontend: 'v2.0.0 serves' },
      outcomes: ['succeeded', 'succeeded'],
    },
  },
  {
    of: 'a swap behind a port of the host, that is given back as the new one is unhealthy',
    sick: 'unhealthy',
    service: 'frontend',
    ends: GIVEN_BACK,
  },
  {
    of: 'a swap without one, that is given back as the new one exits',
    sick: 'exits',
    service: 'backend',
    ends: GIVEN_BACK,
  },
]

describe.each(stories)(
  '$of, killed before or after each call that it makes to a host',
  async (story) => {
    const unharmed = await killed(null, story)
    const deaths = deathsAt(unharmed.writes)
    const whole = { wrong: [], twice: [], strangers: 1, proof: 'intact' }

    test('without a death', () => {
      console.log(`crash points of ${story.of}: ${deaths.length}`)
      expect(deaths.length).toBeGreaterThan(10)
      expect(unharmed).toMatchObject({ ...whole, ...story.ends, died: false })
    })

    test.each(deaths)(
      'call $at, $when: the same end, and each write at most once (J1, J4, J5)',
      async (death) => {
        const left = await killed(death, story)
        expect(left).toMatchObject({
          ...whole,
          ...story.ends,
          written: unharmed.written,
          died: true,
        })
        expect(left.step).toMatchObject(appliedIn(unharmed))
        expect(left.count('run-started')).toBe(unharmed.count('run-started'))
        expect(left.kept.toSorted()).toEqual(unharmed.kept.toSorted())
        if (!story.sick) return
        expect(left.said).toMatch(/the old one serves again/)
        // What a crash has made it forget, it does not make up.
        const forgotten = `${story.service} on shop-1: the new container did not take over; the old one serves again`
        expect([saysIn(unharmed), forgotten]).toContain(saysIn(left))
      },
    )
  },
)

function saysIn({ step }: Left): string | null {
  return step && 'says' in step ? step.says : null
}

function appliedIn({ step }: Left) {
  return step && 'applied' in step ? { kind: step.kind, applied: step.applied } : {}
}
