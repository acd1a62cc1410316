import { MongoServerError } from 'mongodb'
import type { DataServer } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { plain } from './listing.ts'
import { lackingOf, RIGHTS } from './rights.ts'
import { BuildInfo, Commands, ConnectionStatus, Disk, HelloOfSet } from './schema.ts'

const unauthorized = 13

export type Facts = {
  readonly version: string
  /** Whether it is MongoDB itself, which keeps to MongoDB's manual. */
  readonly isMongodb: boolean
  readonly topology: DataServer['topology']
  readonly setName: string | null
  /** Of the server. */
  readonly now: Date
}

export async function factsOf({ client, signal }: Used): Promise<Facts> {
  const admin = client.db('admin')
  const [hello, build] = await Promise.all([
    admin.command({ hello: 1 }, { signal }),
    admin.command({ buildInfo: 1 }, { signal }),
  ])
  const { version, ferretdbVersion } = plain(BuildInfo, build, 'buildInfo')
  const { setName = null, msg } = plain(HelloOfSet.omit({ localTime: true }), hello, 'hello')
  const topology = msg === 'isdbgrid' ? 'sharded' : setName === null ? 'standalone' : 'replica-set'
  const { localTime: now } = HelloOfSet.pick({ localTime: true }).parse(hello)
  return { version, isMongodb: ferretdbVersion === undefined, topology, setName, now }
}

/** https://www.mongodb.com/docs/manual/release-notes/6.0/ brought the fence, and writes that name a UUID. */
export function isAtLeast6({ version, isMongodb }: Facts): boolean {
  return isMongodb && Number.parseInt(version, 10) >= 6
}

export async function serverOf(
  used: Used,
  { database, where }: { readonly database: string; readonly where: string },
): Promise<DataServer> {
  const facts = await factsOf(used)
  const fence = await fenceOf(used, facts)
  const set = facts.setName === null ? '' : ` (${facts.setName})`
  return {
    version: facts.version,
    database,
    identity: `${where.split(', ').toSorted().join(', ')}${set}`,
    topology: facts.topology,
    fence,
    lacks: await lacksOf(used, { database, fence }),
  }
}

export async function freeBytesOf(
  { client, signal }: Used,
  database: string,
): Promise<number | null> {
  const answer = await client.db(database).command({ dbStats: 1 }, { signal })
  const { fsTotalSize: total, fsUsedSize: taken } = plain(Disk, answer, 'dbStats')
  return total === undefined || taken === undefined ? null : Math.max(0, total - taken)
}

async function fenceOf({ client, signal }: Used, facts: Facts): Promise<DataServer['fence']> {
  if (facts.topology !== 'replica-set' || !isAtLeast6(facts)) return 'none'
  const answer = await client.db('admin').command({ listCommands: 1 }, { signal })
  const { commands } = plain(Commands, answer, 'listCommands')
  return 'setUserWriteBlockMode' in commands ? 'offered' : 'none'
}

async function lacksOf(
  { client, signal }: Used,
  wanted: { readonly database: string; readonly fence: DataServer['fence'] },
): Promise<DataServer['lacks']> {
  const asked = { connectionStatus: 1, showPrivileges: true }
  const answer = await client.db('admin').command(asked, { signal })
  const { authInfo } = plain(ConnectionStatus, answer, 'connectionStatus')
  const { authenticatedUsers: users, authenticatedUserPrivileges: privileges } = authInfo
  if (privileges === undefined) return null
  if (users.length > 0) return lackingOf(privileges, wanted)
  // Nobody is logged in: either nobody has to be, or nothing is allowed.
  try {
    await client.db(wanted.database).listCollections({}, { nameOnly: true, signal }).toArray()
    return []
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw error
    return RIGHTS.map(({ action }) => action)
  }
}
