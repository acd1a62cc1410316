import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'

/** Long enough for a machine with other work; far shorter than any deadline an adapter has itself. */
const afterAbortMs = 250
const patienceMs = 5_000

export const patience = (): AbortSignal => AbortSignal.timeout(patienceMs)

export async function faultOf(asked: Promise<unknown>): Promise<Fault> {
  const outcome = await asked.then(
    (value) => new Error(`expected a Fault, and it answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  if (outcome instanceof Fault) return outcome
  throw outcome
}

/** Accepts connections and whatever is sent, and never says a word. */
export async function silentServer(): Promise<{ readonly host: string; readonly port: number }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { host: '127.0.0.1', port: portOf(server.address()) }
}

/** A port that was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server.address())
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not a TCP server')
  return address.port
}

/** What any part of the world may do to us: be gone, or say nothing. */
export type Outside<Port> = {
  readonly refusing: () => Promise<Port>
  readonly silent: () => Promise<Port>
}

/** The promises every port makes when there is no answer. Each question is one of the port's calls. */
export function outsideContract<Port>(
  outside: Outside<Port>,
  questions: Readonly<Record<string, (port: Port, signal: AbortSignal) => Promise<unknown>>>,
): void {
  for (const [name, ask] of Object.entries(questions)) {
    test(`${name} says that the connection was refused`, async () => {
      const fault = await faultOf(ask(await outside.refusing(), patience()))
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
      expect(fault.detail).toContain('connection refused')
    })

    test(`${name} ends with the signal when nothing is ever answered`, async () => {
      const port = await outside.silent()
      const giveUp = new AbortController()
      const asked = faultOf(ask(port, giveUp.signal))
      await new Promise((resolve) => setTimeout(resolve, 50))
      const abortedMs = performance.now()
      giveUp.abort()
      const fault = await asked
      expect(performance.now() - abortedMs).toBeLessThan(afterAbortMs)
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
      expect(fault.detail).toContain('did not answer in time')
    })

    test(`${name} is not asked at all with a signal that is over`, async () => {
      const fault = await faultOf(ask(await outside.silent(), AbortSignal.abort()))
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    })
  }
}
