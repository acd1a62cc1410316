import type { Application, StepContext } from '../../engine/run/step.ts'
import type { Containers } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import { goesOn, isUnderWay, look, movesNow, standingsNow, type Standing } from './standings.ts'
import type { SwapInput } from './swap-change.ts'
import { failureOf } from './swap.ts'

/** More calls than any swap takes: what goes round in circles is looked at again later. */
const MOST_CALLS = 40

/** Call after call, each after a new look, until there is something to wait for. */
export async function carryOn(context: StepContext, input: SwapInput): Promise<Application> {
  const containers = containersOf(context.world)
  let why: string | null = null
  const started = new Set<string>()
  for (let calls = 0; calls < MOST_CALLS; calls += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each call after a look of its own
    const standings = standingsNow(context, input, await look(context, input))
    const moves = movesNow(standings)
    const isGone = standings.length < input.changes.length
    if (isGone && !moves.some(isUnderWay)) return { kind: 'look-again' }
    for (const { scene } of moves) why ??= failureOf(scene, input)
    // On another host it may be half way: it does not end there.
    const ended = moves.some(goesOn) ? [] : moves
    const back = ended.find(({ move }) => move.kind === 'given-back')
    if (back) return givenBack(back, standings, why)
    const stuck = ended.flatMap(({ move }) => (move.kind === 'lost' ? [move.says] : []))
    if (stuck.length > 0) return { kind: 'refused', applied: 'yes', says: stuck.join('; ') }
    const again = moves.find((one) => startsIn(one) !== null && started.has(startsIn(one) ?? ''))
    if (again) return endsAgain(again)
    for (const one of moves) started.add(startsIn(one) ?? '')
    // oxlint-disable-next-line no-await-in-loop -- the same
    const refusals = await writeAll(containers, moves, context)
    if (refusals === null) return { kind: 'written' }
    const [refusal] = refusals
    if (refusal) {
      // oxlint-disable-next-line no-await-in-loop -- the same
      const marked = await markFailed(containers, refusal, context)
      why = refusal.because
      if (!marked)
        return {
          kind: 'refused',
          applied: 'unknown',
          says: `${refusal.standing.swap.service}: ${why}`,
        }
    }
  }
  return { kind: 'look-again' }
}

/** The container that this call starts; `null`: it is another call. */
function startsIn({ move }: Standing): string | null {
  return move.kind === 'write' && move.write.kind === 'start' ? move.write.id : null
}

function endsAgain({ swap: { service, host } }: Standing): Application {
  const says = `${service} on ${host}: it was started, and ended again at once`
  return { kind: 'refused', applied: 'yes', says }
}

type Refusal = { readonly standing: Standing; readonly because: string }

/** One call for each; `null`: there is none to make. */
async function writeAll(
  containers: Containers,
  moves: readonly Standing[],
  { signal }: StepContext,
): Promise<readonly Refusal[] | null> {
  const writes = moves.filter(({ move }) => move.kind === 'write')
  if (writes.length === 0) return null
  const answers = await Promise.all(
    writes.map(async (standing) => {
      if (standing.move.kind !== 'write') return []
      const answer = await containers.write(standing.move.write, signal)
      return answer.kind === 'refused' ? [{ standing, because: answer.because }] : []
    }),
  )
  return answers.flat()
}

/** From here on it goes the other way; where nothing was made yet, there is nothing to give back. */
async function markFailed(
  containers: Containers,
  { standing: { swap, scene } }: Refusal,
  { signal }: StepContext,
): Promise<boolean> {
  const { kept } = scene
  if (!kept) return false
  const name = kept.name.replace('-kept-', '-failed-')
  const answer = await containers.write(
    { kind: 'rename', host: swap.host, id: kept.id, name },
    signal,
  )
  return answer.kind !== 'refused'
}

function givenBack(
  { swap: { service, host } }: Standing,
  standings: readonly Standing[],
  why: string | null,
): Application {
  const because = why ?? 'the new container did not become well'
  const done = standings.filter(({ move }) => move.kind === 'done')
  return {
    kind: 'refused',
    applied: done.length > 0 ? 'yes' : 'no',
    says: [
      `${service} on ${host}: ${because}; the old one serves again`,
      ...done.map(({ swap }) => `${swap.service} on ${swap.host} was swapped`),
    ].join('; '),
  }
}
