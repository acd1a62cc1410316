import type { KnownBlock } from '@slack/types'
import type { View } from '../../domain/base/view.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { codeBlock, counted, cutPlain, insideCodeBlock, mrk, oneLine } from '../text/text.ts'

export type Tail = { readonly source: string; readonly lines: readonly string[] }

/** What one message may hold, and what each part of it takes beside the log lines, as JSON. */
const ROOM = 11_000
const AROUND_EACH = 250
/** Of one section, with its fences. */
const BLOCK_ROOM = 2900
/** Escaped it is five times as long, and has to fit into one section. */
const LONGEST_LINE = 500
const MOST_SOURCES = 12

/** The newest lines of every container, as many as one message holds. */
export function logsView(service: string, tails: readonly Tail[]): View {
  const name = oneLine(service, 80)
  const asked = tails.reduce((sum, { lines }) => sum + lines.length, 0)
  if (asked === 0) {
    const nothing =
      tails.length === 0
        ? `Nothing of ${name} runs, so there are no logs.`
        : `${name} has logged nothing, in ${counted(tails.length, 'container')}.`
    return view(nothing, [section(mrk`${nothing}`)])
  }
  const parts = fitted(tails.slice(0, MOST_SOURCES))
  const shown = parts.reduce((sum, { newest }) => sum + newest.length, 0)
  const missing = asked - shown
  const hidden = tails.length - parts.length
  return view(
    `The newest ${counted(shown, 'log line')} of ${name}, from ${counted(parts.length, 'container')}.${missing > 0 ? ` ${counted(missing, 'line')} did not fit.` : ''}`,
    [
      header(`Logs: ${name}`),
      ...parts.flatMap(blocksOf),
      ...(hidden > 0 ? [context(mrk`${counted(hidden, 'more container')} did not fit here.`)] : []),
    ],
  )
}

type Part = { readonly tail: Tail; readonly newest: readonly string[] }

/** Every container gets its share; what the short ones leave over goes to the long ones. */
function fitted(tails: readonly Tail[]): readonly Part[] {
  const shortFirst = tails
    .map((tail, index) => {
      const lines = tail.lines.map(shortened)
      return { tail, lines, index, size: sizeOf(lines) }
    })
    .toSorted((a, b) => a.size - b.size)
  let room = ROOM
  for (const { source } of tails) room -= JSON.stringify(named(source)).length + AROUND_EACH
  const parts: Part[] = []
  for (const [done, { tail, lines, index }] of shortFirst.entries()) {
    const newest = newestWithin(lines, Math.floor(room / (tails.length - done)))
    room -= sizeOf(newest)
    parts[index] = { tail, newest }
  }
  return parts
}

function newestWithin(lines: readonly string[], room: number): readonly string[] {
  const newest: string[] = []
  let left = room
  for (const line of lines.toReversed()) {
    left -= sizeOf([line])
    if (left < 0) break
    newest.push(line)
  }
  return newest.toReversed()
}

function shortened(line: string): string {
  return cutPlain(line, LONGEST_LINE).replace(/[\r\n]+/g, ' ')
}

/** As it travels: escaped for Slack, then for JSON, with its line break. */
function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + JSON.stringify(insideCodeBlock(line)).length, 0)
}

function named(source: string): string {
  return mrk`*${oneLine(source, 100)}*`.mrkdwn
}

function blocksOf({ tail, newest }: Part): KnownBlock[] {
  const all = tail.lines.length
  const count =
    newest.length === all
      ? counted(all, 'line')
      : `the newest ${newest.length} of ${counted(all, 'line')}, the older ${all - newest.length} did not fit`
  return [
    section(mrk`${{ mrkdwn: named(tail.source) }}: ${count}`),
    ...chunks(newest).map((chunk) => section(codeBlock(chunk))),
  ]
}

/** A code block must end in the section it began in. */
function chunks(lines: readonly string[]): readonly string[] {
  const joined: string[] = []
  let room = 0
  for (const line of lines) {
    const size = insideCodeBlock(line).length + 1
    const last = joined.at(-1)
    if (last === undefined || size > room) {
      joined.push(line)
      room = BLOCK_ROOM - size
    } else {
      joined[joined.length - 1] = `${last}\n${line}`
      room -= size
    }
  }
  return joined
}
