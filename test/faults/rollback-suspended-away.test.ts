import { afterEach, describe, expect, test } from 'vitest'
import { leadingPlan } from '../../src/domain/incident/incident.ts'
import { stillSuspended } from '../../src/domain/plan/suspension.ts'
import type { World } from '../../src/ports/world.ts'
import { atRest, surroundings, type Surroundings } from '../support/engine-story.ts'
import { incidentOf, tell } from '../support/rollback-story.ts'
import { recorder, wrongIn } from './recorder.ts'

const HOUR = 60 * 60_000

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

/** The process dies with its suspension written and nothing told of it; another one comes after so long. */
async function awayFor(ms: number, meanwhile: (story: Surroundings) => void = () => {}) {
  const story = surroundings({ kept: true })
  around = story
  const seen = recorder(story)
  const dying = (world: World): World => {
    const recorded = seen.ways.world?.(world) ?? world
    const { owners } = recorded
    if (!owners) return recorded
    const write: typeof owners.write = async (asked, options) => {
      const said = await owners.write(asked, options)
      if (!options.dryRun) first.life.dead = true
      return said
    }
    return { ...recorded, owners: { ...owners, write } }
  }
  const first = story.startProcess(null, { ...seen.ways, world: dying })
  await tell(story, first)
  expect(first.life.dead).toBe(true)
  expect(seen.suspended).toEqual(['Application argocd/shop to null'])
  story.pass(ms)
  meanwhile(story)
  const second = story.startProcess(null, seen.ways)
  await second.engine.resume()
  await atRest(second.engine, second.life)
  await second.engine.idle()
  const incident = await second.engine.load(await incidentOf(story))
  if (!incident) throw new Error('there is no incident')
  return { seen, incident, run: leadingPlan(incident)?.run }
}

describe('a rollback whose process goes away right after it has suspended what keeps the bad version', () => {
  test('goes on when it is back soon', async () => {
    const { seen, run } = await awayFor(60_000)
    expect(seen.written.toSorted()).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
    expect(run?.ended?.outcome).toBe('succeeded')
    expect(wrongIn(seen)).toEqual([])
  })

  test('writes nothing more on signatures that have run out, and says what stays suspended (J7)', async () => {
    const { seen, incident, run } = await awayFor(5 * HOUR)
    expect(seen.written).toEqual([])
    expect(run?.steps[0]).toMatchObject({ kind: 'succeeded', applied: true })
    expect(run?.steps[1]).toMatchObject({
      kind: 'failed',
      applied: 'no',
      says: 'a signature has expired meanwhile',
    })
    expect(run?.ended?.outcome).toBe('failed')
    expect(stillSuspended(incident)).toMatchObject([{ plan: 1, certain: true }])
  })

  test('writes nothing more when somebody who signed may not sign any more (J7)', async () => {
    const { seen, run } = await awayFor(60_000, ({ people }) => (people.approvers = ['U0CY']))
    expect(seen.written).toEqual([])
    expect(run?.steps[1]).toMatchObject({
      kind: 'failed',
      applied: 'no',
      says: 'U0BO signed, and may not sign any more',
    })
  })
})
