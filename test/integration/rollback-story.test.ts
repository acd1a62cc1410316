import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  card,
  cards,
  closeIncident,
  declare,
  planned,
  sign,
  told,
  type Declared,
} from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import type { AuditedCall } from '../servers/kubernetes/audit.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { botName, startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import {
  BAD,
  cachedKeys,
  fillCache,
  GOOD,
  keptKeys,
  releaseBadly,
  SERVICES,
  startProduction,
  type Production,
} from '../support/production.ts'
import { ANA, ANA_AGAIN, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'

const needs = ['redis', 'prometheus', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined
const namespace = 'production'
const cached = 3_000
const roleFile = join(import.meta.dirname, '../../manifests/kubernetes/role.yaml')

const Template = z.object({
  spec: z.object({ containers: z.array(z.object({ image: z.string() })) }),
})
const Metadata = z.object({
  name: z.string(),
  generation: z.number().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
})
const Deployment = z.object({
  metadata: Metadata,
  spec: z.object({ replicas: z.number(), template: Template }),
})
const ReplicaSets = z.object({
  items: z.array(z.object({ metadata: Metadata, spec: z.object({ template: Template }) })),
})
const Pods = z.object({ items: z.array(z.object({ metadata: Metadata })) })

describe.skipIf(skip)('a rollback on real servers', () => {
  let bots: BotCluster
  let production: Production
  let bot: Bot
  let ana: Person
  let bo: Person
  let cy: Person
  let declared: Declared
  tellOnFailure(() => bot)

  beforeAll(async () => {
    bots = await startBotCluster()
    production = await startProduction(bots, { namespace, prometheus: true })
    production.slack.group(APPROVERS).gains(CY)
    await releaseBadly(bots, namespace)
    await fillCache(production, cached)
    ana = production.slack.as(ANA)
    bo = production.slack.as(BO)
    cy = production.slack.as(CY)
    await production.sees(BAD)
    bot = await production.startBot()
  })
  afterAll(async () => {
    await bot?.stop()
    await production?.[Symbol.asyncDispose]()
    await bots?.[Symbol.asyncDispose]()
  })

  const ask = (path: string): Promise<unknown> => bots.cluster.admin.must('GET', path)
  const deployment = async (name: string) =>
    Deployment.parse(await ask(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`))
  const replicaSets = async (name: string) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`
    return ReplicaSets.parse(await ask(`${path}?labelSelector=app%3D${name}`)).items
  }
  const hashesOfPods = async (name: string): Promise<(string | undefined)[]> => {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`
    return Pods.parse(await ask(path)).items.map(
      ({ metadata }) => metadata.labels['pod-template-hash'],
    )
  }
  const hashOf = async (name: string, version: string): Promise<string | undefined> =>
    (await replicaSets(name)).find(({ spec }) =>
      spec.template.spec.containers[0]?.image.endsWith(`:${version}`),
    )?.metadata.labels['pod-template-hash']
  /** A call is in the log a moment after its answer. */
  const callsOnce = (good: (calls: AuditedCall[]) => boolean): Promise<AuditedCall[]> =>
    eventually(() => bots.cluster.callsBy(botName), good)
  const isWrite = ({ verb, uri }: AuditedCall): boolean =>
    verb === 'patch' && !uri.includes('dryRun')

  /** Asked for, signed by two of the group, and carried out to its end. */
  const perform = async (number: number, line: string): Promise<string> => {
    const { slack } = production
    await cy.command(INCIDENTS, `/rollback ${line}`)
    const plan = await card(slack, `plan-${number}`, declared.incident, /0 of 2/)
    await sign(slack, ana, plan)
    await sign(slack, bo, plan)
    const done = await card(slack, `run-${number}`, declared.incident, ENDED, 40_000)
    expect(done.reads).toMatch(/Every step was carried out and verified/)
    return done.reads
  }
  const ENDED = /was carried out|failed|was not begun|was stopped/

  test('the manifests make a pod of the bot that the strictest profile lets in', async () => {
    const pods = async () =>
      Pods.parse(await ask('/api/v1/namespaces/backout/pods')).items.map(
        ({ metadata }) => metadata.labels['app.kubernetes.io/name'],
      )
    expect(await eventually(pods, (found) => found.length > 0)).toEqual(['backout'])
  })

  test('the assessment reads from the real metrics that two thirds of all requests fail', async () => {
    declared = await declare(production.slack, cy)
    expect(declared.thread.reads).toMatch(
      /Roll back: (\w+: )?5xx [56]\d[.\d]* %.*, rule above 50 %/,
    )
  })

  test('the plan names the revisions that the cluster has, its evidence and its rehearsal', async () => {
    const { slack } = production
    const plan = await planned(slack, cy, declared)
    for (const name of SERVICES) {
      const [from, to] = await Promise.all([hashOf(name, BAD), hashOf(name, GOOD)])
      const change = new RegExp(
        `${name}.*v2\\.0\\.0 \\(.*${from}\\).*v1\\.9\\.0 \\(.*${to}\\), 2 pods`,
      )
      expect(plan.reads).toMatch(change)
    }
    const prepared = await card(slack, 'plan-1', declared.incident, /accepts/, 15_000)
    expect(prepared.reads).toMatch(/the cluster accepts the change \(dry run\)/)
    const calls = await callsOnce((all) => all.filter(({ verb }) => verb === 'patch').length >= 2)
    const patches = calls.filter(({ verb }) => verb === 'patch')
    expect(patches.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'backend 200',
      'frontend 200',
    ])
    expect(patches.filter(isWrite)).toEqual([])
  })

  test('who asked cannot sign, who is not in the group cannot, one signature is not enough', async () => {
    const { slack } = production
    const plan = await card(slack, 'plan-1', declared.incident)
    const press = (person: Person) => () => person.click(INCIDENTS, plan.ts, 'Approve')
    const other = slack.as(ANA_AGAIN)
    expect(await told(other, press(other))).toMatch(/not (one of|among) the approvers/)
    expect(await told(cy, press(cy))).toMatch(/You asked for this plan/)
    await sign(slack, ana, plan)
    expect(await told(ana, press(ana))).toMatch(/signature is there already/)
    const once = await card(slack, 'plan-1', declared.incident, /1 of 2/)
    expect(once.reads).toContain(`<@${ANA}>`)
    expect(await cards(slack, 'run-1', declared.incident)).toEqual([])
    expect((await bots.cluster.callsBy(botName)).filter(isWrite)).toEqual([])
  })

  test('the second signature carries it out, and every step says what was seen', async () => {
    const { slack } = production
    const generations = await Promise.all(SERVICES.map(async (name) => deployment(name)))
    const kept = await keptKeys(production)
    expect(await cachedKeys(production)).toBe(cached)
    await sign(slack, bo, await card(slack, 'plan-1', declared.incident))
    const done = await card(slack, 'run-1', declared.incident, ENDED, 40_000)
    expect(done.reads).toMatch(/Every step was carried out and verified/)
    expect(done.reads).toMatch(/backend: 2 of 2 pods ready; frontend: 2 of 2 pods ready/)
    expect(done.reads).toMatch(/cache keys removed; none is there now/)
    expect(done.reads).toMatch(/backend: healthy, runs v1\.9\.0; frontend: healthy, runs v1\.9\.0/)
    expect(done.reads).toMatch(new RegExp(`signed by <@${ANA}>.*<@${BO}>`))
    const headline = await card(slack, 'headline', declared.incident, /Done: .*, watching/)
    expect(headline.reads).toMatch(/Done: backend and frontend back to v1\.9\.0, watching/)
    expect(headline.reads).toContain(`Approved by:* <@${ANA}> and <@${BO}>`)

    // What the servers say.
    expect(await cachedKeys(production)).toBe(0)
    expect(await keptKeys(production)).toBe(kept)
    for (const [index, name] of SERVICES.entries()) {
      const { metadata, spec } = await deployment(name)
      expect(spec.template.spec.containers[0]?.image).toBe(`pipeshub/${name}:${GOOD}`)
      expect(spec.replicas).toBe(2)
      expect(metadata.generation).toBe((generations[index]?.metadata.generation ?? 0) + 1)
      expect(metadata.annotations['backout.dev/last-write']).toMatch(
        new RegExp(`^${declared.incident}/plan-1/`),
      )
      expect(metadata.annotations['kubernetes.io/change-cause']).toMatch(
        new RegExp(`asked for by ${CY}, signed by ${ANA} and ${BO}`),
      )
      const hash = await hashOf(name, GOOD)
      expect(await hashesOfPods(name)).toEqual([hash, hash])
      // The old ReplicaSet was taken up again: none was made for it.
      expect(await replicaSets(name)).toHaveLength(3)
    }
    const calls = await callsOnce((all) => all.filter(isWrite).length >= 2)
    const writes = calls.filter(isWrite).map(({ name, status }) => `${name} ${status}`)
    expect(writes.toSorted()).toEqual(['backend 200', 'frontend 200'])
  })

  test('the watch begins, and looks at what runs now', async () => {
    const watch = await card(
      production.slack,
      'watch-1',
      declared.incident,
      /backend[^]*v1\.9\.0[^]*frontend[^]*v1\.9\.0/,
      30_000,
    )
    expect(watch.reads).not.toMatch(/relapse/i)
  })

  test('a restart brings new pods of the same version', async () => {
    const before = await hashesOfPods('backend')
    expect(await perform(2, 'restart backend')).toMatch(/backend: 2 of 2 pods ready/)
    const { spec } = await deployment('backend')
    expect(spec.template.spec.containers[0]?.image).toBe(`pipeshub/backend:${GOOD}`)
    const after = await hashesOfPods('backend')
    expect(after).toHaveLength(2)
    expect(after.filter((hash) => before.includes(hash))).toEqual([])
  })

  test('scaled down there is no pod; the undo of it brings as many back as there were', async () => {
    const hash = await hashOf('frontend', GOOD)
    await perform(3, 'scale-down frontend')
    expect(await hashesOfPods('frontend')).toEqual([])
    await perform(4, 'undo')
    expect((await deployment('frontend')).spec.replicas).toBe(2)
    expect(await hashesOfPods('frontend')).toEqual([hash, hash])
  })

  test('the logs of the pods are shown, and the incident is closed', async () => {
    await bots.cluster.writeLogs(['the last words'])
    expect(await told(bo, () => bo.command(INCIDENTS, '/rollback logs backend'))).toMatch(
      /the last words/,
    )
    const { slack } = production
    const { ts } = await card(slack, 'thread-card', declared.incident, /Close incident/)
    await closeIncident(cy, { ts })
    await card(slack, 'headline', declared.incident, /Closed/)
  })

  test('all of that used every right that the Role grants, and no other', async () => {
    const { rules } = z
      .object({
        rules: z.array(
          z.object({
            apiGroups: z.array(z.string()),
            resources: z.array(z.string()),
            verbs: z.array(z.string()),
            resourceNames: z.array(z.string()).default(['']),
          }),
        ),
      })
      .parse(parse(await readFile(roleFile, 'utf8')))
    const granted = rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) =>
            resourceNames.map((name) => `${verb} ${group}/${resource} ${name}`),
          ),
        ),
      ),
    )
    // The questions that a doctor asks were asked before the story, and need no right.
    const calls = (await bots.cluster.callsBy(botName)).filter(
      ({ resource }) => resource !== 'selfsubjectaccessreviews',
    )
    expect(calls.filter(({ status }) => status === 401 || status === 403)).toEqual([])
    expect([...new Set(calls.map((call) => call.namespace))]).toEqual([namespace])
    const used = calls.map(({ verb, apiGroup, resource, subresource, name }) => {
      const what = `${apiGroup}/${resource}${subresource === '' ? '' : `/${subresource}`}`
      // Only what writes is granted by name.
      return `${verb} ${what} ${verb === 'patch' ? name : ''}`
    })
    expect([...new Set(used)].toSorted()).toEqual([...new Set(granted)].toSorted())
  })

  test('the journal is whole', async () => {
    await bot.stop()
    const { code, output } = await runBackout(['verify-journal', bot.journal])
    expect(output).toMatch(/^The journal is intact/)
    expect(code).toBe(0)
    expect(bot.output()).not.toMatch(/"level":(50|60)/)
  })
})
