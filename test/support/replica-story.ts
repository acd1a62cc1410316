import { setTimeout as sleep } from 'node:timers/promises'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Intent, ReceivedIntent } from '../../src/domain/incident/intent.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { freezing, watchRun, type LateWrite, type Moment, type Strike } from './replica-watch.ts'
import type { ReplicaProcess, Replicas } from './replicas.ts'
import { until } from './slack/waiting.ts'

const PATIENCE_MS = 90_000

export type Trial = {
  /** How much the run has asked for. */
  readonly made: { readonly call: number; readonly write: number }
  readonly late: readonly LateWrite[]
  /** From the freeze to the first call of the other; `null`: nothing was left to do. */
  readonly tookOverMs: number | null
  readonly written: readonly string[]
  readonly runs: string
  readonly outcome: string | undefined
  readonly started: number
  readonly twice: number
}

/** What must have come of every rollback, whatever happened in it. */
export const RIGHT = {
  written: ['backend to v1.9.0', 'frontend to v1.9.0'],
  runs: 'v1.9.0,v1.9.0',
  outcome: 'succeeded',
  started: 1,
  twice: 0,
} as const

/** Incidents that are told to two processes, and what came of them. */
export function replicaStory(replicas: Replicas, journal: Journal, leaseMs: number) {
  const { one, other, slack } = replicas
  // Another story on the same journal has others.
  const prefix = `${crypto.randomUUID()}:`
  let deliveries = 0
  const delivery = () => `${prefix}${(deliveries += 1)}`

  async function read(id: string): Promise<Incident> {
    const found = foldIncident(id, await journal.read(id))
    if (!found) throw new Error(`there is no ${id}`)
    return found
  }

  async function is(id: string, what: string, good: (incident: Incident) => boolean) {
    return until(
      async () => {
        // While nobody has the journal, it is asked again.
        const incident = await read(id).catch(() => null)
        return incident !== null && good(incident) && incident
      },
      `${id}: ${what}`,
      PATIENCE_MS,
    ).catch(async (cause: unknown) => {
      const last = (await journal.read(id)).slice(-12)
      const ends = last.map(({ at, event }) => `${at.slice(11, 23)} ${event.type}`)
      const waited = `it is ${new Date().toISOString().slice(11, 23)}`
      throw new Error(`it ends with ${ends.join(', ')}; ${waited}`, { cause })
    })
  }

  async function tell(to: ReplicaProcess, id: string | null, intent: Intent, by = 'U0ANA') {
    const place = { channel: 'C0INCIDENTS', thread: null }
    const received = { delivery: delivery(), by, place, card: null, intent }
    const receipt = await pressed(to, id, received)
    if (receipt.kind !== 'received') throw new Error(JSON.stringify(receipt))
    return receipt.incident
  }

  /** As people do who are told that it could not be written down: once more. */
  async function pressed(to: ReplicaProcess, id: string | null, received: ReceivedIntent) {
    return until(
      async () => {
        const receipt = await to.receive(id, received)
        const isAway = receipt.kind === 'refused' && receipt.reason === 'journal-unavailable'
        return receipt.kind !== 'failed' && !isAway && receipt
      },
      'a press to be written down',
      PATIENCE_MS,
    )
  }

  async function declared(): Promise<string> {
    const id = await tell(other, null, { kind: 'assess', symptoms: [] })
    await is(id, 'assessed', ({ assessment }) => assessment !== null)
    await tell(one, id, { kind: 'declare' })
    await is(id, 'declared', (incident) => incident.declared !== null)
    return id
  }

  /** A plan that one person has signed, and another one is about to. */
  async function signedOnce() {
    const id = await declared()
    await tell(other, id, { kind: 'plan', request: { kind: 'kubernetes', toVersion: null } })
    const { plans } = await is(id, 'planned', (incident) => canBeSigned(incident))
    const approve = { kind: 'approve', plan: 1, digest: plans[0]?.plan?.digest ?? '' } as const
    await tell(one, id, approve, 'U0BO')
    await is(id, 'signed once', (incident) => incident.plans[0]?.approvals.length === 1)
    return { id, signAt: (to: ReplicaProcess) => tell(to, id, approve, 'U0CY') }
  }

  /** The second signature, and what follows: by one of them, or by one after the other. */
  async function trial(moment: Moment | null, strike: Strike = freezing): Promise<Trial> {
    replicas.begin()
    const watched = watchRun({ one, other }, moment, strike)
    replicas.gate(watched.gate)
    const before = postedTwice()
    const { id, signAt } = await signedOnce()
    // The one that does not act stays awake, and acknowledges it.
    // Where the lease has changed hands since, it is the frozen one, which answers when it is awake again.
    const signed = signAt(watched.arm(id) === 'one' ? other : one)
    const isOver = ({ plans }: Incident) => plans[0]?.run?.ended != null
    const over = is(id, 'carried out', isOver).then(() => null)
    const frozen = await Promise.race([watched.frozen, over])
    if (frozen) await afterwards(frozen.pid, over)
    await over
    const ended = await read(id)
    const struck = await watched.disarm()
    watched.letGo()
    if (struck) {
      process.kill(struck.pid, 'SIGCONT')
      await tell(struck, id, { kind: 'take-lead' })
    }
    await signed
    await tell(one, id, { kind: 'close' }, 'U0BO')
    await is(id, 'closed', ({ closed }) => closed !== null)
    const types = (await journal.read(id)).map(({ event }) => event.type)
    return {
      ...watched.found(),
      written: watched.written.toSorted(),
      runs: await replicas.running(),
      outcome: ended.plans[0]?.run?.ended?.outcome,
      started: types.filter((type) => type === 'run-started').length,
      twice: postedTwice() - before,
    }
  }

  /** Two leases, and until nothing is left to do. */
  async function afterwards(pid: number, over: Promise<null>): Promise<void> {
    const atLeast = performance.now() + 2 * leaseMs
    try {
      await over
      await until(() => performance.now() > atLeast, 'two leases', 3 * leaseMs)
    } catch (error) {
      process.kill(pid, 'SIGCONT')
      throw error
    }
  }

  function postedTwice(): number {
    return slack.messages.length - new Set(slack.messages.map(({ key }) => key)).size
  }

  /** Clicks until one is told to stop; which of them were acknowledged. */
  function clicksOn(to: ReplicaProcess, id: string) {
    const acknowledged: string[] = []
    let isOver = false
    const goesOn = () => !isOver
    async function click(): Promise<void> {
      const place = { channel: 'C0INCIDENTS', thread: null }
      while (goesOn()) {
        const mine = delivery()
        const intent = { kind: 'take-lead' } as const
        const received = { delivery: mine, by: 'U0BO', place, card: null, intent }
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { kind } = await to.receive(id, received)
        if (kind === 'received' || kind === 'duplicate') acknowledged.push(mine)
        // oxlint-disable-next-line no-await-in-loop -- as above
        await sleep(50)
      }
    }
    const clicked = click()
    return {
      async stop() {
        isOver = true
        await clicked
        return acknowledged
      },
    }
  }

  /** Every delivery that is durable. */
  async function durable(): Promise<readonly string[]> {
    return (await journal.receivedUnder(prefix, 10_000)).map((received) => received.delivery)
  }

  return { trial, clicksOn, durable }
}

function canBeSigned({ plans }: Incident): boolean {
  return plans[0]?.plan != null && plans[0].approvals.length === 0
}
