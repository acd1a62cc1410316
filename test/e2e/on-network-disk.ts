// node --import=…/on-network-disk.ts: whatever file system stands there, it is of the type STATFS_TYPE.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const statfsSync = fs.statfsSync.bind(fs)
const type = Number(process.env['STATFS_TYPE'])

fs.statfsSync = ((path: string) =>
  Object.assign(statfsSync(path), { type })) as typeof fs.statfsSync
syncBuiltinESMExports()
