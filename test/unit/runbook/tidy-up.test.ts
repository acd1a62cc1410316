import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { Container } from '../../../src/ports/containers.ts'
import { isLeftOver } from '../../../src/runbook/docker/serving.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import { declared, incidentAfter, opened } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { inSandbox } from './in-sandbox.ts'
import { hostSettings, onHosts, rollbackOnHosts } from './on-hosts.ts'

const tidy: PlanRequest = { kind: 'tidy-up' }

/** A rollback was carried out, and left what is kept. */
async function rolledBack() {
  const hosts = onHosts()
  const { steps } = await hosts.drafted(rollbackOnHosts)
  await hosts.carryOut(steps[0]!)
  return hosts
}

describe('tidying up', () => {
  test('is not possible where nothing is kept, or where there are no hosts', async () => {
    expect(await onHosts().problem(tidy)).toBe('nothing is kept on any host')
    expect(await inSandbox().problem(tidy)).toContain('no service runs as containers here')
  })

  test('names each one with its version and since when, and what cannot be undone then', async () => {
    const hosts = await rolledBack()
    const { title, changes, lost, undo, signatures } = await hosts.drafted(tidy)
    expect(title).toBe('tidy up 2 kept containers and 2 kept images')
    const told = changes.map(({ what, from, to }) => `${what}: ${from} → ${to}`)
    expect(told.slice(0, 2)).toEqual(
      Array(2).fill(
        expect.stringMatching(
          /-kept-[0-9a-f]{12} on shop-1: v2\.0\.0, kept since .* UTC, holds an image of 213 MB → removed$/,
        ),
      ),
    )
    expect(told.slice(2).toSorted()).toEqual(
      ['backend', 'frontend'].map((service) =>
        expect.stringMatching(
          new RegExp(
            `^image backout-kept/${service}:[0-9a-f]{12} on shop-1: what ${service} had written beside its volumes, 1.4 MB, kept since .* UTC → removed$`,
          ),
        ),
      ),
    )
    expect(lost).toMatch(/cannot be undone any more.*beside their volumes is gone.*No volume/)
    expect(undo).toMatch(/^No:/)
    expect(signatures).toEqual([{ count: 2, from: 'approvers' }])
  })

  test('calls what it removes as the plan does that has kept it', async () => {
    const hosts = onHosts()
    const kept = (await hosts.drafted(rollbackOnHosts)).steps
    await hosts.carryOut(kept[0]!)
    const [remove] = (await hosts.drafted(tidy)).steps
    expect(remove?.removesKept).toBe('the containers that were replaced')
    expect(kept[0]?.keeps).toBe(remove?.removesKept)
  })

  test('removes what is kept and nothing else, and finds itself done when it is carried out again', async () => {
    const hosts = await rolledBack()
    const running = await hosts.running()
    const { steps } = await hosts.drafted(tidy)
    expect(await hosts.carryOut(steps[0]!)).toMatchObject({
      found: 'needed',
      proof: { kind: 'verified' },
    })
    expect((await hosts.sightings()).filter(({ role }) => role === 'kept')).toEqual([])
    expect(hosts.onHosts.imageNames('shop-1').join()).not.toContain('backout-kept')
    expect(await hosts.running()).toEqual(running)
    expect(await hosts.carryOut(steps[0]!)).toMatchObject({
      found: 'done',
      proof: { kind: 'verified' },
    })
  })

  test('goes on with the rest where somebody has pruned one', async () => {
    const hosts = await rolledBack()
    const { steps } = await hosts.drafted(tidy)
    const [one] = (await hosts.sightings()).filter(({ role }) => role === 'kept')
    hosts.onHosts.remove(one!.name)
    expect(await hosts.carryOut(steps[0]!)).toMatchObject({
      found: 'needed',
      proof: { kind: 'verified' },
    })
  })

  test('removes images also where no container is kept any more', async () => {
    const hosts = await rolledBack()
    hosts.onHosts.prune()
    const { title, lost, steps } = await hosts.drafted(tidy)
    expect(title).toBe('tidy up 2 kept images')
    expect(lost).not.toContain('undone')
    expect(await hosts.carryOut(steps[0]!)).toMatchObject({ proof: { kind: 'verified' } })
    expect(await hosts.problem(tidy)).toBe('nothing is kept on any host')
  })

  test('carries out a plan of before images were listed', async () => {
    const hosts = await rolledBack()
    const [step] = (await hosts.drafted(tidy)).steps
    const { containers } = step!.input as { readonly containers: [] }
    const before = { ...step!, input: { containers } }
    expect(await hosts.carryOut(before)).toMatchObject({ proof: { kind: 'verified' } })
    expect((await hosts.drafted(tidy)).title).toBe('tidy up 2 kept images')
  })

  test('takes what a swap could not remove too, once it has ended and another one has its place', async () => {
    const hosts = await rolledBack()
    const [running] = (await hosts.sightings()).filter(({ role }) => role === 'serving')
    const id = 'a'.repeat(64)
    const aside = `${running!.name}-old-${id.slice(0, 12)}`
    const left: Container = { ...running!, id, name: aside, mark: null, state: 'exited' }
    expect(isLeftOver(left, [running!, left])).toBe(true)
    expect(isLeftOver({ ...left, state: 'running' }, [running!, left])).toBe(false)
    expect(isLeftOver(left, [left])).toBe(false)
    // Somebody else's has the place: whose the other one is, nobody knows.
    expect(isLeftOver(left, [{ ...running!, mark: null }, left])).toBe(false)
    expect(isLeftOver({ ...left, name: `${running!.name}-old` }, [running!, left])).toBe(false)

    const { containers } = hosts.world
    if (!containers) throw new Error('there are hosts')
    const sightings = async (...asked: Parameters<typeof containers.sightings>) => [
      ...(await containers.sightings(...asked)),
      left,
    ]
    const world = { ...hosts.world, containers: { ...containers, sightings } }
    const draft = await runbookOver(world, hostSettings).resolve(
      tidy,
      incidentAfter(opened, declared),
      patience(),
    )
    const changes = draft.kind === 'feasible' ? draft.draft.changes : []
    expect(changes.map(({ what }) => what)).toContain(`${aside} on ${running!.host}`)
  })
})
