import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { requireBinary } from '../servers/find.ts'
import { startDocker } from '../servers/docker/engine.ts'
import { appPort } from '../servers/docker/images.ts'
import { appImage } from '../support/docker.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'
import { findsAtOnce, outageOf, published, publishedAlone } from './container-outage.ts'
import { ratioReported, ratioWithin, type Outcome } from './outcome.ts'

const PAIRS = 15
const MOST_OF_BASELINE = 0.95

const WHAT = 'outage of a container that publishes a port, image local'
const AT_ONCE = 'where the host finds the new one at once'

const execute = promisify(execFile)

/**
 * How long nobody answers at the published port while one image takes the place of another that is on the host already: ours,
 * and the runbook's order, as a person types it in one line (P5b). Beside it the same order by the Engine's API, without the start
 * of a command for each step: nobody works like that, and it tells what of ours stands in the gap. Each of them twice: as it is, and
 * without the second in which the kernel of the host does not ask again where the new container is.
 */
export const containerSwap = async (): Promise<readonly Outcome[]> => {
  await using engine = await startDocker()
  const good = await appImage(engine, { name: 'shop/app', version: 'v1' })
  const bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  const containers = containersAt(engine.socketPath)
  const image = good.digest ?? good.reference
  let runs = 0

  const ours = async (): Promise<() => Promise<void>> => {
    const input = await swapTo(containers, good)
    runs += 1
    return async () => {
      const said = await carryOutSwap(containers, input, `bench/plan-${runs}`)
      if (!said.startsWith('verified')) throw new Error(said)
    }
  }
  /** With the command warm on the disk. */
  const typed = async (port: number): Promise<void> => {
    const docker = requireBinary('docker', 'docker')
    const at = `127.0.0.1:${port}:${appPort}`
    const line =
      '"$0" stop app && "$0" rm app && "$0" run -d --name app --network apps -p "$1" "$2"'
    const env = { DOCKER_HOST: engine.host }
    await execute('sh', ['-c', line, docker, at, image], { env })
  }
  const byApi = async (port: number): Promise<void> => {
    await engine.must('POST', '/containers/app/stop')
    await engine.must('DELETE', '/containers/app')
    await published(engine, good, port)
  }
  const sides = (runbook: (port: number) => Promise<void>, before: () => Promise<void>) => {
    const outage = async (prepare: (port: number) => Promise<() => Promise<void>>) => {
      const url = await publishedAlone(engine, bad)
      await before()
      const work = await prepare(Number(new URL(url).port))
      return (await outageOf(url, 'v1', work)).outageMs
    }
    return {
      subject: () => outage(ours),
      baseline: () => outage(async (port) => () => runbook(port)),
    }
  }

  const asItIs = async () => undefined
  const atOnce = () => findsAtOnce(engine)
  const gated = { gate: MOST_OF_BASELINE, pairs: PAIRS }
  const outcomes = [
    await ratioWithin({
      ...gated,
      what: `${WHAT}, to stop, rm, run`,
      sides: sides(typed, asItIs),
    }),
    await ratioWithin({
      ...gated,
      what: `${WHAT}, to stop, rm, run, ${AT_ONCE}`,
      sides: sides(typed, atOnce),
    }),
    await ratioReported({
      pairs: PAIRS,
      what: `${WHAT}, to the same by the API`,
      sides: sides(byApi, asItIs),
    }),
    await ratioReported({
      pairs: PAIRS,
      what: `${WHAT}, to the same by the API, ${AT_ONCE}`,
      sides: sides(byApi, atOnce),
    }),
  ]
  containers.close()
  return outcomes
}
