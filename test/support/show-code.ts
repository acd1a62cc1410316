import { storeAt } from './second-factor.ts'

/** Shows one code to the store that others have open too, and prints what came of it. */
const [folder = '', user = '', code = '', nowMs = ''] = process.argv.slice(2)
const store = storeAt(folder, { nowMs: Number(nowMs) })
const { kind } = await store.use(user, code)
store.close()
process.stdout.write(kind)
