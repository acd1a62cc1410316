import { describe, expect, test } from 'vitest'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { rollbackOnHosts, tell } from '../support/rollback-story.ts'
import { leftOn, nameOf, seenOn, type Left, type Service } from './hosts-story.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder } from './recorder.ts'

/** What somebody else does, or what happens by itself, while one service is swapped. */
type Move = {
  readonly what: string
  readonly happens: (around: Surroundings, service: Service) => Promise<void> | void
}

/** All of the service that is there and begins with that, as `docker rm -f` takes it. */
const removed =
  (isIt: (one: { readonly name: string; readonly version: string | null }) => boolean) =>
  async (around: Surroundings, service: Service): Promise<void> => {
    for (const one of await seenOn(around)) {
      const { name, labels, role } = one
      if (one.service !== service || role !== 'serving') continue
      if (isIt({ name, version: labels.version })) around.sandbox.onHosts.remove(name)
    }
  }

const MOVES: readonly Move[] = [
  {
    what: 'compose up',
    happens: ({ sandbox }, service) => sandbox.onHosts.composeUp(service),
  },
  {
    what: 'a deployment of another version',
    happens: ({ sandbox }, service) => sandbox.onHosts.deploy(service, { version: 'v2.0.1' }),
  },
  { what: 'compose down', happens: removed(() => true) },
  { what: 'rm -f of the old one', happens: removed(({ version }) => version === 'v2.0.0') },
  { what: 'rm -f of the new one', happens: removed(({ version }) => version === 'v1.9.0') },
  { what: 'a prune', happens: ({ sandbox }) => sandbox.onHosts.prune() },
  {
    what: 'a restart of what has the name',
    happens: ({ sandbox }, service) => sandbox.onHosts.restart(nameOf(service)),
  },
  {
    what: 'an end of the engine for a while',
    happens({ sandbox }) {
      sandbox.change({ hosts: { 'shop-1': 'refusing' } })
    },
  },
  {
    what: 'the new image unhealthy from now on',
    happens: ({ sandbox }) => sandbox.change({ sickVersions: { 'v1.9.0': 'unhealthy' } }),
  },
  {
    what: 'the new image exiting from now on',
    happens: ({ sandbox }) => sandbox.change({ sickVersions: { 'v1.9.0': 'exits' } }),
  },
]

async function standing(around: Surroundings, service: Service): Promise<number> {
  // An engine that is away has them all.
  return seenOn(around).then(
    (all) => all.filter((one) => one.service === service).length,
    () => 1,
  )
}

/** For so many questions nobody answers. */
const AWAY_FOR = 3

/** A rollback of one service into which this happens right before its `nth` write to a host. */
async function rollbackInto(service: Service, nth: number, move: Move | null) {
  const around = surroundings({ platform: 'docker' })
  const seen = recorder(around)
  let writes = 0
  let refused = 0
  /** So many containers of the service there are after it. */
  let remaining = 0
  const ways = outward(async (call, make) => {
    if (call.port !== 'hosts') return make()
    if (isWrite(call)) {
      writes += 1
      if (writes === nth) {
        await move?.happens(around, service)
        remaining = await standing(around, service)
      }
    }
    try {
      return await make()
    } catch (error) {
      refused += 1
      if (refused >= AWAY_FOR) around.sandbox.change({ hosts: {} })
      throw error
    }
  })
  const process = around.startProcess(null, both(ways, seen.ways))
  await tell(around, process, 0, rollbackOnHosts(service))
  await process.engine.idle()
  const left = { ...(await leftOn(around, seen)), writes, remaining }
  around.end()
  return left
}

describe.each(['backend', 'frontend'] as const)('while %s is swapped', async (service) => {
  const unharmed = await rollbackInto(service, 0, null)
  const points = Array.from({ length: unharmed.writes }, (_, at) => at + 1)
  const cases = MOVES.flatMap((move) => points.map((nth) => ({ ...move, nth })))
  const other = service === 'backend' ? 'frontend' : 'backend'

  test('without anybody: it is swapped, and the other one stays', () => {
    console.log(`others act while ${service} is swapped: ${cases.length}`)
    expect(unharmed.stands).toEqual({ [service]: 'v1.9.0 serves', [other]: 'v2.0.0 serves' })
    expect(unharmed.outcomes).toEqual(['succeeded'])
  })

  test.each(cases)(
    '$what before write $nth: wholly before or after, or what is left is said',
    async ({ nth, ...move }) => {
      const left = await rollbackInto(service, nth, move)
      expect(left).toMatchObject({ strangers: 1, twice: [], proof: 'intact' })
      expect(left.stands[other]).toBe('v2.0.0 serves')
      expect(left.count('run-ended')).toBe(1)
      // What is done between the last look and the last call is seen by nobody.
      const last = nth === unharmed.writes
      expect(left.wrong.filter((one) => !last || !one.endsWith('serves in its place'))).toEqual([])
      expect(endOf(left, service)).toEqual(left.stands[service])
      if (left.stands[service] === 'nothing') expect(left.remaining).toBe(0)
      else if (!last) expect(left.stands[service]).toMatch(/^v\S+ serves$/)
    },
  )
})

/** What has to stand there after what the run has said; or that it has said something else. */
function endOf({ step, outcomes, said, kept, stands }: Left, service: Service): string {
  if (step?.kind === 'succeeded') {
    // That the new one did not stay well is found by the proof after it.
    return outcomes[0] === 'succeeded' ? 'v1.9.0 serves' : `v1.9.0 ${stateIn(stands[service])}`
  }
  if (step?.kind !== 'failed') return 'the step has no result'
  const { applied, takenBack, says } = step
  if (!said.includes(service)) return 'the card does not say it'
  if (takenBack) {
    const isSaid = says.endsWith('the old one serves again') && said.includes('was taken back')
    return applied === 'no' && isSaid ? 'v2.0.0 serves' : 'another word for given back'
  }
  if (says.endsWith('one of the same image and settings serves')) {
    return applied === 'yes' ? 'v2.0.0 serves' : 'another word for made again'
  }
  if (says.includes('nothing of it is left')) return kept.length > 0 ? 'something is' : 'nothing'
  if (!says.includes(`somebody made ${nameOf(service)} anew`)) return `nobody expects: ${says}`
  const isSaid = kept.every((name) => says.includes(name))
  const isRight = applied === (kept.length > 0 ? 'yes' : 'unknown')
  return isSaid && isRight ? `${stands[service].split(' ')[0]} serves` : 'not all that is left'
}

function stateIn(stands: string): string {
  const state = stands.split(' ')[1] ?? ''
  return ['running', 'restarting', 'exited'].includes(state) ? state : 'as nobody expects'
}
