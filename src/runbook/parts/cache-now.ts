import { Fault } from '../../domain/base/fault.ts'
import type { Circumstances } from '../procedure.ts'

type Asked = Pick<Circumstances, 'world' | 'signal'>

/** Why it could not be cleared now; `null` when nothing stands in its way. */
export async function whyNotNow({ world, signal }: Asked): Promise<string | null> {
  try {
    const status = await world.cache?.status(signal)
    return status?.role === 'replica' ? 'Redis is a replica, and takes no writes' : null
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return `Redis: ${error.detail}`
  }
}

/** What people should know of it, where the clearing is beside a larger plan. */
export async function cacheCautions(asked: Asked): Promise<readonly string[]> {
  const why = await whyNotNow(asked)
  return why === null
    ? []
    : [
        `The cache cannot be cleared as things are (${why}). The rest does not wait for it; clear it afterwards: clear-cache.`,
      ]
}
