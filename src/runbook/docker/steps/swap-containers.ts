import type { PlannedChange, PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep, type Inspection } from '../../../engine/run/step.ts'
import { carryOn } from '../carry-on.ts'
import { imagesThere, pullMissing } from '../images.ts'
import type { Patience } from '../readiness.ts'
import { NOTHING_KNOWN, outcomeOf } from '../outcome.ts'
import { isKeptAs, look, movesNow, standingsNow } from '../standings.ts'
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
    const { changes, standings, problems } = standingsNow(context, input, seen)
    if (problems.length > 0) return { kind: 'blocked', begun, says: problems.join('; ') }
    const { over, going } = movesNow(standings)
    if (going.length === 0 && over.length > 0 && over.every(({ move }) => move.kind === 'lost')) {
      return { kind: 'blocked', begun, says: outcomeOf(over, standings, NOTHING_KNOWN).says }
    }
    if (standings.every(({ move }) => move.kind === 'done')) {
      return { kind: 'done', begun, says: 'every container runs the wanted image' }
    }
    if (going.length > 0 && going.every(({ move }) => move.kind === 'wait')) {
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

  /** That it was given back, or lost, is said by the look that follows: with what has come of it. */
  async verify(context, input) {
    const { standings, problems, stands } = standingsNow(context, input, await look(context, input))
    const done = stands + standings.filter(({ move }) => move.kind === 'done').length
    const total = input.changes.length
    if (done === total) return { kind: 'verified', says: servingIn(input) }
    const { going } = movesNow(standings)
    const waiting = going.flatMap(({ move }) => (move.kind === 'wait' ? [move.says] : []))
    const says = [...problems, ...waiting].join('; ') || 'it goes on'
    return { kind: 'not-yet', says, progress: { done, total, unit: 'containers' } }
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

  async adviseUndo(context, input) {
    const seen = await look(context, input)
    const missing = standingsNow(context, input, seen).changes.filter(({ service, host, to }) => {
      return !seen.some(
        (one) => isKeptAs(to.kept, one) && one.service === service && one.host === host,
      )
    })
    if (missing.length === 0) return { problem: null, caution: null }
    const where = missing.map(({ service, host }) => `${service} on ${host}`).join(', ')
    const versions = [...new Set(missing.map(({ to }) => to.version))].join(', ')
    const problem = `${where}: what was kept to make it again was removed, as by a prune; deploy ${versions} instead`
    return { problem, caution: null }
  },
})

/** What a planned step changes if it is of this kind, and else nothing. */
export function changesIn({ id, input }: PlannedStep): readonly SwapChange[] {
  return id === swapContainers.id ? SwapInput.parse(input).changes : []
}

type End = SwapChange['from' | 'to']

function versionAt({ version }: End): string {
  return version
}

/** As people deploy it, so that whoever deploys the left one again is told; where both are called the same, by digest. */
function imagesOf({ from, to }: SwapChange): { readonly from: string; readonly to: string } {
  const isSame = from.image.reference === to.image.reference
  const name = ({ image: { digest, reference } }: End) =>
    isSame ? (digest ?? reference) : reference
  return { from: name(from), to: name(to) }
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
    images: {
      from: [...new Set(changes.map((change) => imagesOf(change).from))],
      to: [...new Set(changes.map((change) => imagesOf(change).to))],
    },
  }
}

/** A stop may take the whole time that the container asks for, there and back again. */
function longestMs({ stopSeconds }: SwapChange, { readyWithinMs, settleMs }: Patience): number {
  return 3 * stopSeconds * 1_000 + readyWithinMs + settleMs + 60_000
}

function inverse(change: SwapChange): SwapChange {
  const { from, to, hadEnded: _, ...container } = change
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
