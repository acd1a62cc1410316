import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { withPatience } from './patience.ts'
import type { ToolRun } from './tool-run.ts'

export type Feed = {
  /** Takes as long as the tool takes. False: it is gone, and takes nothing any more. */
  give(bytes: Uint8Array): Promise<boolean>
  /** Nothing follows; waits until the tool has ended. */
  end(): Promise<{ readonly code: number | null }>
}

type Limits = {
  readonly tool: string
  readonly patienceMs: number
  /** 0: as fast as it goes. */
  readonly bytesPerSecond: number
  readonly signal: AbortSignal
}

/** What a tool is given, at its own pace or slower. */
export function feedOf(run: ToolRun, { bytesPerSecond, ...patience }: Limits): Feed {
  let given = 0
  const startedMs = performance.now()
  let gone = false
  const ended = run.ended.finally(() => {
    gone = true
  })
  ended.catch(() => undefined)

  async function slowed(): Promise<void> {
    if (bytesPerSecond <= 0) return
    const dueMs = startedMs + (given / bytesPerSecond) * 1_000
    const ms = dueMs - performance.now()
    if (ms > 1) await sleep(ms, undefined, { signal: patience.signal }).catch(() => undefined)
  }

  return {
    async give(bytes) {
      if (gone || bytes.length === 0) return !gone
      given += bytes.length
      if (!run.input.write(bytes)) {
        const drained = once(run.input, 'drain').catch(() => undefined)
        await withPatience(Promise.race([drained, ended]), patience)
      }
      await slowed()
      return !gone
    },
    async end() {
      run.input.end()
      return withPatience(ended, patience)
    },
  }
}
