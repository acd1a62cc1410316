import type { PlannedChange, PlannedStep } from '../../../domain/plan/plan.ts'
import { flagInWords } from '../../../domain/plan/flag-value.ts'
import type { UndoAdvice } from '../../../engine/run/on-undo.ts'
import { defineStep, type Inspection } from '../../../engine/run/step.ts'
import { containersOf } from '../../parts/require-port.ts'
import { asideInWords, carryOn, standingsKnown, startedByOthers } from '../carry-on.ts'
import { imagesThere, pullMissing } from '../images.ts'
import { KEPT_CONTAINERS } from '../kept-containers.ts'
import type { Patience } from '../readiness.ts'
import { NOTHING_KNOWN, outcomeOf } from '../outcome.ts'
import { isKeptAs, look, movesNow, standingsNow } from '../standings.ts'
import { SwapInput, type SwapChange } from '../swap-change.ts'
import { lookToMakeAnew } from '../to-make-anew.ts'
import { undoCautions } from '../undo-cautions.ts'

/** Each container gives its place to one of another image, or with another value of a variable, and is made again if that one does not become well. */
export const swapContainers = defineStep({
  id: 'swap-containers',
  input: SwapInput,
  deadlineMs: (input) =>
    input.changes.reduce((sum, change) => sum + longestMs(change, input), 60_000),
  onAbort: 'finish',
  keeps: KEPT_CONTAINERS,

  title: ({ changes }) => titleOf(changes),
  subject: ({ changes }) => changes.map(({ host, name }) => `container ${host}/${name}`).join(', '),

  async inspect(context, input): Promise<Inspection<null, SwapInput>> {
    const { seen, changes, standings, problems } = await standingsKnown(context, input)
    const begun = seen.some(({ mark }) => mark === context.key)
    if (problems.length > 0) return { kind: 'blocked', begun, says: problems.join('; ') }
    const { over, going } = movesNow(standings)
    if (going.length === 0 && over.length > 0 && over.every(({ move }) => move.kind === 'lost')) {
      return { kind: 'blocked', begun, says: outcomeOf(over, standings, NOTHING_KNOWN).says }
    }
    if (standings.every(({ move }) => move.kind === 'done')) {
      return { kind: 'done', begun, says: 'every container runs as it is wanted' }
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
    const { standings, problems, stands } = await standingsKnown(context, input)
    const done = stands + standings.filter(({ move }) => move.kind === 'done').length
    const total = input.changes.length
    if (done === total) {
      const again = startedByOthers(context).map((one) => {
        return `${one} was started by somebody else meanwhile, and stopped again`
      })
      return {
        kind: 'verified',
        says: [servingIn(input), ...again, ...asideInWords(context)].join('; '),
      }
    }
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
    [
      ...Map.groupBy(changes, ({ service, variable }) => `${variable?.name} ${service}`).values(),
    ].map(changeOfAll),

  versionsAfter: ({ changes }) =>
    Object.fromEntries(changes.map(({ service, to }) => [service, [to.version]])),

  async adviseUndo(context, input, undo) {
    const services = [...new Set(input.changes.map(({ service }) => service))]
    const [seen, closely] = await Promise.all([
      look(context, input),
      lookToMakeAnew(containersOf(context.world), services, context.signal),
    ])
    const each = standingsNow(context, input, seen).changes.map((change) => {
      const here = closely.seen.filter(({ service, host }) => {
        return service === change.service && host === change.host
      })
      const now = here.find(({ id }) => id === change.from.id)
      return { change, now, kept: here.find((one) => isKeptAs(change.to.kept, one)) }
    })
    const missing = each.flatMap(({ change, kept }) => (kept ? [] : [change]))
    if (missing.length > 0) return noAdvice(notKept(missing))
    const backs = each.flatMap(({ change, now, kept }) =>
      now && kept ? [{ change, now, kept }] : [],
    )
    const inTheWay = backs.flatMap(({ now: { name, host, obstacles } }) =>
      obstacles.map((why) => `${name} on ${host} cannot be made anew: ${why}`),
    )
    if (inTheWay.length > 0) return noAdvice(inTheWay.join('; '))
    return { problem: null, cautions: [...undoCautions(backs, undo), ...closely.unknown] }
  },
})

/** What a planned step changes if it is of this kind, and else nothing. */
export function changesIn({ id, input }: PlannedStep): readonly SwapChange[] {
  return id === swapContainers.id ? SwapInput.parse(input).changes : []
}

type End = SwapChange['from' | 'to']

/** As people deploy it, so that whoever deploys the left one again is told; where both are called the same, by digest. */
function imagesOf({ from, to }: SwapChange): { readonly from: string; readonly to: string } {
  const isSame = from.image.reference === to.image.reference
  const name = ({ image: { digest, reference } }: End) =>
    isSame ? (digest ?? reference) : reference
  return { from: name(from), to: name(to) }
}

/** Of one service, and of one variable where that is what changes. */
function changeOfAll(changes: readonly SwapChange[]): PlannedChange {
  const [first] = changes
  const { service = '', variable } = first ?? {}
  const all = (of: (change: SwapChange) => string): string =>
    [...new Set(changes.map(of))].join(', ')
  const hosts = all(({ host }) => host)
  const count = changes.length === 1 ? '1 container' : `${changes.length} containers`
  const where = `(${count} on ${hosts})`
  if (variable) {
    return {
      what: `${variable.name} of ${service}`,
      from: all((one) => valueAt(one, 'from')),
      to: `${all((one) => valueAt(one, 'to'))} ${where}`,
    }
  }
  return {
    what: service,
    from: all(({ from }) => from.version),
    to: `${all(({ to }) => to.version)} ${where}`,
    images: {
      from: [...new Set(changes.map((change) => imagesOf(change).from))],
      to: [...new Set(changes.map((change) => imagesOf(change).to))],
    },
  }
}

function valueAt({ variable }: SwapChange, end: 'from' | 'to'): string {
  return flagInWords(variable?.[end] ?? null)
}

function titleOf(changes: readonly SwapChange[]): string {
  const each = changes.map((change): string => {
    const { service, to, variable } = change
    if (!variable) return `Return ${service} to ${to.version}`
    const { name } = variable
    return variable.to === null
      ? `Take ${name} away from ${service}`
      : `Set ${name} of ${service} to ${valueAt(change, 'to')}`
  })
  // One verb is enough for all that is returned.
  return [...new Set(each)].join(', ').replaceAll(', Return ', ', ')
}

function noAdvice(problem: string): UndoAdvice {
  return { problem, cautions: [] }
}

function notKept(missing: readonly SwapChange[]): string {
  const where = missing.map(({ service, host }) => `${service} on ${host}`).join(', ')
  return `${where}: what was kept to make it again was removed, as by a prune; ${insteadOf(missing)} instead`
}

function insteadOf(changes: readonly SwapChange[]): string {
  const versions = changes.filter(({ variable }) => !variable).map(({ to }) => to.version)
  const values = changes.flatMap((change) =>
    change.variable ? [`${change.variable.name} ${valueAt(change, 'to')}`] : [],
  )
  return `deploy ${[...new Set([...versions, ...values])].join(', ')}`
}

/** A stop may take the whole time that the container asks for, there and back again. */
function longestMs({ stopSeconds }: SwapChange, { readyWithinMs, settleMs }: Patience): number {
  return 3 * stopSeconds * 1_000 + readyWithinMs + settleMs + 60_000
}

function inverse(change: SwapChange): SwapChange {
  const { from, to, hadEnded: _, variable, ...container } = change
  return {
    ...container,
    ...(variable ? { variable: { ...variable, from: variable.to, to: variable.from } } : {}),
    from: { id: null, image: to.image, version: to.version, sha256: null },
    to: { image: from.image, version: from.version, kept: from.sha256 },
  }
}

function servingIn({ changes }: SwapInput): string {
  return changes
    .map((change) => {
      const { service, host, to, variable, runs = true } = change
      if (!runs) return `${service} has ${to.version} on ${host}, and is not started yet`
      return variable
        ? `${service} has ${variable.name} ${valueAt(change, 'to')} on ${host}`
        : `${service} runs ${to.version} on ${host}`
    })
    .join('; ')
}
