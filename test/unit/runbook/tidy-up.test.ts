import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { inSandbox } from './in-sandbox.ts'
import { onHosts, rollbackOnHosts } from './on-hosts.ts'

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
    expect(title).toBe('tidy up 2 kept containers')
    expect(changes.map(({ from, to }) => `${from} → ${to}`)).toEqual(
      Array(2).fill(expect.stringMatching(/^v2\.0\.0, kept since .* UTC → removed$/)),
    )
    expect(lost).toContain('cannot be undone any more')
    expect(undo).toMatch(/^No:/)
    expect(signatures).toEqual([{ count: 2, from: 'approvers' }])
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
})
