import { z } from 'zod'
import { jsonOf } from '../../../domain/base/json-of.ts'
import type { PullProgress } from '../../../ports/containers.ts'

const Line = z.object({
  id: z.string().default(''),
  status: z.string().default(''),
  progressDetail: z
    .object({ current: z.number().default(0), total: z.number().default(0) })
    .nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string() }).optional(),
})

/** A line that is longer says nothing that is read. */
const longestLine = 64 * 1024

/** What the Engine tells while it pulls: a line of JSON for each turn of each layer. */
export function pullReader(): {
  /** How far it is after this; `null`: nothing has changed. */
  push(text: string): PullProgress | null
  /** Why it came to nothing: it is said in an answer that began as a success. */
  failed(): string | null
} {
  const layers = new Map<string, { done: number; total: number }>()
  let begun = ''
  let failure: string | null = null

  function read(text: string): boolean {
    const line = Line.safeParse(jsonOf(text)).data
    if (!line) return false
    failure = line.errorDetail?.message ?? line.error ?? failure
    const { id, status, progressDetail } = line
    const known = layers.get(id)
    if (status === 'Downloading' && progressDetail) {
      const total = Math.max(progressDetail.total, progressDetail.current)
      layers.set(id, { done: progressDetail.current, total })
      return true
    }
    if (known && /^(Download complete|Pull complete|Verifying Checksum)$/.test(status)) {
      known.done = known.total
      return true
    }
    return false
  }

  return {
    push(text) {
      const lines = (begun + text).split('\n')
      begun = (lines.pop() ?? '').slice(0, longestLine)
      const told = lines.filter(read)
      if (told.length === 0) return null
      const all = [...layers.values()]
      return {
        done: all.reduce((sum, { done }) => sum + done, 0),
        total: all.reduce((sum, { total }) => sum + total, 0),
      }
    },
    failed() {
      read(begun)
      begun = ''
      return failure
    },
  }
}
