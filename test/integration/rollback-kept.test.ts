import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { OwnerName } from '../../src/domain/plan/owner.ts'
import { card, noted, sign } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { actAsArgoCd, type ArgoCd } from '../support/argo-cd.ts'
import { startBadRelease, type BadRelease } from '../support/bad-release.ts'
import { grantOwners } from '../support/kubernetes.ts'
import { defineOwners, ownerPath, putOwner } from '../support/owners.ts'
import { BAD, deployed, GOOD, SERVICES } from '../support/production.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'

const needs = ['redis', 'kubernetes'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined
const namespace = 'production'
const application: OwnerName = { kind: 'Application', namespace: 'argocd', name: 'pipeshub' }
const words = 'Argo CD application argocd/pipeshub'

describe.skipIf(skip)('a rollback of what Argo CD keeps, on a real API server', () => {
  let story: BadRelease
  let argoCd: ArgoCd
  tellOnFailure(() => story?.bot)

  beforeAll(async () => {
    const deployments = { backend: 'backend', frontend: 'frontend' }
    const kubernetes = { namespace, deployments, suspend: [application] }
    story = await startBadRelease({
      namespace,
      settings: { procedures: { kubernetes } },
      async prepare(bots) {
        await bots.cluster.createNamespace('argocd')
        await defineOwners(bots.cluster)
        await grantOwners(bots)
        await putOwner(bots.cluster, application)
      },
    })
    story.production.slack.group(APPROVERS).gains(CY)
    const kept = { application, namespace, deployments: SERVICES, version: BAD }
    argoCd = actAsArgoCd(story.bots.cluster, kept)
  })
  afterAll(async () => {
    await argoCd?.[Symbol.asyncDispose]()
    await story?.[Symbol.asyncDispose]()
  })

  const automated = async (): Promise<unknown> => {
    const Spec = z.object({
      spec: z.object({ syncPolicy: z.object({ automated: z.unknown().optional() }) }),
    })
    const found = await story.bots.cluster.admin.must('GET', ownerPath(application))
    return Spec.parse(found).spec.syncPolicy.automated
  }
  const running = async () =>
    Promise.all(
      SERVICES.map(async (name) => {
        const found = await deployed(story.bots.cluster, namespace, name)
        return found?.spec.template.spec.containers[0]?.image.split(':').at(-1)
      }),
    )
  const ask = (line: string) =>
    story.production.slack.as(CY).command(INCIDENTS, `/rollback ${line}`)
  const signed = async (number: number) => {
    const { slack } = story.production
    const plan = await card(slack, `plan-${number}`, story.declared.incident, /0 of 2/)
    for (const who of [ANA, BO]) await sign(slack, slack.as(who), plan)
    const ended = /was carried out|failed|was not begun|was stopped/
    const run = await card(slack, `run-${number}`, story.declared.incident, ended, 40_000)
    return { plan: plan.reads, run: run.reads }
  }

  test('whoever changes it by hand sees it put back at once', async () => {
    await story.bots.cluster.setImage(namespace, 'backend', `pipeshub/backend:${GOOD}`, {
      wait: false,
    })
    await expect.poll(() => argoCd.healed(), { timeout: 30_000 }).toBeGreaterThan(0)
    await expect.poll(running, { timeout: 30_000 }).toEqual([BAD, BAD])
  })

  test('the plan suspends it first, and it stays rolled back', async () => {
    const before = argoCd.healed()
    await ask('plan')
    const { plan, run } = await signed(1)
    expect(plan).toMatch(/argocd\/pipeshub\*: works by itself, .*"selfHeal":true.* → \*suspended/)
    expect(run).toMatch(/Every step was carried out and verified/)
    expect(run).toContain(`Suspend ${words}`)
    expect(await automated()).toBeUndefined()
    await argoCd.looked()
    expect(await running()).toEqual([GOOD, GOOD])
    expect(argoCd.healed()).toBe(before)
    const headline = await card(
      story.production.slack,
      'headline',
      story.declared.incident,
      /Suspended by plan 1/,
    )
    expect(headline.reads).toContain(`Suspended by plan 1:* ${words}`)
  })

  test('it is not resumed while Git still says the bad version', async () => {
    await ask('resume')
    const note = await noted(story.production.slack, story.declared, /Plan 2 is not possible now/)
    expect(note).toContain('what it would write is not what runs now')
    expect(await automated()).toBeUndefined()
  })

  test('reverted in Git it gets back exactly what it had, and nothing is put back', async () => {
    const before = argoCd.healed()
    argoCd.revert(GOOD)
    await argoCd.looked()
    await ask('resume')
    const { run } = await signed(3)
    expect(run).toMatch(/Every step was carried out and verified/)
    expect(await automated()).toEqual({ prune: true, selfHeal: true })
    await argoCd.looked()
    expect(await running()).toEqual([GOOD, GOOD])
    expect(argoCd.healed()).toBe(before)
    const headline = await card(
      story.production.slack,
      'headline',
      story.declared.incident,
      /Done: resume/,
    )
    expect(headline.reads).not.toContain('Suspended')
  })
})
