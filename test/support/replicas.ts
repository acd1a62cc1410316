import { Fault } from '../../src/domain/base/fault.ts'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { JournalServer } from '../../src/adapters/postgres/server.ts'
import { lend } from '../../src/compose/demo/lent-world.ts'
import type { AssessSettings } from '../../src/domain/assessment/settings.ts'
import type { ReceivedIntent } from '../../src/domain/incident/intent.ts'
import type { World } from '../../src/ports/world.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { outward, type Call } from '../faults/outward.ts'
import { reap, spare } from '../servers/reaper.ts'
import { dataFolder } from './bot.ts'
import { memorySlack } from './memory-slack.ts'
import { replicaConfig, type FromReplica } from './replica-messages.ts'

/** A rollout of eight seconds takes half a second. */
const FASTER = 16

export type Name = 'one' | 'other'
type Receipt = Extract<FromReplica, { told: number }>['receipt']

export type ReplicaProcess = {
  readonly name: Name
  readonly pid: number
  /** As Slack delivers it to this one. */
  readonly receive: (incident: string | null, received: ReceivedIntent) => Promise<Receipt>
}

/** Stands before production for one of the processes: makes a call, or not, or later. */
export type Gate = (by: Name, call: Call, make: () => Promise<unknown>) => Promise<unknown>

export type Replicas = AsyncDisposable & {
  readonly one: ReplicaProcess
  readonly other: ReplicaProcess
  readonly slack: ReturnType<typeof memorySlack>
  /** What runs now. */
  readonly running: () => Promise<string>
  /** A production in which nothing was done yet. */
  readonly begin: () => void
  /** From now on this stands in the way of every call to production. */
  readonly gate: (gate: Gate) => void
}

const straight: Gate = (_by, _call, make) => make()

/** Two processes on one journal, with one production and one Slack: what their journal tells of stands there. */
export async function startReplicas(
  server: JournalServer,
  leaseMs: number,
  slack = memorySlack(),
): Promise<Replicas> {
  const data = dataFolder()
  const { assess: settings } = replicaConfig(data)
  let gate = straight
  let sandbox = newSandbox(settings)
  const children: ChildProcess[] = []

  async function start(name: Name): Promise<ReplicaProcess> {
    const args = [JSON.stringify(server), name, String(leaseMs), data]
    const child = fork(join(import.meta.dirname, 'replica-process.ts'), args, {
      serialization: 'advanced',
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    })
    const pid = child.pid ?? 0
    children.push(child)
    reap({ pid })
    child.once('exit', () => spare({ pid }))
    // That it has ended meanwhile is seen by its end.
    const say = (message: object) => void (child.connected && child.send(message, () => {}))
    const { world: ways = (inner: World) => inner } = outward((call, make) =>
      gate(name, call, make),
    )
    const answer = lend(
      asItIs(() => ways(sandbox.world)),
      say,
    )
    const ready = Promise.withResolvers<void>()
    const receipts = new Map<number, (receipt: Receipt) => void>()
    child.once('exit', () => ready.reject(new Error(`${name} has ended`)))
    child.on('message', (message: FromReplica) => {
      if ('ready' in message) ready.resolve()
      else if ('receipt' in message) receipts.get(message.told)?.(message.receipt)
      else if ('slack' in message) void passOn(message, say)
      else answer(message)
    })
    await ready.promise
    return {
      name,
      pid,
      receive(incident, received) {
        const told = receipts.size + 1
        const { promise, resolve } = Promise.withResolvers<Receipt>()
        receipts.set(told, resolve)
        say({ told, incident, received })
        return promise
      },
    }
  }

  async function passOn(
    { slack: id, method, args }: Extract<FromReplica, { slack: number }>,
    say: (message: object) => void,
  ): Promise<void> {
    const run: unknown = Reflect.get(slack.conversations, method)
    if (typeof run !== 'function') throw new TypeError(`there is no ${method}`)
    try {
      say({ slackAnswer: id, value: await Reflect.apply(run, slack.conversations, args) })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { kind, detail, code } = error
      say({ slackAnswer: id, fault: { kind, detail, code } })
    }
  }

  async function stop(): Promise<void> {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await once(child, 'exit')
    }
  }

  try {
    const one = await start('one')
    return {
      one,
      other: await start('other'),
      slack,
      async running() {
        const { signal } = new AbortController()
        const found = await sandbox.world.deployments?.releases(['backend', 'frontend'], signal)
        return (found ?? []).map(({ current }) => current?.images[0]?.split(':')[1]).join()
      },
      begin() {
        gate = straight
        sandbox = newSandbox(settings)
      },
      gate(next) {
        gate = next
      },
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function newSandbox(settings: AssessSettings) {
  const beganMs = Date.now()
  const clock = { now: () => beganMs + (Date.now() - beganMs) * FASTER }
  return sandboxWorld({ scenario: 'errors-62', clock, settings, slowestMs: 0 })
}

/** Whatever production is there when it is asked. */
function asItIs(current: () => World): World {
  return new Proxy({} as World, { get: (_target, port) => Reflect.get(current(), port) })
}
