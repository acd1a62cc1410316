import { startDocker } from '../servers/docker/engine.ts'
import { appImage } from '../support/docker.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'
import { outageOf, published, publishedAlone } from './container-outage.ts'
import { ratioWithin, type Outcome } from './outcome.ts'

const PAIRS = 7
const MOST_OF_BASELINE = 0.95

/**
 * How long nobody answers at the published port while one image takes the place of another that is on the host already: ours,
 * and the runbook's order. That one goes by the Engine's API, without the start of a command for each step.
 */
export const containerSwap = async (): Promise<readonly Outcome[]> => {
  await using engine = await startDocker()
  const good = await appImage(engine, { name: 'shop/app', version: 'v1' })
  const bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  const containers = containersAt(engine.socketPath)
  let runs = 0
  const ours = async (): Promise<number> => {
    const url = await publishedAlone(engine, bad)
    const input = await swapTo(containers, good)
    runs += 1
    const { outageMs } = await outageOf(url, 'v1', async () => {
      const said = await carryOutSwap(containers, input, `bench/plan-${runs}`)
      if (!said.startsWith('verified')) throw new Error(said)
    })
    return outageMs
  }
  const theirs = async (): Promise<number> => {
    const url = await publishedAlone(engine, bad)
    const { outageMs } = await outageOf(url, 'v1', async () => {
      await engine.must('POST', '/containers/app/stop')
      await engine.must('DELETE', '/containers/app')
      await published(engine, good, Number(new URL(url).port))
    })
    return outageMs
  }
  const found = await ratioWithin({
    what: 'outage of a container that publishes a port, image local, to stop, rm, run',
    gate: MOST_OF_BASELINE,
    pairs: PAIRS,
    sides: { subject: ours, baseline: theirs },
  })
  containers.close()
  return [found]
}
