import { createServer } from 'node:http'
import { z } from 'zod'
import { until } from '../support/slack/waiting.ts'
import { portOf } from '../support/contracts/outside.ts'
import { engineBot } from './engine-bot.ts'
import { kubectlOn } from './kubectl.ts'
import { ratioWithin } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { NAMESPACE, rollbackStage, type Stage } from './rollback-stage.ts'

const BACKEND = 'backend'
const INSTANCES = 3
/** Whoever rolls everything out rolls these out too. */
const OTHERS = 19
const FLAG = 'MULTI_TENANT_ENABLED'
const MOST_TIMES = 0.25

/**
 * From the second signature, or from the start of kubectl, until each instance of the backend has told that it goes by
 * the safe value. Real Deployments, whose controllers run; the runbook's way is a rollout of everything.
 */
export const flagOff = async (): Promise<readonly Outcome[]> => {
  const others = Array.from({ length: OTHERS }, (_, at) => `service-${at + 1}`)
  await using stage = await rollbackStage([BACKEND, ...others])
  await using page = await startPage(stage)
  const kubectl = kubectlOn(stage)
  const all = [BACKEND, ...others].map((name) => `deployment/${name}`)
  const say = (value: string, names: readonly string[]): string =>
    `kubectl set env -n ${NAMESPACE} ${names.join(' ')} ${FLAG}=${value}`
  const wait = (names: readonly string[]): string =>
    `kubectl rollout status --timeout=2m -n ${NAMESPACE} ${names.join(' ')}`
  const on = async (names: readonly string[]): Promise<void> => {
    await kubectl.run(`${say('true', names)} && ${wait(names)}`, names.length)
    await readBack(stage, page.url, 'true')
  }
  const scaled = { spec: { replicas: INSTANCES } }
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${BACKEND}`
  await stage.cluster.admin.must('PATCH', path, scaled)
  await on(all)
  await using bot = await engineBot(
    {
      kubernetes: { namespace: NAMESPACE, deployments: { [BACKEND]: BACKEND } },
      featureFlag: {
        name: FLAG,
        safe: 'false',
        places: [{ in: 'kubernetes-env', service: BACKEND }],
        readBack: { service: BACKEND, path: '/flags', value: `$.${FLAG}`, instance: '$.instance' },
      },
    },
    [{ name: BACKEND, url: page.url }],
    { KUBECONFIG: stage.kubeconfig('backout') },
  )
  const subject = async (): Promise<number> => {
    const sign = await bot.prepare({ kind: 'feature-flag', flag: null })
    const { signedAtMs, endedAtMs } = await sign()
    await readBack(stage, page.url, 'false')
    await on(all.slice(0, 1))
    return endedAtMs - signedAtMs
  }
  const baseline = async (): Promise<number> => {
    const beganMs = Date.now()
    await kubectl.run(`${say('false', all)} && ${wait(all)}`, all.length)
    await readBack(stage, page.url, 'false')
    const tookMs = Date.now() - beganMs
    await on(all)
    return tookMs
  }
  return [
    await ratioWithin({
      what: `flag off to ${INSTANCES} of ${INSTANCES} instances read back, against a rollout of all ${all.length} Deployments`,
      gate: MOST_TIMES,
      sides: { subject, baseline },
      more: () => ['ours ends with the last step: the services are proved by then, too'],
    }),
  ]
}

const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      spec: z.object({
        containers: z.array(
          z.object({
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
          }),
        ),
      }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
})

/** The instances that do not end, by the value that each was started with. */
async function instancesOf({ cluster }: Stage) {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app%3D${BACKEND}`
  const { items } = Pods.parse(await cluster.admin.must('GET', path))
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      isReady: status.conditions.some((one) => one.type === 'Ready' && one.status === 'True'),
      value: spec.containers[0]?.env.find(({ name }) => name === FLAG)?.value ?? null,
    }))
}

/** In front of the instances: each request goes to the next one, as in a Service. */
async function startPage(stage: Stage) {
  let asked = 0
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      if (request.url !== '/flags') return void response.end('{"ok":true}')
      const ready = (await instancesOf(stage)).filter(({ isReady }) => isReady)
      const next = ready[(asked += 1) % Math.max(ready.length, 1)]
      if (!next) return void response.writeHead(503).end()
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ instance: next.name, [FLAG]: next.value }))
    }
    answer().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const Told = z.object({ instance: z.string(), [FLAG]: z.string().nullable() })

/** As somebody does it who asks the page again and again. */
async function readBack(stage: Stage, url: string, wanted: string): Promise<void> {
  const heard = new Map<string, string | null>()
  const isEverywhere = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/flags`)
    if (answer.ok) {
      const told = Told.parse(await answer.json())
      heard.set(told.instance, told[FLAG] ?? null)
    }
    const instances = await instancesOf(stage)
    return (
      instances.length === INSTANCES && instances.every(({ name }) => heard.get(name) === wanted)
    )
  }
  await until(isEverywhere, `${INSTANCES} instances to read ${wanted}`, 120_000)
}
