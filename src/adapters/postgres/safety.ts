import { Fault } from '../../domain/base/fault.ts'
import type { Session } from './connections.ts'

/** Refuses a server that cannot keep a journal. */
export async function refuseUnsafe(session: Session): Promise<void> {
  const [found] = await session.ask(
    `SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync`,
  )
  const { encoding, fsync } = found ?? {}
  if (encoding !== 'UTF8') {
    throw unsafe(session, `its encoding is ${String(encoding)}; make a database with UTF8`)
  }
  if (fsync !== 'on') {
    throw unsafe(session, 'fsync is off there, so that what is written is lost with its machine')
  }
}

function unsafe({ at }: Session, why: string): Fault {
  return new Fault({
    kind: 'terminal',
    dependency: 'journal',
    detail: `the journal on ${at}: ${why}`,
  })
}
