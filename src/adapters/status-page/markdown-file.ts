import { jsonOf } from '../../domain/base/json-of.ts'
import { z } from 'zod'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { unrendered } from '../../domain/text/unrendered.ts'
import type { StatusUpdate } from '../../ports/status-pages.ts'

/** One incident as it stands in a file: what is known of it, and everything below that. */
export type MarkdownFile = {
  readonly started: string
  readonly posts: readonly string[]
  /** Lines of the front matter that are not ours: somebody has put them there. */
  readonly others: readonly string[]
  readonly below: string
}

const FENCE = '---'

const OURS = [
  'title',
  'incident',
  'status',
  'impact',
  'started',
  'updated',
  'resolved',
  'components',
  'backout',
] as const

const Started = z.iso.datetime()
const Marks = z.object({ posts: z.array(z.string()) })

/** `null`: it is no file that this program has written. */
export function readMarkdown(text: string): MarkdownFile | null {
  const lines = text.split('\n')
  const end = lines.indexOf(FENCE, 1)
  if (lines[0] !== FENCE || end < 0) return null
  const front = lines.slice(1, end)
  const marks = Marks.safeParse(valueIn(front, 'backout'))
  const started = Started.safeParse(valueIn(front, 'started'))
  if (!marks.success || !started.success) return null
  return {
    started: started.data,
    posts: marks.data.posts,
    others: front.filter((line) => !OURS.some((name) => line.startsWith(`${name}:`))),
    below: lines.slice(end + 1).join('\n'),
  }
}

function valueIn(front: readonly string[], name: (typeof OURS)[number]): unknown {
  const line = front.find((one) => one.startsWith(`${name}: `))
  return line === undefined ? undefined : jsonOf(line.slice(name.length + 2))
}

/**
 * The file with one more update, the newest first. Each value of the front matter is JSON, which is YAML
 * too: nothing that anybody typed can begin a line of it.
 */
export function withUpdate(before: MarkdownFile | null, update: StatusUpdate, at: string): string {
  const { incident, key, status, impact, components } = update
  const values: Record<(typeof OURS)[number], unknown> = {
    title: unrendered(update.title),
    incident,
    status,
    impact,
    started: before?.started ?? at,
    updated: at,
    resolved: status === 'resolved' ? at : null,
    components,
    backout: { posts: [...(before?.posts ?? []), key] },
  }
  return [
    FENCE,
    ...OURS.map((name) => `${name}: ${JSON.stringify(values[name])}`),
    ...(before?.others ?? []),
    FENCE,
    '',
    `## ${HEADINGS[status]}, ${utcDayAndTime(at)}`,
    '',
    inMarkdown(update.body),
    before ? before.below : '',
  ].join('\n')
}

const HEADINGS: Readonly<Record<StatusUpdate['status'], string>> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
}

/** Lines stay lines: two blanks at the end of one are a line break. */
function inMarkdown(body: string): string {
  return unrendered(body)
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : `${line.trimEnd()}  `))
    .join('\n')
    .trimEnd()
}
