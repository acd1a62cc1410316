import { Fault } from '../../../domain/base/fault.ts'
import type { LogTail } from '../../../ports/workloads.ts'
import type { DockerHost } from '../client/client.ts'
import { hostTimeMs, inspected, listed, nameOf } from '../read/ask.ts'
import { membersOf, type Member } from '../read/look.ts'
import type { DockerServices } from '../read/members.ts'
import { containerLog, unreadable } from './container-log.ts'
import { redactedText } from './redacted-text.ts'

const mostContainers = 10
const mostBytes = 8 * 1024 * 1024
const longestLine = 2_000
const deadlineMs = 30_000

type Wanted = {
  readonly tail: number
  readonly sinceSeconds?: number
  readonly signal: AbortSignal
}

/** The end of the log of everything that serves. Where one cannot be had, its only line says why. */
export async function logsAt(
  host: DockerHost,
  services: DockerServices,
  service: string,
  { tail, sinceSeconds, signal }: Wanted,
): Promise<readonly LogTail[]> {
  const [all, nowMs] = await Promise.all([
    listed(host, signal),
    sinceSeconds === undefined ? undefined : hostTimeMs(host, signal),
  ])
  const serving = membersOf(all, services, [service]).filter(
    ({ one, member }) => member.role === 'serving' && one.State !== 'created',
  )
  const sinceMs =
    nowMs === undefined || sinceSeconds === undefined ? undefined : nowMs - sinceSeconds * 1_000
  const shown = serving.slice(0, mostContainers)
  const tails = await Promise.all(
    shown.map((one) => tailOf(host, one, { tail, sinceMs, mostBytes, signal, deadlineMs })),
  )
  const left = serving.length - shown.length
  if (left <= 0) return tails.flat()
  const note = `[the logs of ${left} more ${left === 1 ? 'container was' : 'containers were'} left out]`
  return [...tails.flat(), { source: host.name, lines: [note], isNote: true }]
}

async function tailOf(
  host: DockerHost,
  { one }: Member,
  wanted: Parameters<typeof containerLog>[2],
): Promise<readonly LogTail[]> {
  const source = `${host.name}/${nameOf(one)}`
  const note = (line: string): LogTail => ({ source, lines: [`[${line}]`], isNote: true })
  const seen = await inspected(host, one.Id, wanted.signal)
  if (!seen) return []
  const why = unreadable(seen)
  if (why !== null) return [note(why)]
  try {
    await using log = await containerLog(host, seen, wanted)
    return [{ source, lines: await lastLines(redactedText(log.lines, log.isCut), wanted.tail) }]
  } catch (error) {
    if (wanted.signal.aborted || !(error instanceof Fault)) throw error
    return [note(`no log: ${error.detail}`)]
  }
}

async function lastLines(parts: AsyncIterable<string>, tail: number): Promise<readonly string[]> {
  let lines: string[] = []
  let begun = ''
  for await (const part of parts) {
    const [first = '', ...rest] = part.split('\n')
    const all = [begun + first, ...rest]
    begun = all.pop() ?? ''
    lines = [...lines, ...all].slice(-tail)
  }
  if (begun !== '') lines.push(begun)
  return lines
    .slice(-tail)
    .map((line) => line.replace(/\r$/, ''))
    .map((line) => (line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`))
}
