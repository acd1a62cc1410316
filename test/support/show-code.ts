import { openPostgresSecondFactor } from '../../src/adapters/postgres/second-factor.ts'
import { databaseAddress } from '../../src/config/database-address.ts'
import { storeAt, storeOver } from './second-factor.ts'

/** Shows one code to the store that others have open too, in a folder or on a server, and prints what came of it. */
const [where = '', user = '', code = '', nowMs = ''] = process.argv.slice(2)
const clock = { nowMs: Number(nowMs) }
const store = where.startsWith('postgres')
  ? await storeOver(await openPostgresSecondFactor({ ...databaseAddress(where), tls: null }), clock)
  : await storeAt(where, clock)
const { kind } = await store.use(user, code)
await store.close()
process.stdout.write(kind)
