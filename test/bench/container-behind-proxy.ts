import { Agent, request } from 'node:http'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { ImageId } from '../../src/ports/containers.ts'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { eventually } from '../servers/eventually.ts'
import { appImage } from '../support/docker.ts'
import { carryOutSwap, containersAt, swapTo } from '../support/swap-on-engine.ts'
import { exactly, reported, type Outcome } from './outcome.ts'

const SWAPS = 5
/** About a hundred a second, whether the ones before were answered or not. */
const EVERY_MS = 10

const network = 'apps'
const proxyScript = join(import.meta.dirname, 'name-proxy.mjs')

/**
 * How many requests fail while one image takes the place of another behind a proxy that finds it by its name in their network: ours,
 * and the runbook's order, which shows that this counts what fails.
 */
export const containerBehindProxy = async (): Promise<readonly Outcome[]> => {
  await using engine = await startDocker()
  const good = await appImage(engine, { name: 'shop/app', version: 'v1' })
  const bad = await appImage(engine, { name: 'shop/app', version: 'v2' })
  const containers = containersAt(engine.socketPath)
  const ours: Counted[] = []
  for (let swaps = 0; swaps < SWAPS; swaps += 1) {
    const url = await begun(engine, bad)
    const input = await swapTo(containers, good)
    ours.push(
      await loaded(url, async () => {
        const said = await carryOutSwap(containers, input, `bench/plan-${swaps}`)
        if (!said.startsWith('verified')) throw new Error(said)
      }),
    )
  }
  const theirs = await loaded(await begun(engine, bad), async () => {
    await engine.must('POST', '/containers/app/stop')
    await engine.must('DELETE', '/containers/app')
    await started(engine, good)
    await untilContainer(engine, 'app', { health: 'healthy' })
  })
  if (theirs.failed === 0)
    throw new Error('the runbook’s order failed no request: nothing was counted')
  containers.close()
  await emptyEngine(engine.socketPath)
  const sum = (of: (counted: Counted) => number) => ours.reduce((all, one) => all + of(one), 0)
  return [
    exactly({
      what: 'requests that failed while a container without published ports was swapped, behind a proxy',
      measured: sum(({ failed }) => failed),
      gate: 0,
      details: [
        `${SWAPS} swaps; ${sum(({ requests }) => requests)} requests, one each ${EVERY_MS} ms`,
        `the proxy asked another address ${sum(({ askedAnother }) => askedAnother)} times, as one broke off`,
      ],
    }),
    reported('the same with stop, rm, run', `${theirs.failed} of ${theirs.requests}`),
  ]
}

/** Only its own network leads to it: a bridge, on which this machine is too. */
const begun = async (engine: DockerEngine, image: ImageId): Promise<string> => {
  await emptyEngine(engine.socketPath)
  await started(engine, image)
  await untilContainer(engine, 'app', { health: 'healthy' })
  const node = dirname(process.execPath)
  const asItIs = ['/usr', '/lib', '/lib64', node].map((path) => `${path}:${path}:ro`)
  await runContainer(engine, {
    image: image.reference,
    name: 'proxy',
    more: {
      Healthcheck: { Test: ['NONE'] },
      Entrypoint: [process.execPath],
      Cmd: ['/name-proxy.mjs', 'app', '8080'],
      HostConfig: { NetworkMode: network, Binds: [...asItIs, `${proxyScript}:/name-proxy.mjs:ro`] },
    },
  })
  const seen = Placed.parse(await engine.must('GET', '/containers/proxy/json'))
  const url = `http://${seen.NetworkSettings.Networks[network]?.IPAddress}:8080`
  await eventually(
    () =>
      fetch(`${url}/version`).then(
        ({ ok }) => ok,
        () => false,
      ),
    (answers) => answers,
  )
  return url
}

const Placed = z.object({
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
  }),
})

const started = (engine: DockerEngine, image: ImageId) =>
  runContainer(engine, {
    image: image.reference,
    name: 'app',
    more: {
      HostConfig: { NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['app'] } } },
    },
  })

type Counted = {
  readonly requests: number
  readonly failed: number
  readonly askedAnother: number
}

/** A steady load while something is done, and for a second before and after it. */
const loaded = async (url: string, work: () => Promise<unknown>): Promise<Counted> => {
  const agent = new Agent({ keepAlive: true })
  const versions = new Map<string, number>()
  let failed = 0
  const underWay = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const one = asked(`${url}/version`, agent).then(
      (version) => void versions.set(version, (versions.get(version) ?? 0) + 1),
      () => void (failed += 1),
    )
    underWay.add(one)
    void one.finally(() => underWay.delete(one))
  }, EVERY_MS)
  await pause(1_000)
  await work()
  await pause(1_000)
  clearInterval(timer)
  await Promise.all(underWay)
  const answered = [...versions.values()].reduce((all, one) => all + one, 0)
  // Else nobody was asked before, or after.
  if (versions.size !== 2) throw new Error(`answered: ${JSON.stringify([...versions])}`)
  const askedAnother = Number(await asked(`${url}/asked-another`, agent))
  agent.destroy()
  return { requests: answered + failed, failed, askedAnother }
}

const asked = (url: string, agent: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    const question = request(url, { agent, timeout: 5_000 }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => void (text += part))
      answer.on('error', reject)
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(String(answer.statusCode))),
      )
    })
    question.on('timeout', () => question.destroy(new Error('no answer')))
    question.on('error', reject)
    question.end()
  })
