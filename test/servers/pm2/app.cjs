// What pm2 runs in tests: writes down with what it was started, and stays until it is ended.
const { writeFileSync } = require('node:fs')
const { createServer } = require('node:http')

writeFileSync(`${process.env.SEEN}-${process.env.pm_id}.json`, JSON.stringify(process.env))
createServer((_, response) => response.end()).listen(0, '127.0.0.1')
// Nobody is left who would end it.
const parent = process.ppid
if (process.env.STAYS) {
  // It ends when it is killed, and not when it is asked to.
  process.on('SIGINT', () => undefined)
  setInterval(() => process.ppid === parent || process.exit(), 500)
} else process.on('disconnect', () => process.exit())
