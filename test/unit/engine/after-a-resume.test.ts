import { afterEach, describe, expect, test } from 'vitest'
import { leadingPlan } from '../../../src/domain/incident/incident.ts'
import { stillSuspended } from '../../../src/domain/plan/suspension.ts'
import { surroundings, type Surroundings } from '../../support/engine-story.ts'
import { planned, rolledBack, SIGNED, tellMore } from '../../support/rollback-story.ts'

const shop = { kind: 'Application', namespace: 'argocd', name: 'shop' } as const

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

/** Rolled back with Argo CD suspended, watched for a moment, and reverted in Git. */
async function reverted() {
  const story = await rolledBack(surroundings({ kept: true }))
  around = story.around
  const { engine, id } = story
  const { others } = story.around.sandbox
  const look = async (times: number) => {
    for (let looks = 0; looks < times; looks += 1) {
      story.around.pass(10_000)
      engine.tick()
      await engine.idle()
    }
  }
  await look(2)
  others.keep({ ...shop, version: 'v1.9.0' })
  others.setOwner(shop, null)
  return {
    others,
    look,
    incident: async () => (await engine.load(id))!,
    tell: (more: typeof SIGNED) => tellMore(story.around, story, more),
  }
}

const RESUME = [planned({ kind: 'resume' })]

describe('a resume', () => {
  test('is watched for itself, and when that is stable the status page may say so', async () => {
    const { incident, look, tell } = await reverted()
    await tell(RESUME)
    expect((await incident()).watch).toMatchObject({ plan: 1, ended: null })
    await tell(SIGNED)
    expect(leadingPlan(await incident())?.run?.ended?.outcome).toBe('succeeded')
    expect(stillSuspended(await incident())).toEqual([])
    expect((await incident()).watch).toMatchObject({
      plan: 2,
      ended: null,
      versions: { backend: ['v1.9.0'], frontend: ['v1.9.0'] },
    })
    expect((await incident()).statusPage.resolved).toBeUndefined()
    await look(25)
    expect((await incident()).watch?.state).toBe('stable')
    expect((await incident()).statusPage.resolved).toBeDefined()
  })

  test('that wrote nothing leaves the watch of the rollback as it was', async () => {
    const { incident, others, tell } = await reverted()
    await tell(RESUME)
    await tell(SIGNED.slice(0, 1))
    others.setOwner(shop, { prune: false })
    await tell(SIGNED.slice(1))
    expect((await incident()).plans.at(-1)?.run?.ended?.outcome).not.toBe('succeeded')
    expect((await incident()).watch).toMatchObject({ plan: 1, ended: null })
  })
})
