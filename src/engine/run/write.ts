import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import { writeContext, type Carried } from './carried.ts'
import type { Application, WriteContext } from './step.ts'

/** Whether somebody has stopped the run is asked so often while a write goes on. */
const ASK_MS = 1_000

/** What is written down of a long write: at most so often, and ever more seldom the longer it takes. */
const FIRST_REPORT_MS = 2_000
const REPORTS_OF_ITS_TIME = 50

/** One write, however long it takes: how far it is is written down, and a stop reaches it. */
export async function write(
  carried: Carried,
  state: PlanState,
  {
    apply,
    sendBeforeMs,
    clock,
    sleep,
  }: {
    readonly apply: (context: WriteContext) => Promise<Application>
    readonly sendBeforeMs: number
    readonly clock: Clock
    readonly sleep: Sleep
  },
): Promise<Application> {
  const { step, record, stopped } = carried
  const over = new AbortController()
  const interruption = new AbortController()
  const startedMs = clock.now()
  let nextMs = startedMs + FIRST_REPORT_MS
  let told = Promise.resolve()

  async function watchForStop(): Promise<void> {
    const waiting = AbortSignal.any([over.signal, stopped])
    while (!waiting.aborted) {
      await sleep(ASK_MS, waiting)
      const turn = await record.turn()
      if (!turn || turn.run.abort) return interruption.abort()
    }
  }

  const report: WriteContext['report'] = (says, progress) => {
    const now = clock.now()
    if (now < nextMs) return
    nextMs = now + Math.max(FIRST_REPORT_MS, (now - startedMs) / REPORTS_OF_ITS_TIME)
    told = told.then(() => record.progress(says, progress))
    // Where it cannot be written down, neither can the result: that is told then.
    told.catch(() => undefined)
  }

  const watching = step.onAbort === 'interrupt' ? watchForStop() : Promise.resolve()
  // A journal that cannot be read ends the step by itself.
  watching.catch(() => interruption.abort())
  try {
    const context = writeContext(carried, state)
    return await apply({
      ...context,
      sendBeforeMs,
      report,
      interrupted: interruption.signal,
    })
  } finally {
    over.abort()
    await Promise.allSettled([watching, told])
  }
}
