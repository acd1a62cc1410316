import { describe, expect, test } from 'vitest'
import type { Container, ContainerWrite } from '../../../src/ports/containers.ts'
import {
  BAD,
  carriedOn,
  container,
  GOOD,
  MARK,
  moveIn,
  OLD,
  serves,
  swap,
  written,
  type Fate,
} from './swap-model.ts'

const WELL: Fate = { state: 'running', health: 'healthy' }
const UNWELL: Fate = { state: 'running', health: 'unhealthy' }
const ENDS: Fate = { state: 'exited', health: 'none' }
const STARTING: Fate = { state: 'running', health: 'starting' }

const nameIn = (seen: readonly Container[], write: ContainerWrite) =>
  seen.find(({ id }) => 'id' in write && id === write.id)?.name
const kindsOf = (calls: readonly { readonly kind: string }[]) => calls.map(({ kind }) => kind)
const up = (seen: readonly Container[]) => seen.filter(({ state }) => state === 'running')

describe('a container that publishes a port', () => {
  test('ends before the new one begins, and nothing comes between but those two', () => {
    const { calls, now, end } = carriedOn([OLD], swap(), WELL)
    expect(end).toEqual({ kind: 'done' })
    expect(kindsOf(calls)).toEqual([
      'create',
      'create',
      'stop',
      'start',
      'rename',
      'rename',
      'remove',
    ])
    expect(serves(now)).toBe(true)
    expect(now.map(({ role, image, mark }) => ({ role, image, mark }))).toEqual([
      { role: 'serving', image: GOOD, mark: MARK },
      { role: 'kept', image: BAD, mark: MARK },
    ])
  })
})

describe('between the end of one and the start of the other nobody serves', () => {
  /** Where one is stopped for the other: forwards, and backwards as the new one is unhealthy. */
  const stops = carriedOn([OLD], swap(), UNWELL).through.flatMap((seen) => {
    const move = moveIn(seen, swap())
    return move.kind === 'write' && move.followedBy
      ? [{ seen, write: move.write, start: move.followedBy }]
      : []
  })

  test('so the one that follows is made ready before, and started without another look, both ways', () => {
    expect(
      stops.map(({ seen, write, start }) => [nameIn(seen, write), nameIn(seen, start)]),
    ).toEqual([
      [OLD.name, `${OLD.name}-next-${OLD.id.slice(0, 12)}`],
      [`${OLD.name}-next-${OLD.id.slice(0, 12)}`, OLD.name],
    ])
    for (const { write, start } of stops) {
      if (write.kind !== 'stop' || start.kind !== 'start') throw new Error('it is another call')
      expect(write.next).toEqual({ id: start.id, restartPolicy: 'always' })
      expect(start).toMatchObject({ restartPolicy: 'always', host: write.host })
    }
  })

  test('and it is not started where anybody else has done anything meanwhile', () => {
    const stranger = container({ id: 'bbbb', name: 'another', state: 'created' })
    for (const { seen, write, start } of stops) {
      const stopped = written(seen, write, WELL)
      expect(up(stopped)).toEqual([])
      expect(up(written(stopped, start, WELL))).toHaveLength(1)
      const others = stopped.flatMap(({ id }) => [
        stopped.filter((one) => one.id !== id),
        stopped.map((one) => (one.id === id ? { ...one, name: 'renamed' } : one)),
        stopped.map((one) => (one.id === id ? { ...one, ...WELL } : one)),
      ])
      for (const now of [...others, [...stopped, stranger]]) {
        expect(written(now, start, WELL)).toEqual(now)
      }
    }
  })

  test('a container that a stop was cut off from runs on with its own restart policy where it stays', () => {
    const [first] = stops
    const cutOff = first!.seen.map((one) => {
      if (one.id === OLD.id) return { ...one, restartPolicy: 'no' }
      return one.role === 'serving' ? { ...one, restartPolicy: 'always' } : one
    })
    const { now, end } = carriedOn(
      cutOff.filter(({ id, role }) => id === OLD.id || role === 'kept'),
      swap(),
      WELL,
    )
    expect(end).toEqual({ kind: 'given-back' })
    expect(now.find(({ id }) => id === OLD.id)).toMatchObject({
      state: 'running',
      restartPolicy: 'always',
    })
    const { now: after } = carriedOn(cutOff, swap(), WELL)
    expect(after.find(({ role }) => role === 'serving')?.restartPolicy).toBe('always')
  })
})

describe('a container that publishes none', () => {
  const behind = swap({ publishes: false })

  test('serves until the new one is well: at no moment nobody does', () => {
    const { calls, through, end } = carriedOn([OLD], behind, WELL)
    expect(end).toEqual({ kind: 'done' })
    expect(kindsOf(calls).slice(0, 4)).toEqual(['create', 'create', 'start', 'stop'])
    for (const seen of through) expect(up(seen).length).toBeGreaterThan(0)
  })

  test('is never stopped for one that does not become well', () => {
    for (const fate of [UNWELL, ENDS]) {
      const { through, now, end } = carriedOn([OLD], behind, fate)
      expect(end).toEqual({ kind: 'given-back' })
      for (const seen of through) expect(serves(seen)).toBe(true)
      expect(now.find(({ id }) => id === OLD.id)).toEqual(OLD)
    }
  })

  test('waits while the new one has not decided', () => {
    const { end } = carriedOn([OLD], behind, STARTING)
    expect(end).toMatchObject({ kind: 'wait', says: expect.stringContaining('backend on web-1') })
  })
})

test.each([
  ['unhealthy', UNWELL],
  ['ended', ENDS],
])('where the new one is %s the old one serves again as it was', (_what, fate) => {
  const { now, end } = carriedOn([OLD], swap(), fate)
  expect(end).toEqual({ kind: 'given-back' })
  expect(serves(now)).toBe(true)
  expect(now.filter(({ role }) => role === 'serving').map(({ id }) => id)).toEqual([OLD.id])
  expect(now.find(({ id }) => id === OLD.id)?.restartPolicy).toBe('always')
})

test('the way back is made like what is kept, and leads to what ran before', () => {
  const { now } = carriedOn([OLD], swap(), WELL)
  const [good] = now
  const kept = now.find(({ role }) => role === 'kept')
  const undo = swap({
    from: { id: good!.id, image: GOOD, sha256: good!.sha256 },
    to: { image: BAD },
    like: { id: kept!.id, sha256: kept!.sha256 },
  })
  const { now: after, end } = carriedOn(
    now.map((one) => ({ ...one, mark: 'plan-before' })),
    undo,
    WELL,
  )
  expect(end).toEqual({ kind: 'done' })
  expect(after.find(({ name }) => name === OLD.name)?.image).toEqual(BAD)
})

test('aliases that the new one lacks give the place back', () => {
  const { through } = carriedOn([OLD], swap(), WELL)
  const started = through[4]!.map((one) => (one.image === GOOD ? { ...one, aliases: [] } : one))
  expect(carriedOn(started, swap(), WELL).end).toEqual({ kind: 'given-back' })
})

test('what somebody else made in its place is left alone, and ours is taken away', () => {
  const { through } = carriedOn([OLD], swap(), WELL)
  const stranger = container({ id: 'bbbb', createdAt: '2026-11-28T03:10:00.000Z' })
  for (const seen of through) {
    const others = seen.filter(({ name, id }) => name !== OLD.name && id !== OLD.id)
    const { now, end, calls } = carriedOn([...others, stranger], swap(), WELL)
    expect(end.kind).toBe('lost')
    expect(now).toContain(stranger)
    expect(up(now)).toEqual([stranger])
    expect(calls.every((call) => !('id' in call) || call.id !== stranger.id)).toBe(true)
  }
})

describe('a container that had ended by itself', () => {
  const ended = container({ state: 'exited', health: 'none', runningMs: null, restartPolicy: 'no' })

  test.each([true, false])('gives its place to the new one (publishes: %s)', (publishes) => {
    const its = swap({ publishes, restartPolicy: 'no', hadEnded: true })
    const { now, end, calls } = carriedOn([ended], its, WELL)
    expect(end).toEqual({ kind: 'done' })
    expect(kindsOf(calls)).toEqual(['create', 'create', 'start', 'rename', 'rename', 'remove'])
    expect(serves(now)).toBe(true)
  })

  test.each([
    [true, UNWELL],
    [false, UNWELL],
    [true, ENDS],
    [false, ENDS],
  ])('is never started again for one that fails (publishes: %s)', (publishes, fate) => {
    const its = swap({ publishes, restartPolicy: 'no', hadEnded: true })
    const { now, end, calls } = carriedOn([ended], its, fate)
    expect(end).toEqual({ kind: 'given-back' })
    expect(now.find(({ id }) => id === OLD.id)).toEqual(ended)
    expect(up(now)).toEqual([])
    expect(calls).not.toContainEqual(expect.objectContaining({ kind: 'start', id: OLD.id }))
  })
})

describe('a container whose service is stopped meanwhile', () => {
  const stopped = container({ state: 'exited', health: 'none', runningMs: null })
  const its = (publishes: boolean) => swap({ publishes, runs: false })

  test.each([true, false])(
    'gives its place, and nothing is started (publishes: %s)',
    (publishes) => {
      const { now, end, calls } = carriedOn([stopped], its(publishes), WELL)
      expect(end).toEqual({ kind: 'done' })
      expect(kindsOf(calls)).toEqual(['create', 'create', 'rename', 'rename', 'remove'])
      expect(now.map(({ name, role, image, state }) => [name, role, image, state])).toEqual([
        [OLD.name, 'serving', GOOD, 'created'],
        [`${OLD.name}-kept-${OLD.id.slice(0, 12)}`, 'kept', BAD, 'created'],
      ])
      // Once somebody has started it, it is left alone.
      const started = now.map((one) => (one.role === 'serving' ? { ...one, ...WELL } : one))
      expect(moveIn(started, its(publishes))).toEqual({ kind: 'done' })
    },
  )

  test.each([true, false])(
    'whatever somebody removes, ends or starts between (publishes: %s): it comes to an end, and nothing runs',
    (publishes) => {
      const states = reachable(publishes, [WELL], { its: its(publishes), first: stopped })
      expect(states.length).toBeGreaterThan(100)
      for (const seen of states) {
        const { now, end, calls } = carriedOn(seen, its(publishes), WELL)
        expect(['done', 'given-back', 'lost']).toContain(end.kind)
        expect(kindsOf(calls)).not.toContain('start')
        if (end.kind === 'lost') continue
        expect(now.filter(({ role }) => role === 'serving')).toHaveLength(1)
        // What has its place already may have been started by who may do so: a later step.
        if (calls.length > 0 && end.kind === 'done') expect(up(now)).toEqual([])
      }
    },
  )
})

/** Everything that can stand there: after any call, and after what somebody does between any two. */
function reachable(
  publishes: boolean,
  fates: readonly Fate[],
  { its = swap({ publishes }), first = OLD } = {},
): readonly (readonly Container[])[] {
  const known = new Map<string, readonly Container[]>()
  const open: (readonly Container[])[] = [[first]]
  for (let seen = open.pop(); seen; seen = open.pop()) {
    const now = seen
    const key = JSON.stringify(now.map(({ id, name, state, health }) => [id, name, state, health]))
    if (known.has(key) || now.length > 4) continue
    known.set(key, now)
    const move = moveIn(now, its)
    if (move.kind === 'write') {
      for (const fate of fates) {
        const after = written(now, move.write, fate)
        open.push(after, ...(move.followedBy ? [written(after, move.followedBy, fate)] : []))
      }
    }
    for (const { id } of now) {
      open.push(
        now.filter((one) => one.id !== id),
        now.map((one) => (one.id === id && one.state === 'running' ? { ...one, ...ENDS } : one)),
        ...(its.runs === false
          ? [
              now.map((one) =>
                one.id === id && one.role === 'serving' ? { ...one, ...WELL } : one,
              ),
            ]
          : []),
      )
    }
  }
  return [...known.values()]
}

describe.each([true, false])(
  'whatever somebody removes or ends between (publishes: %s)',
  (publishes) => {
    const states = reachable(publishes, [WELL, UNWELL, ENDS])

    test('from everything that can stand there it comes to an end', () => {
      expect(states.length).toBeGreaterThan(100)
      for (const seen of states) {
        const { end } = carriedOn(seen, swap({ publishes }), WELL)
        expect(['done', 'given-back', 'lost', 'wait']).toContain(end.kind)
      }
    })

    test('and where what was there can still be had, somebody serves in the end', () => {
      for (const seen of states) {
        const canBeHad = seen.some(({ id, role }) => id === OLD.id || role === 'kept')
        const { now, end } = carriedOn(seen, swap({ publishes }), WELL)
        if (canBeHad && end.kind !== 'wait')
          expect([end.kind, serves(now)]).toEqual([end.kind, true])
      }
    })

    test('and two of the same name, or two that were made to serve, never stay', () => {
      for (const seen of states) {
        const { now, end } = carriedOn(seen, swap({ publishes }), WELL)
        if (end.kind !== 'done' && end.kind !== 'given-back') continue
        expect(now.filter(({ role }) => role === 'serving')).toHaveLength(1)
      }
    })
  },
)

describe('a container of the same image with another value of a variable', () => {
  const variable = { name: 'FLAG', from: 'true', to: 'false' }
  const flag = (changes: Parameters<typeof swap>[0] = {}) =>
    swap({ to: { image: OLD.image }, variable, ...changes })

  test('is made with it, and what is kept of the old one without', () => {
    const { calls, now, end } = carriedOn([OLD], flag(), WELL)
    expect(end).toEqual({ kind: 'done' })
    const created = calls.filter((call) => call.kind === 'create')
    expect(created.map(({ role, variable: its }) => [role, its])).toEqual([
      ['serving', variable],
      ['kept', undefined],
    ])
    expect(now.map(({ role, image, sha256 }) => [role, image, sha256])).toEqual([
      ['serving', BAD, 'made-so, FLAG false'],
      ['kept', BAD, 'made-so'],
    ])
  })

  test('like what was kept needs no change of it', () => {
    const kept = container({ id: 'kept', name: 'kept', role: 'kept', sha256: 'before' })
    const back = flag({ like: { id: 'kept', sha256: 'before' } })
    const { calls, now } = carriedOn([OLD, kept], back, WELL)
    expect(calls[0]).toMatchObject({ kind: 'create', like: 'kept', sha256: 'before' })
    expect(calls[0]).not.toHaveProperty('variable')
    expect(now.find(({ role }) => role === 'serving')?.sha256).toBe('before')
  })

  test('is not taken for the old one made again, though its image is the same', () => {
    const { through } = carriedOn([OLD], flag(), WELL)
    const started = through.find(
      (seen) => seen.length === 3 && seen.every(({ state }) => state !== 'running'),
    )
    // It fails, and somebody removes the old one meanwhile.
    const names = started?.map((one) =>
      one.role === 'kept' ? { ...one, name: one.name.replace('-kept-', '-failed-') } : one,
    )
    const left = names?.filter(({ id }) => id !== OLD.id) ?? []
    const { now, end } = carriedOn(left, flag(), WELL)
    expect(end).toEqual({ kind: 'given-back' })
    const serving = now.filter(({ role, name }) => role === 'serving' && name === OLD.name)
    expect(serving.map(({ sha256 }) => sha256)).toEqual(['made-so'])
  })
})
