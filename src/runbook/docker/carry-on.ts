import { Fault } from '../../domain/base/fault.ts'
import { keepNewest } from '../../domain/base/keep-newest.ts'
import type { Application, StepContext } from '../../engine/run/step.ts'
import type { Containers, ContainerWrite, ContainerWritten } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import { outcomeOf, type Settled } from './outcome.ts'
import { hasBegun, look, movesNow, placeOf, standingsNow, type Standing } from './standings.ts'
import type { SwapInput } from './swap-change.ts'
import { namesOf } from './swap-names.ts'
import { failureOf, isFailed } from './swap.ts'

/** More calls than any swap takes: what goes round in circles is looked at again later. */
const MOST_CALLS = 40

/** What is asked for again while another host is waited for. A crash forgets it. */
type Remembered = {
  /** Why it goes the other way somewhere, by place. */
  readonly whys: Map<string, string>
  /** `backend on shop-1`: somebody else has started what was to be stopped, and it was stopped again. */
  readonly stoppedAgain: Set<string>
  /** What stands aside and could not be removed, in words, by place. */
  readonly aside: Map<string, string>
}

/** What this call of it has learned, by place. What a crash loses of it is learned again. */
type Learned = Remembered & {
  readonly settled: Map<string, Settled>
  readonly started: Set<string>
  /** Writes that met another world than they named. */
  readonly late: Set<string>
}

/** Call after call, each after a new look, until there is something to wait for. */
export async function carryOn(context: StepContext, input: SwapInput): Promise<Application> {
  const learned: Learned = {
    ...rememberedOf(context),
    settled: new Map(),
    started: new Set(),
    late: new Set(),
  }
  const { whys, settled, started } = learned
  for (let calls = 0; calls < MOST_CALLS; calls += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each call after a look of its own
    const { standings, problems } = await standingsKnown(context, input)
    if (problems.length > 0) return { kind: 'look-again' }
    const { over, going } = movesNow(standings, settled)
    if (going.length === 0 && over.length > 0) return outcomeOf(over, standings, { whys, settled })
    for (const one of going) {
      const failure = failureOf(one.swap, one.scene, input)
      if (failure !== null && !whys.has(placeOf(one))) whys.set(placeOf(one), failure)
    }
    const again = going.filter((one) => startsIn(one).some((id) => started.has(id)))
    for (const one of again) settled.set(placeOf(one), endsAgain(one, whys))
    if (again.length > 0) continue
    const writing = going.flatMap((one) => {
      const { move } = one
      const then = move.kind === 'write' && move.followedBy ? [move.followedBy] : []
      return move.kind === 'write' ? [{ standing: one, writes: [move.write, ...then] }] : []
    })
    if (writing.length === 0) return { kind: 'written' }
    // Reading may have taken longer than a signature holds; what has begun is finished (J7).
    const isLate = context.world.clock.now() >= context.sendBeforeMs
    if (isLate && !standings.some(hasBegun)) return { kind: 'look-again' }
    // oxlint-disable-next-line no-await-in-loop -- the same
    const refusals = await writeAll(context, writing, learned)
    for (const one of refusals) {
      // oxlint-disable-next-line no-await-in-loop -- the same
      await takeBack(context, one, learned)
    }
  }
  return { kind: 'look-again' }
}

/** So many steps are carried out at once, at the very most. */
const MOST_STEPS = 50

const rememberedOfSteps = new WeakMap<Containers, Map<string, Remembered>>()

function rememberedOf({ world, key }: StepContext): Remembered {
  const hosts = containersOf(world)
  const known = rememberedOfSteps.get(hosts) ?? new Map<string, Remembered>()
  rememberedOfSteps.set(hosts, known)
  const remembered = known.get(key) ?? {
    whys: new Map(),
    stoppedAgain: new Set(),
    aside: new Map(),
  }
  keepNewest(known, [key, remembered], MOST_STEPS)
  return remembered
}

/** Who was not to run meanwhile, and was started by somebody else. */
export function startedByOthers(context: StepContext): readonly string[] {
  return [...rememberedOf(context).stoppedAgain]
}

/** After a look. Where only what stands aside is left, and cannot be removed, the swap is done. */
export async function standingsKnown(context: StepContext, input: SwapInput) {
  const seen = await look(context, input)
  const { standings, ...now } = standingsNow(context, input, seen)
  const { aside } = rememberedOf(context)
  const known = standings.map((one): Standing => {
    return clears(one) && aside.has(placeOf(one)) ? { ...one, move: { kind: 'done' } } : one
  })
  return { ...now, seen, standings: known }
}

/** What stands aside, and why it could not be removed. */
export function asideInWords(context: StepContext): readonly string[] {
  return [...rememberedOf(context).aside.values()]
}

function clears({ move }: Standing): boolean {
  return move.kind === 'write' && move.clears === true
}

function placeInWords({ swap: { service, host } }: Standing): string {
  return `${service} on ${host}`
}

function stopsAgain({ swap, move, scene }: Standing): boolean {
  const stops = move.kind === 'write' && move.write.kind === 'stop'
  return stops && swap.runs === false && move.write.id === scene.old?.id
}

/** The container that this call starts, if it is such a call. */
function startsIn({ move }: Standing): readonly string[] {
  return move.kind === 'write' && move.write.kind === 'start' ? [move.write.id] : []
}

function endsAgain(one: Standing, whys: Learned['whys']): Settled {
  const why = whys.get(placeOf(one))
  const ended = 'the old one was started again, and ended again at once'
  return { applied: 'yes', because: why === undefined ? ended : `${why}; ${ended}` }
}

type Writing = { readonly standing: Standing; readonly writes: readonly ContainerWrite[] }
type Refusal = { readonly standing: Standing; readonly because: string }

/** Each host by itself: none waits for another one between two calls that belong together. */
async function writeAll(
  context: StepContext,
  writing: readonly Writing[],
  learned: Learned,
): Promise<readonly Refusal[]> {
  const answers = await Promise.all(
    writing.map(async ({ standing, writes }) => {
      for (const write of writes) {
        // oxlint-disable-next-line no-await-in-loop -- the second only where the first is done
        const answer = await writeOne(context, { standing, write }, learned)
        if (answer.kind === 'refused') return [{ standing, because: answer.because }]
        if (answer.kind !== 'done') return []
      }
      return []
    }),
  )
  return answers.flat()
}

async function writeOne(
  { world, signal }: StepContext,
  { standing, write }: { readonly standing: Standing; readonly write: ContainerWrite },
  { late, stoppedAgain, started }: Learned,
): Promise<ContainerWritten> {
  const answer = await containersOf(world).write(write, signal)
  if (stopsAgain(standing)) stoppedAgain.add(placeInWords(standing))
  if (answer.kind === 'changed-meanwhile') {
    const which = JSON.stringify(write)
    if (late.has(which)) throw stuck(answer.because)
    late.add(which)
  } else if (write.kind === 'start') started.add(write.id)
  return answer
}

/**
 * From here on it goes the other way; where nothing is kept yet, nothing of it stays. What refuses the way
 * back, too, is asked again until the step's time is over: somebody may mend it.
 */
async function takeBack(
  { world, signal }: StepContext,
  { standing, because }: Refusal,
  { whys, settled, aside }: Learned,
): Promise<void> {
  const hosts: Containers = containersOf(world)
  const { swap, scene } = standing
  const { host } = swap
  const { old, kept, fresh } = scene
  if (clears(standing)) {
    const says = `the old one stays on ${host} as ${old?.name}, stopped, and could not be removed: ${because}`
    aside.set(placeOf(standing), `${says}; “tidy-up” lists it`)
    return
  }
  whys.set(placeOf(standing), because)
  if (!kept) {
    const takenBack = fresh ? ({ takenBack: true } as const) : {}
    settled.set(placeOf(standing), { applied: 'no', because, ...takenBack })
    if (!fresh) return
    const write = { kind: 'remove', host, id: fresh.id, keepChangesAs: null } as const
    const answer = await hosts.write(write, signal)
    if (answer.kind === 'refused') throw stuck(answer.because)
    return
  }
  if (isFailed(swap, kept)) throw stuck(because)
  const write = { kind: 'rename', host, id: kept.id, name: namesOf(swap).failed } as const
  const answer = await hosts.write(write, signal)
  if (answer.kind === 'refused') throw stuck(answer.because)
}

function stuck(detail: string): Fault {
  return new Fault({ kind: 'retryable', dependency: 'docker', detail })
}
