import { describe, expect, test } from 'vitest'
import { surroundings } from '../support/engine-story.ts'
import { ASKED, incidentOf, SIGNED, tell, tellMore } from '../support/rollback-story.ts'
import { both, deeds, firstAndLast, outward, type Call, type Made } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'
import { recreatable, WORLD_MOVES, type WorldMove } from './world-moves.ts'

type Moment =
  | { readonly kind: 'proposed' | 'one signature' | 'never' }
  /** Right before this call, counted from the last signature. */
  | { readonly kind: 'call'; readonly nth: number }

/** A rollback into which this happens. */
async function rollbackInto(move: WorldMove, moment: Moment) {
  const around = surroundings()
  const seen = recorder(around)
  const anew = recreatable()
  const made: Made[] = []
  let counting = false
  const done = deeds(() => process.life)
  const happens = () => move.happens(around, anew.recreate)
  const watching = outward(async (call, make) => {
    if (counting) {
      const name = `${call.port}.${call.name}${about(call)}`
      made.push({ nth: made.length + 1, name, changed: done.of().length })
      if (moment.kind === 'call' && made.length === moment.nth) happens()
    }
    return make()
  })
  const process: ReturnType<typeof around.startProcess> = around.startProcess(
    null,
    both(done.ways, both(watching, both(anew.ways, seen.ways))),
  )
  await tell(around, process, 0, ASKED)
  if (moment.kind === 'proposed') happens()
  const shown = await process.engine.load(await incidentOf(around))
  const cards = SIGNED.map(({ by, intent }) => {
    const read = intent(shown)
    return { by, intent: () => read }
  })
  await tellMore(around, process, cards.slice(0, 1))
  if (moment.kind === 'one signature') happens()
  counting = true
  await tellMore(around, process, cards.slice(1))
  await process.engine.idle()
  const incident = await process.engine.load(await incidentOf(around))
  process.engine.tick()
  await process.engine.idle()
  const later = await process.engine.load(await incidentOf(around))
  const calls = made.map(({ name }) => name)
  const left = {
    made,
    written: seen.written,
    wrong: wrongIn({ ...seen, late: [] }),
    late: seen.late,
    /** What was asked after it had happened, and before anything was written. */
    asked: moment.kind === 'call' ? calls.slice(moment.nth - 1, firstWriteOf(calls)) : [],
    twice: seen.written.filter((one, index, all) => all.indexOf(one) !== index),
    said: around.slack.messages.map(({ view }) => JSON.stringify(view)).join('\n'),
    plans: incident?.plans.length,
    outcomes: (incident?.plans ?? []).map(({ run }) => run?.ended?.outcome ?? null),
    gate: incident?.plans.at(-1) ?? null,
    laterGate: later?.plans.at(-1) ?? null,
    runEnded: incident?.plans.every(({ run }) => !run || run.ended),
  }
  around.end()
  return left
}

/** Whom or what it asks, where that makes it another question. */
function about({ name, args }: Call): string {
  if (name === 'accountOf') return ` ${String(args[0])}`
  return name === 'ask' ? ` ${JSON.stringify(args[0])}` : ''
}

function firstWriteOf(calls: readonly string[]): number {
  const at = calls.indexOf('cluster.write')
  return at < 0 ? calls.length : at
}

const stops = WORLD_MOVES.filter(({ harmless }) => !harmless)
const [firstMove] = WORLD_MOVES
if (!firstMove) throw new Error('somebody has to do something')
const { made } = await rollbackInto(firstMove, { kind: 'never' })
const firstWrite = firstWriteOf(made.map(({ name }) => name))
const early = made.slice(0, firstWrite + 1)
const wait = made.slice(firstWrite + 2)

/**
 * When a move may happen, of all these calls: before each that could tell, and once when none comes any
 * more. Slack knows nothing of the world.
 */
function momentsOf({ of }: WorldMove, among: readonly Made[]): readonly Made[] {
  const asks = { cluster: /^(cluster|endpoints)/, people: /^people/, clock: /^(?!slack)/ }[of]
  const tells = ({ name }: Made) => asks.test(name)
  const after = among.slice(among.findLastIndex(tells) + 1)
  return [...firstAndLast(among.filter(tells)), ...after.slice(0, 1)]
}

function casesAmong(moves: readonly WorldMove[], calls: readonly Made[]) {
  return moves.flatMap((move) => momentsOf(move, calls).map((call) => ({ ...move, ...call })))
}

test('the moments are counted: from the last signature to the first write, and from there to the end', () => {
  const count = (among: readonly Made[]) =>
    WORLD_MOVES.map((move) => `${momentsOf(move, among).length} of ${move.what}`).join(', ')
  console.log(`to the first write: ${count(early)}; afterwards: ${count(wait)}`)
  for (const move of stops) expect(momentsOf(move, early).length).toBeGreaterThan(2)
  expect(momentsOf(firstMove, wait).length).toBeGreaterThan(8)
})

describe('between the plan and its signatures', () => {
  const moments = [{ kind: 'proposed' }, { kind: 'one signature' }] as const
  const cases = stops.flatMap((move) => moments.map((moment) => ({ ...move, moment })))

  test.each(cases)('$moment.kind, and $what: nothing is written (J7)', async (one) => {
    const left = await rollbackInto(one, one.moment)
    // A signature that is given after it is no news.
    if (one.what === 'a signature expires' && one.moment.kind === 'proposed') {
      expect(left.outcomes).toEqual(['succeeded'])
      return
    }
    expect(left).toMatchObject({ written: [], wrong: [], late: [] })
    expect(left.outcomes).not.toContain('succeeded')
    if (one.of === 'cluster') {
      expect(left.said).toMatch(one.words)
      if (one.anew) expect(left.gate).toMatchObject({ plan: {}, ended: null, run: null })
      // What the next look finds is the same world, and is told the same.
      expect(left.laterGate).toEqual(left.gate)
    }
  })
})

describe('between the last signature and the first write', () => {
  const cases = casesAmong(stops, early)
  test.each(cases)(
    'before call $nth ($name) $what: no write but what was signed (J7)',
    async (one) => {
      const left = await rollbackInto(one, { kind: 'call', nth: one.nth })
      expect(left).toMatchObject({ wrong: [], twice: [], runEnded: true })
      if (one.seenBy(left.asked)) expect(left).toMatchObject({ written: [], late: [] })
      // What happens after the last question is found by the guards at the target, or in the wait.
      if (!left.outcomes.includes('succeeded')) expect(left.said).toMatch(one.words)
      if (left.written.length === 0 && one.anew && left.outcomes[0] === 'gate-closed') {
        expect(left.gate).toMatchObject({ plan: {}, ended: null, run: null })
      }
      if (one.of === 'cluster' && one.seenBy(left.asked))
        expect(left.outcomes[0]).toBe('gate-closed')
    },
  )
})

describe('while the rollout is waited for', () => {
  const cases = casesAmong(WORLD_MOVES, wait)
  test.each(cases)('before call $nth ($name) $what: nothing is written twice', async (one) => {
    const left = await rollbackInto(one, { kind: 'call', nth: one.nth })
    expect(left).toMatchObject({ wrong: [], late: [], twice: [], runEnded: true })
    expect(left.written).toHaveLength(2)
    if (left.outcomes[0] !== 'succeeded') expect(left.said).toMatch(one.words)
    // What is about people or time does not stop what was begun.
    if (one.harmless || one.of !== 'cluster') {
      // Time that passes at once also passes the deadline of a step.
      const outcomes = one.what === 'a signature expires' ? ['succeeded', 'failed'] : ['succeeded']
      expect(outcomes).toContain(left.outcomes[0])
    }
  })
})
