import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { containersOn, dataDeed, DEEDS, ENDS, stoppedAt, wrongIn } from './data-deed.ts'
import type { DataCall, Options } from './data-deed.ts'
import { dataOn } from './data-story.ts'

type Deed = 'full' | 'undo of full'

const onHosts = (deed: Deed, options: Options = {}) =>
  dataDeed(deed, { platform: 'docker', ...options })

const runs = (version: string) => [
  `backend on shop-1: ${version} running`,
  `backend on shop-2: ${version} running`,
  `frontend on shop-1: ${version} running`,
]
const WHOLE = { backend: 2, maintenance: null, fence: false, lost: 0, proof: 'intact' }
const WENT = {
  full: { ...ENDS.full, ...WHOLE, stands: runs('v1.9.0') },
  'undo of full': { ...ENDS['undo of full'], ...WHOLE, stands: runs('v2.0.0') },
} as const

/** What is written to the backend on the first host, and the start on the other: the rest of it is tried elsewhere. */
const isOwn = ({ name }: DataCall): boolean =>
  name.endsWith(' backend on shop-1') || name === 'start backend on shop-2'

/** One of each kind of them, where the others are tried already. */
const ONCE = /^(create serving|remove|start) backend on shop-1/

describe.each(['full', 'undo of full'] as const)('%s over containers', async (deed) => {
  const unharmed = await onHosts(deed)
  const own = unharmed.made.filter(isOwn)

  test('goes to its end, and nothing of the backend is started before its time', () => {
    expect(unharmed).toMatchObject(WENT[deed])
    expect(wrongIn(unharmed)).toEqual([])
    const names = unharmed.made.filter(({ writes }) => writes).map(({ name }) => name)
    const starts = names.flatMap((name, at) => (name.startsWith('start backend') ? [at] : []))
    expect(starts[0]).toBeGreaterThan(names.lastIndexOf('clear'))
    expect(own.map(({ name }) => name)).toEqual([
      'stop backend on shop-1',
      'create serving backend on shop-1',
      'create kept backend on shop-1',
      'rename backend on shop-1',
      'rename backend on shop-1',
      'remove backend on shop-1',
      'start backend on shop-1',
      'start backend on shop-2',
    ])
  })

  test.each(own.filter((one) => deed === 'full' || ONCE.test(one.name)))(
    'killed once $name ($nth) was done: the second process ends it (J4, J5)',
    async ({ at }) => {
      const left = await onHosts(deed, { death: { at, when: 'after' } })
      expect(wrongIn(left)).toEqual([])
      expect(left).toMatchObject({ ...WENT[deed], died: true })
      expect(left.outcomes.at(-1)).toBe('succeeded')
    },
  )
})

describe('full over containers, with replies lost', async () => {
  const { made } = await onHosts('full')

  test.each(made.filter((one) => isOwn(one) && ONCE.test(one.name)))(
    '$name (call $nth): looked up, and the same end (J4)',
    async ({ nth }) => {
      const left = await onHosts('full', {
        async through(call, make) {
          if (call.nth !== nth) return make()
          await make()
          const detail = 'the reply was lost'
          throw new Fault({ kind: 'unknown-outcome', dependency: 'docker', detail })
        },
      })
      expect(wrongIn(left)).toEqual([])
      expect(left).toMatchObject(WENT.full)
    },
  )
})

/** What stands where somebody stops it right before that write, which is finished first. */
const STOPPED = [
  ['stop backend on shop-1', ['v2.0.0 exited', 'v2.0.0 exited', 'v2.0.0 running']],
  ['fence up', ['v2.0.0 exited', 'v2.0.0 exited', 'v2.0.0 running']],
  ['create serving backend on shop-1', ['v1.9.0 created', 'v1.9.0 created', 'v1.9.0 running']],
  ['start backend on shop-1', ['v1.9.0 running', 'v1.9.0 created', 'v1.9.0 running']],
  ['start backend on shop-2', ['v1.9.0 running', 'v1.9.0 running', 'v1.9.0 running']],
] as const

describe.each(STOPPED)(
  'full over containers, stopped by somebody before %s',
  async (name, stands) => {
    const nth = (await onHosts('full')).made.find((one) => one.name === name)?.nth ?? 0
    const requests: readonly PlanRequest[] = [DEEDS.full.request, DEEDS['undo of full'].request]

    test.each(requests)(
      'says what it leaves, and $kind brings all of it to an end',
      async (request) => {
        let between: readonly string[] = []
        let maintenance: unknown = null
        const left = await onHosts('full', {
          through: stoppedAt(nth),
          async later(around) {
            between = await containersOn(around)
            ;({ maintenance } = await dataOn(around))
          },
          more: [request],
        })
        expect(between.map((one) => one.replace(/^.*: /, ''))).toEqual(stands)
        expect(maintenance).toBe('true')
        expect(left.outcomes.slice(-2)).toEqual(['aborted', 'succeeded'])
        expect(wrongIn(left)).toEqual([])
        expect(left).toMatchObject(request.kind === 'full' ? WENT.full : WENT['undo of full'])
      },
    )
  },
)
