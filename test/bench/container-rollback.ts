import { startDocker } from '../servers/docker/engine.ts'
import { pullImage, pushImage } from '../servers/docker/images.ts'
import { startRegistry } from '../servers/docker/registry.ts'
import { freePort } from '../servers/spawn.ts'
import { appImage, withBytes } from '../support/docker.ts'
import { entry } from '../support/ledger.ts'
import { slowedDown } from '../support/slow-registry.ts'
import { outageOf, published, publishedAlone } from './container-outage.ts'
import { engineBot } from './engine-bot.ts'
import { judged, ms, type Outcome } from './outcome.ts'
import { compare, measurePairs, type Pair } from './pairs.ts'

/** Most of a minute each. */
const AMOUNT = { warmUp: 1, pairs: 5 }
const MOST_OUTAGE = 0.1
const MOST_WAY = 0.25

/** The longer a pull takes, the smaller is the ratio: ours has pulled before, and its outage is the same. */
const LAYER_BYTES = 13_000_000
const BYTES_PER_SECOND = 1_000_000
const LEAST_PULL_MS = 12_000

/**
 * The whole way back, with an image that the host has lost: how long nobody answers, and how long it takes from the last signature.
 * The runbook is its own order, begun at the same click, by the Engine's API and without the start of a command for each step.
 */
export const containerRollback = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const engine = resources.use(await startDocker())
  const registry = resources.use(await startRegistry())
  const slow = resources.use(await slowedDown(registry.port, BYTES_PER_SECOND))
  const name = `127.0.0.1:${slow.port}/shop/app`
  const bad = await appImage(engine, { name, version: 'v2' })
  const light = await appImage(engine, { name, version: 'v1' })
  const heavy = await withBytes(engine, light, LAYER_BYTES)
  const good = { ...heavy, digest: await pushImage(engine, registry, heavy) }
  const port = await freePort()
  const service = { name: 'app', url: `http://127.0.0.1:${port}` }
  const bot = resources.use(
    await engineBot(
      {
        docker: {
          hosts: { 'shop-1': { address: engine.host } },
          services: { app: { container: 'app' } },
        },
      },
      [service],
    ),
  )
  await bot.world.ledger?.put([entry({ service: 'app', host: 'shop-1', image: good })])
  const again = async (): Promise<string> => {
    const url = await publishedAlone(engine, bad, port)
    await engine.request('DELETE', `/images/${good.id}`, { query: { force: '1' } })
    const { status } = await engine.request('GET', `/images/${good.id}/json`)
    if (status !== 404) throw new Error('the image is still on the host')
    return url
  }
  const pulls: number[] = []
  const ways: Record<keyof Pair, number[]> = { subject: [], baseline: [] }
  const measured = await measurePairs(
    {
      subject: async () => {
        const url = await again()
        const sign = await bot.prepare({ kind: 'docker', toVersion: null })
        const { outageMs, tookMs } = await outageOf(url, 'v1', sign)
        ways.subject.push(tookMs)
        return outageMs
      },
      baseline: async () => {
        const url = await again()
        const { outageMs, tookMs } = await outageOf(url, 'v1', async () => {
          await engine.must('POST', '/containers/app/stop')
          await engine.must('DELETE', '/containers/app')
          const beganMs = performance.now()
          await pullImage(engine, registry, good.digest)
          pulls.push(performance.now() - beganMs)
          await published(engine, good, port)
        })
        ways.baseline.push(tookMs)
        return outageMs
      },
    },
    AMOUNT,
  )
  const quickest = Math.min(...pulls)
  if (quickest < LEAST_PULL_MS) throw new Error(`a pull took only ${ms(quickest)}`)
  const fromClick = ways.subject.map((subject, at) => ({
    subject,
    baseline: ways.baseline[at] ?? Number.NaN,
  }))
  const details = [`a pull takes ${ms(quickest)} at least`]
  return [
    judged({
      what: 'outage of a container whose image the host has lost, to stop, rm, pull, run',
      gate: MOST_OUTAGE,
      comparison: compare(measured),
      details,
    }),
    judged({
      what: 'last signature to the first answer of the version before, to the same begun at that click',
      gate: MOST_WAY,
      comparison: compare(fromClick.slice(AMOUNT.warmUp)),
      details,
    }),
  ]
}
