// node test/bench/compare-data-subject.ts <address>: how much processor time it takes, and how much more the large ones take.
import { mongodbCollections } from '../../src/adapters/mongodb/collections/collections.ts'

const [uri = ''] = process.argv.slice(2)
const collections = mongodbCollections({ uri, database: 'es' })
const { signal } = new AbortController()
const unheard = (): void => undefined

/** Of the processor: what else runs there is not ours. */
const timed = async <T>(ask: () => Promise<T>) => {
  const before = process.cpuUsage()
  const answer = await ask()
  const { user, system } = process.cpuUsage(before)
  return { answer, ms: (user + system) / 1_000 }
}
const pair = async (live: string, backup: string) => ({
  compared: await timed(() => collections.compare({ live, backup }, unheard, signal)),
  hashed: await timed(() => collections.contents(live, unheard, signal)),
})

/** In MB; the kernel's own mark of the highest moment. */
const peak = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6

await pair('few', 'fewOld')
const before = peak()
const { compared, hashed } = await pair('live', 'old')
console.log(
  JSON.stringify({
    comparedMs: compared.ms,
    hashedMs: hashed.ms,
    bytes: hashed.answer.bytes,
    grownMb: peak() - before,
    comparison: compared.answer,
  }),
)
await collections.close()
