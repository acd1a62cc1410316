// In a container beside what it leads to, on any system's Node: node name-proxy.mjs NAME PORT. It does what nginx does by default
// with a `resolver`: the name is asked for anew, and where one address breaks off before it answers, the next one is asked.
import { Resolver } from 'node:dns/promises'
import { createServer, request } from 'node:http'

const [name = '', port = '8080'] = process.argv.slice(2)
const KNOWN_FOR_MS = 100
const resolver = new Resolver({ timeout: 1_000, tries: 2 })

let known = { atMs: -Infinity, addresses: Promise.resolve([]) }
const addressesNow = () => {
  const atMs = performance.now()
  if (atMs - known.atMs >= KNOWN_FOR_MS) known = { atMs, addresses: resolver.resolve4(name) }
  return known.addresses
}

let turn = 0
let askedAnother = 0
const asked = (host, path) =>
  new Promise((resolve, reject) => {
    const onward = request({ host, port, path, agent: false, timeout: 2_000 })
    onward.on('response', (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () => resolve({ status: answer.statusCode, body: Buffer.concat(chunks) }))
      answer.on('error', reject)
    })
    onward.on('timeout', () => onward.destroy(new Error('no answer')))
    onward.on('error', reject)
    onward.end()
  })

const answered = async (path) => {
  const addresses = await addressesNow().catch(() => [])
  turn += 1
  const first = turn % addresses.length
  for (const host of [...addresses.slice(first), ...addresses.slice(0, first)]) {
    const answer = await asked(host, path).catch(() => null)
    if (answer) return answer
    askedAnother += 1
  }
  return { status: 502, body: '' }
}

createServer((incoming, outgoing) => {
  if (incoming.url === '/asked-another') {
    outgoing.end(String(askedAnother))
    return
  }
  void answered(incoming.url).then(({ status, body }) => outgoing.writeHead(status).end(body))
}).listen(8080)
