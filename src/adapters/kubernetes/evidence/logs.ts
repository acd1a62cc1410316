import pMap from 'p-map'
import { setImmediate } from 'node:timers/promises'
import { Fault } from '../../../domain/base/fault.ts'
import { redactedLines, slicesOf } from '../../../domain/text/redacted-lines.ts'
import type { LogTail } from '../../../ports/workloads.ts'
import type { KubernetesClient } from '../client/client.ts'
import type { Pod } from '../read/schema.ts'

const mostPods = 10
const concurrency = 4
const mostBytes = 1024 * 1024
const longestLine = 2_000

type Log = { readonly pod: string; readonly container: string; readonly previous: boolean }

type Wanted = {
  /** Where the pods of the namespace are. */
  readonly path: string
  /** The Deployment's name. */
  readonly name: string
  readonly pods: readonly Pod[]
  readonly tail: number
  readonly sinceSeconds?: number
  readonly signal: AbortSignal
}

/** The end of every container's log. Where one cannot be had, its only line says why. */
export async function podLogs(client: KubernetesClient, wanted: Wanted): Promise<LogTail[]> {
  const pods = wanted.pods.toSorted((a, b) => urgency(b) - urgency(a))
  const left = pods.length - mostPods
  const tails = await pMap(
    pods.slice(0, mostPods).flatMap(logsOf),
    (log) => tailOf(client, log, wanted),
    { concurrency },
  )
  if (left <= 0) return tails
  const note = `[the logs of ${left} more ${left === 1 ? 'pod was' : 'pods were'} left out]`
  return [...tails, { source: `deployment/${wanted.name}`, lines: [note], isNote: true }]
}

/** Pods that are not ready are read first, then those that restarted. */
function urgency({ status: { containerStatuses } }: Pod): number {
  const ready = containerStatuses.length > 0 && containerStatuses.every((one) => one.ready)
  const restarted = containerStatuses.some((one) => one.restartCount > 0)
  return (ready ? 0 : 2) + (restarted ? 1 : 0)
}

/** A container that restarted and runs again has its last words in the log of the one before. */
function logsOf({ metadata, spec, status }: Pod): Log[] {
  const statuses = [...status.initContainerStatuses, ...status.containerStatuses]
  return [...spec.initContainers, ...spec.containers, ...spec.ephemeralContainers].flatMap(
    ({ name: container }) => {
      const now = { pod: metadata.name, container, previous: false }
      const state = statuses.find(({ name }) => name === container)
      const restarted = state !== undefined && state.restartCount > 0 && state.state.running
      return restarted ? [{ ...now, previous: true }, now] : [now]
    },
  )
}

async function tailOf(client: KubernetesClient, log: Log, wanted: Wanted): Promise<LogTail> {
  const { pod, container, previous } = log
  const { tail, sinceSeconds, signal } = wanted
  const source = `${pod}/${container}${previous ? ' before its restart' : ''}`
  const all = { container, previous, tailLines: tail, limitBytes: mostBytes }
  const query = sinceSeconds === undefined ? all : { ...all, sinceSeconds }
  const path = `${wanted.path}/${encodeURIComponent(pod)}/log`
  try {
    return { source, lines: await linesOf(await client.text(path, { signal, query }), tail) }
  } catch (error) {
    const concernsAll = signal.aborted || !(error instanceof Fault) || isRefusal(error)
    if (concernsAll) throw error
    return { source, lines: [`[no log: ${error.detail}]`], isNote: true }
  }
}

function isRefusal({ code }: Fault): boolean {
  return code === '401' || code === '403'
}

/** Redacted from its first line on, because a key may span lines. Others have their turn in between. */
export async function linesOf(text: string, tail: number): Promise<string[]> {
  const redacted = redactedLines()
  let shown = ''
  for (const slice of slicesOf(text)) {
    shown += redacted.push(slice)
    await setImmediate()
  }
  const lines = `${shown}${redacted.end()}`.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
    .slice(-tail)
    .map((line) => (line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`))
}
