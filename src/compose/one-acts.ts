import type { Engine } from '../engine/engine-types.ts'
import type { Clock } from '../ports/clock.ts'
import type { Lease } from '../ports/lease.ts'
import type { Log } from '../ports/log.ts'

/** So long before its end by the server's clock a term is over for us. */
const MARGIN = 0.2

/** So many terms long nobody asks for the lease who has given way: one may pass until it is over. */
const STANDS_BACK_TERMS = 2

/** One of several engines on one journal. */
export type Replica = Engine & {
  /** Whether it does what incidents are owed. The others only write down what they are told. */
  acts(): boolean
  /** Once a second: keeps the lease or tries to take it, and follows what others have written. Never throws. */
  turn(): Promise<void>
}

type Term = { readonly epoch: number; readonly untilMs: number }

/**
 * Of all processes on a journal one acts: it decides, carries out, looks and publishes. The others make durable what
 * Slack delivers to them, and answer questions; the one that acts follows within a second. When its lease is over,
 * the next one takes up what is there as after a restart, with an engine that remembers nothing. One that reads what
 * only a newer version can have written gives way to it.
 *
 * `clock` must be nobody else's: what another machine has written must not move it.
 */
export function oneActs(deps: {
  readonly lease: Lease
  readonly leaseMs: number
  /** `mayAct`: asked right before each write to production. */
  readonly newEngine: (mayAct: () => boolean) => Engine
  readonly clock: Clock
  readonly log: Log
}): Replica {
  const { lease, leaseMs, clock, log } = deps
  const asking = askingForTheLease(deps)
  let term: Term | null = null
  let isStopped = false
  let engine = newEngine()
  let readingOn: Promise<unknown> = lookOn()
  /** Whether what is open was taken up in this term. */
  let isTakenUp = false
  /** Whether this engine has only looked on so far, for some time. */
  let hasLookedOn = false
  /** The engine of the term before may still be at its last call. */
  let ending: Promise<unknown> = Promise.resolve()

  function acts(): boolean {
    return term !== null && clock.now() < term.untilMs
  }

  function newEngine(): Engine {
    // One of an earlier term never acts again, whoever has the lease.
    const made: Engine = deps.newEngine(() => made === engine && acts())
    return made
  }

  async function lookOn(): Promise<void> {
    try {
      await engine.lookOn()
    } catch (error) {
      log.error('what is open cannot be read', { error })
    }
  }

  async function resume(): Promise<void> {
    isTakenUp = true
    try {
      await engine.resume()
    } catch (error) {
      log.error('what is open cannot be taken up; it is tried again', { error })
      isTakenUp = false
    }
  }

  async function turn(): Promise<void> {
    if (isStopped) return
    const askedMs = clock.now()
    const held = await asking.hold()
    if (held === 'other' || (term !== null && !acts())) stepDown()
    if (typeof held === 'number') await keep(held, askedMs + leaseMs * (1 - MARGIN))
    const { incidents, unreadable } = await engine.follow()
    if (acts() && unreadable.length > 0) giveWay()
    if (acts()) for (const id of incidents) engine.wake(id)
    else hasLookedOn = true
  }

  async function keep(epoch: number, untilMs: number): Promise<void> {
    if (term !== null && term.epoch !== epoch) stepDown()
    const begins = term === null
    // What it remembers may be lost since, as after a failover; what is there now is what counts.
    if (begins && hasLookedOn) startAnew()
    if (begins) await ending
    term = { epoch, untilMs }
    if (begins) log.info('this process acts from here on', { epoch })
    if (!isTakenUp) readingOn = resume()
  }

  function stepDown(): void {
    if (term === null) return
    log.warn('another process acts from here on', { epoch: term.epoch })
    term = null
    isTakenUp = false
    startAnew()
    readingOn = lookOn()
  }

  /** Whoever has just written that can read it, and so it is there: it acts, and this one does not until it is gone. */
  function giveWay(): void {
    stepDown()
    asking.standBack()
    // What it is at ends first. Later than that the lease may be its own again.
    ending = ending.then(asking.giveBack)
  }

  function startAnew(): void {
    const before = engine
    engine = newEngine()
    hasLookedOn = false
    ending = Promise.all([ending, before.stop()])
  }

  return {
    ...passedOnTo(() => engine),
    acts,
    turn,
    wake(incident) {
      if (acts()) engine.wake(incident)
    },
    async resume() {
      await turn()
      await readingOn
    },
    tick() {
      if (acts()) engine.tick()
    },
    async stop() {
      isStopped = true
      await Promise.all([ending, engine.stop()])
      if (term !== null) await givenBack(lease, log)
      term = null
      await lease.close()
    },
  }
}

type Asking = {
  /** Says once that it cannot be asked for, and once that it can be again. */
  hold(): Promise<number | 'other' | 'unknown'>
  /** For some time others have it, or nobody. */
  standBack(): void
  /** As long as that lasts. */
  giveBack(): Promise<void>
}

function askingForTheLease({
  lease,
  leaseMs,
  clock,
  log,
}: {
  readonly lease: Lease
  readonly leaseMs: number
  readonly clock: Clock
  readonly log: Log
}): Asking {
  let trouble: string | null = null
  let backUntilMs = Number.NEGATIVE_INFINITY

  return {
    async hold() {
      if (clock.now() < backUntilMs) return 'other'
      try {
        const epoch = await lease.hold()
        if (trouble !== null) log.info('the lease can be asked for again')
        trouble = null
        return epoch ?? 'other'
      } catch (error) {
        const found = error instanceof Error ? error.message : String(error)
        if (found !== trouble) log.warn('the lease cannot be asked for', { error })
        trouble = found
        return 'unknown'
      }
    },
    standBack() {
      log.warn('another process writes what this one cannot read: it is left to act')
      backUntilMs = clock.now() + STANDS_BACK_TERMS * leaseMs
    },
    async giveBack() {
      if (clock.now() < backUntilMs) await givenBack(lease, log)
    },
  }
}

/** Else the next process waits for the end of the term. */
async function givenBack(lease: Lease, log: Log): Promise<void> {
  try {
    await lease.release()
  } catch (error) {
    log.warn('the lease was not given back', { error })
  }
}

/** What every process does, whoever acts. */
function passedOnTo(current: () => Engine) {
  return {
    receive: (...told) => current().receive(...told),
    receiveAlerts: (group) => current().receiveAlerts(group),
    openTogether: (received) => current().openTogether(received),
    lately: (lastMs) => current().lately(lastMs),
    lookOn: () => current().lookOn(),
    follow: () => current().follow(),
    load: (incident) => current().load(incident),
    declared: (count) => current().declared(count),
    open: () => current().open(),
    unreadable: () => current().unreadable(),
    whoIs: (user) => current().whoIs(user),
    approver: (user) => current().approver(user),
    approverOutside: (user) => current().approverOutside(user),
    readDirectory: () => current().readDirectory(),
    inThread: (place) => current().inThread(place),
    idle: () => current().idle(),
  } satisfies Partial<Engine>
}
