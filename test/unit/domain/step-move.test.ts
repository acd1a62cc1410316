import { describe, expect, test } from 'vitest'
import {
  isOurs,
  proofMove,
  stepMove,
  type Begun,
  type Found,
  type StepMove,
  type TurnFacts,
} from '../../../src/domain/plan/step-move.ts'

const KINDS = ['needed', 'done', 'blocked'] as const
const BEGUN: readonly Begun[] = [true, false, 'no-mark']
const FLAGS = [true, false]
const ON_ABORT = ['finish', 'interrupt'] as const
const GATES = ['unasked', 'holds', 'closed'] as const

type Case = { readonly found: Found; readonly turn: TurnFacts }

const every: readonly Case[] = KINDS.flatMap((kind) =>
  BEGUN.flatMap((begun) =>
    FLAGS.flatMap((started) =>
      FLAGS.flatMap((stopping) =>
        ON_ABORT.flatMap((onAbort) =>
          GATES.map((gate) => ({
            found: { kind, begun },
            turn: { started, stopping, onAbort, gate },
          })),
        ),
      ),
    ),
  ),
)

const moved = (where: (one: Case) => boolean): readonly (Case & { readonly move: StepMove })[] =>
  every.filter(where).map((one) => ({ ...one, move: stepMove(one.found, one.turn) }))

describe('of all the moves that there are', () => {
  test('every state has one', () => {
    expect(every).toHaveLength(3 * 3 * 2 * 2 * 2 * 3)
    expect(new Set(moved(() => true).map(({ move }) => move.kind))).toEqual(
      new Set(['ask-gate', 'refuse', 'fail', 'apply', 'prove']),
    )
  })

  test('nothing is written without signatures that hold, but what has begun already (J7)', () => {
    for (const { found, turn, move } of moved(() => true)) {
      if (move.kind !== 'apply') continue
      expect(found.begun === true || turn.gate === 'holds').toBe(true)
    }
  })

  test('nothing is written but what is needed', () => {
    for (const { found, move } of moved(() => true)) {
      if (move.kind === 'apply') expect(found.kind).toBe('needed')
    }
  })

  test('a stop lets nothing begin, and finishes what has begun only where the step says so', () => {
    for (const { found, turn, move } of moved((one) => one.turn.stopping)) {
      if (move.kind !== 'apply') continue
      expect(found.begun).toBe(true)
      expect(turn.onAbort).toBe('finish')
    }
  })

  test('the signatures are asked once: what was asked leads to another move', () => {
    for (const { move } of moved((one) => one.turn.gate !== 'unasked')) {
      expect(move.kind).not.toBe('ask-gate')
    }
  })

  test('a mark of its own, or what was tried and has come true, needs no signatures any more (J4)', () => {
    for (const { found, turn, move } of moved((one) => isOurs(one.found, one.turn))) {
      expect(['ask-gate', 'refuse'], JSON.stringify({ found, turn })).not.toContain(move.kind)
    }
  })

  test('what was never started has written nothing, and what was is never said to have written nothing (J1, J10)', () => {
    for (const { found, turn, move } of moved(() => true)) {
      if (move.kind !== 'fail') continue
      const says = found.begun === true ? 'yes' : turn.started ? 'unknown' : 'no'
      expect(move.applied).toBe(says)
    }
  })

  test('what stands there is this run’s doing by its mark, and without marks by the journal', () => {
    for (const { found, turn, move } of moved((one) => one.found.kind === 'done')) {
      if (move.kind !== 'prove') continue
      expect(move.applied).toBe(found.begun === 'no-mark' ? turn.started : found.begun)
    }
  })
})

const fresh = { started: false, stopping: false, onAbort: 'finish', gate: 'unasked' } as const

test.each<[string, Found, Partial<TurnFacts>, StepMove]>([
  ['a fresh step asks', { kind: 'needed', begun: false }, {}, { kind: 'ask-gate' }],
  ['signed it writes', { kind: 'needed', begun: false }, { gate: 'holds' }, { kind: 'apply' }],
  [
    'what the signatures do not cover ends before anything is written',
    { kind: 'needed', begun: false },
    { gate: 'closed' },
    { kind: 'refuse', because: 'gate-closed' },
  ],
  [
    'half written, it goes on without asking',
    { kind: 'needed', begun: true },
    { started: true },
    { kind: 'apply' },
  ],
  [
    'half written and stopped, it is finished where a stop finishes',
    { kind: 'needed', begun: true },
    { started: true, stopping: true },
    { kind: 'apply' },
  ],
  [
    'half written and stopped, it says so where a stop interrupts',
    { kind: 'needed', begun: true },
    { started: true, stopping: true, onAbort: 'interrupt' },
    { kind: 'fail', applied: 'yes', because: 'stopped' },
  ],
  [
    'drift is first held against the signatures, so that the plan is void and not the step',
    { kind: 'blocked', begun: false },
    {},
    { kind: 'ask-gate' },
  ],
  [
    'drift after its own write is a failure that has written',
    { kind: 'blocked', begun: true },
    { started: true },
    { kind: 'fail', applied: 'yes', because: 'blocked' },
  ],
  [
    'cut off by a crash after the write, it goes on to the proof',
    { kind: 'done', begun: 'no-mark' },
    { started: true },
    { kind: 'prove', applied: true },
  ],
  [
    'what stood so already is proved, and nothing is claimed',
    { kind: 'done', begun: false },
    { gate: 'holds' },
    { kind: 'prove', applied: false },
  ],
])('%s', (_what, found, turn, move) => {
  expect(stepMove(found, { ...fresh, ...turn })).toEqual(move)
})

describe('a proof', () => {
  const facts = { applied: true, stopping: false, onAbort: 'finish' } as const

  test('that was made is a success, whoever wants to stop', () => {
    for (const stopping of FLAGS) {
      for (const onAbort of ON_ABORT) {
        const move = proofMove({ kind: 'verified', applied: true, stopping, onAbort })
        expect(move).toEqual({ kind: 'succeed' })
      }
    }
  })

  test('that cannot be made any more is a failure', () => {
    expect(proofMove({ ...facts, kind: 'failed' })).toEqual({ kind: 'fail', because: 'not-proved' })
  })

  test('that may still come is waited for, as progress of what was written', () => {
    expect(proofMove({ ...facts, kind: 'not-yet' })).toEqual({ kind: 'again', as: 'progress' })
    const waiting = proofMove({ ...facts, kind: 'not-yet', applied: false })
    expect(waiting).toEqual({ kind: 'again', as: 'waiting' })
  })

  test('is waited for after a stop, where a stop finishes what was written, and nowhere else', () => {
    const stopped = { kind: 'not-yet', stopping: true } as const
    expect(proofMove({ ...stopped, applied: true, onAbort: 'finish' }).kind).toBe('again')
    expect(proofMove({ ...stopped, applied: true, onAbort: 'interrupt' }).kind).toBe('fail')
    expect(proofMove({ ...stopped, applied: false, onAbort: 'finish' }).kind).toBe('fail')
  })
})
