import { startDocker } from '../servers/docker/engine.ts'
import { appImage } from '../support/docker.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'
import { findsAtOnce, outageOf, published, publishedAlone } from './container-outage.ts'
import { ratioWithin, type Outcome } from './outcome.ts'

const PAIRS = 15
const MOST_OF_BASELINE = 0.95

const WHAT = 'outage of a container that publishes a port, image local, to stop, rm, run'

/**
 * How long nobody answers at the published port while one image takes the place of another that is on the host already: ours,
 * and the runbook's order. That one goes by the Engine's API, without the start of a command for each step. Twice: as it is, and
 * without the second in which the kernel of the host does not ask again where the new container is.
 */
export const containerSwap = async (): Promise<readonly Outcome[]> => {
  await using engine = await startDocker()
  const good = await appImage(engine, { name: 'shop/app', version: 'v1' })
  const bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  const containers = containersAt(engine.socketPath)
  let runs = 0
  const sides = (before: () => Promise<void>) => ({
    subject: async (): Promise<number> => {
      const url = await publishedAlone(engine, bad)
      await before()
      const input = await swapTo(containers, good)
      runs += 1
      const { outageMs } = await outageOf(url, 'v1', async () => {
        const said = await carryOutSwap(containers, input, `bench/plan-${runs}`)
        if (!said.startsWith('verified')) throw new Error(said)
      })
      return outageMs
    },
    baseline: async (): Promise<number> => {
      const url = await publishedAlone(engine, bad)
      await before()
      const { outageMs } = await outageOf(url, 'v1', async () => {
        await engine.must('POST', '/containers/app/stop')
        await engine.must('DELETE', '/containers/app')
        await published(engine, good, Number(new URL(url).port))
      })
      return outageMs
    },
  })
  const asked = { gate: MOST_OF_BASELINE, pairs: PAIRS }
  const asItIs = await ratioWithin({ ...asked, what: WHAT, sides: sides(async () => undefined) })
  const atOnce = await ratioWithin({
    ...asked,
    what: `${WHAT}, where the host finds the new one at once`,
    sides: sides(() => findsAtOnce(engine)),
  })
  containers.close()
  return [asItIs, atOnce]
}
