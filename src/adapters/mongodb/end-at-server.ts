import type { MongoClient } from 'mongodb'
import { z } from 'zod'

/** Everybody may see and end what is their own. */
const Running = z.object({ opid: z.union([z.number(), z.string()]) })

const maxTimeMS = 2_000

/**
 * A signal that is over ends only our waiting. This ends the work itself, where the server lets us;
 * nobody waits for it, and a server that cannot is as it was.
 */
export function endAtServer(client: MongoClient, comment: string): void {
  const admin = client.db('admin')
  const end = async (): Promise<void> => {
    const ours = { $match: { 'command.comment': comment } }
    const running = await admin.aggregate([{ $currentOp: {} }, ours], { maxTimeMS }).toArray()
    for (const one of running) {
      const { opid } = Running.parse(one)
      await admin.command({ killOp: 1, op: opid, maxTimeMS })
    }
  }
  end().catch(() => undefined)
}
