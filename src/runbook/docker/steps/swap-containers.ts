import type { PlannedChange, PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep, type Inspection } from '../../../engine/run/step.ts'
import { carryOn } from '../carry-on.ts'
import { imagesThere, pullMissing } from '../images.ts'
import type { Patience } from '../readiness.ts'
import {
  goesOn,
  isKeptAs,
  isUnderWay,
  look,
  movesNow,
  resolve,
  standingsNow,
  standingsOf,
} from '../standings.ts'
import { SwapInput, type SwapChange } from '../swap-change.ts'

/** Each container gives its place to one of another image, and is made again if that one does not become well. */
export const swapContainers = defineStep({
  id: 'swap-containers',
  input: SwapInput,
  deadlineMs: (input) =>
    input.changes.reduce((sum, change) => sum + longestMs(change, input), 60_000),
  onAbort: 'finish',

  title: ({ changes }) =>
    `Return ${[...new Set(changes.map(({ service, to }) => `${service} to ${to.version}`))].join(', ')}`,
  subject: ({ changes }) => changes.map(({ host, name }) => `container ${host}/${name}`).join(', '),

  async inspect(context, input): Promise<Inspection<null, SwapInput>> {
    const seen = await look(context, input)
    const begun = seen.some(({ mark }) => mark === context.key)
    const resolved = input.changes.map((change) => resolve(change, seen, context.key))
    const gone = resolved.flatMap(problemIn)
    const changes = resolved.flatMap((one) => ('change' in one ? [one.change] : []))
    const standings = standingsOf({ ...input, changes }, seen, context.key)
    const moves = movesNow(standings)
    const stuck = moves.flatMap(({ move }) => (move.kind === 'lost' ? [move.says] : []))
    // What was begun goes on first.
    if (gone.length > 0 && !moves.some(isUnderWay)) {
      return { kind: 'blocked', begun, says: gone.join('; ') }
    }
    if (stuck.length > 0 && !moves.some(goesOn)) {
      return { kind: 'blocked', begun, says: stuck.join('; ') }
    }
    if (moves.every(({ move }) => move.kind === 'done')) {
      return { kind: 'done', begun, says: 'every container runs the wanted image' }
    }
    if (moves.every(({ move }) => move.kind === 'wait' || move.kind === 'done')) {
      return { kind: 'done', begun, says: 'what was started becomes well' }
    }
    const left = standings.flatMap(({ move }, index) =>
      move.kind === 'done' ? [] : (changes[index] ?? []),
    )
    return { kind: 'needed', begun, seen: null, remaining: { ...input, changes: left } }
  },

  apply: (context, input) => carryOn(context, input),
  rehearse: (context, { changes }) => imagesThere(context, changes),
  prepare: (context, { changes }, report) => pullMissing(context, changes, report),

  async verify(context, input) {
    const seen = await look(context, input)
    const gone = input.changes.flatMap((one) => problemIn(resolve(one, seen, context.key)))
    const standings = standingsNow(context, input, seen)
    const done = standings.filter(({ move }) => move.kind === 'done').length
    const progress = { done, total: input.changes.length, unit: 'containers' }
    const moves = movesNow(standings)
    // What is not found is not proved (J10).
    if (gone.length > 0 && !moves.some(isUnderWay)) {
      return { kind: 'failed', says: gone.join('; ') }
    }
    const bad = moves.flatMap(({ move, swap }) => {
      if (move.kind === 'lost') return [move.says]
      return move.kind === 'given-back' ? [`${swap.service}: the old one serves again`] : []
    })
    if (bad.length > 0 && !moves.some(goesOn)) return { kind: 'failed', says: bad.join('; ') }
    if (done === input.changes.length) return { kind: 'verified', says: servingIn(input) }
    const waiting = moves.flatMap(({ move }) => (move.kind === 'wait' ? [move.says] : []))
    return { kind: 'not-yet', says: waiting.join('; ') || 'it goes on', progress }
  },

  onUndo: {
    kind: 'invert',
    input: ({ changes, ...patience }) => ({
      changes: changes.toReversed().map(inverse),
      ...patience,
    }),
  },

  changes: ({ changes }) =>
    [...Map.groupBy(changes, ({ service }) => service)].map(changeOfService),

  versionsAfter: ({ changes }) =>
    Object.fromEntries(changes.map(({ service, to }) => [service, [to.version]])),

  async adviseUndo(context, { changes }) {
    const seen = await look(context, { changes })
    const missing = changes.filter(({ service, host, to }) => {
      return !seen.some(
        (one) => isKeptAs(to.kept, one) && one.service === service && one.host === host,
      )
    })
    if (missing.length === 0) return { problem: null, caution: null }
    const where = missing.map(({ service, host }) => `${service} on ${host}`).join(', ')
    return { problem: `${where}: what it was made like is not kept any more`, caution: null }
  },
})

/** What a planned step changes if it is of this kind, and else nothing. */
export function changesIn({ id, input }: PlannedStep): readonly SwapChange[] {
  return id === swapContainers.id ? SwapInput.parse(input).changes : []
}

function problemIn(resolved: ReturnType<typeof resolve>): readonly string[] {
  return 'problem' in resolved ? [resolved.problem] : []
}

type End = SwapChange['from' | 'to']

function versionAt({ version }: End): string {
  return version
}

function imageAt({ image: { digest, reference } }: End): string {
  return digest ?? reference
}

function changeOfService([what, changes]: readonly [string, readonly SwapChange[]]): PlannedChange {
  const all = (end: 'from' | 'to', of: (end: End) => string) => [
    ...new Set(changes.map((change) => of(change[end]))),
  ]
  const hosts = [...new Set(changes.map(({ host }) => host))].join(', ')
  const count = changes.length === 1 ? '1 container' : `${changes.length} containers`
  return {
    what,
    from: all('from', versionAt).join(', '),
    to: `${all('to', versionAt).join(', ')} (${count} on ${hosts})`,
    images: { from: all('from', imageAt), to: all('to', imageAt) },
  }
}

/** A stop may take the whole time that the container asks for, there and back again. */
function longestMs({ stopSeconds }: SwapChange, { readyWithinMs, settleMs }: Patience): number {
  return 3 * stopSeconds * 1_000 + readyWithinMs + settleMs + 60_000
}

function inverse({ from, to, ...container }: SwapChange): SwapChange {
  return {
    ...container,
    from: { id: null, image: to.image, version: to.version, sha256: null },
    to: { image: from.image, version: from.version, kept: from.sha256 },
  }
}

function servingIn({ changes }: SwapInput): string {
  return changes
    .map(({ service, host, to }) => `${service} runs ${to.version} on ${host}`)
    .join('; ')
}
