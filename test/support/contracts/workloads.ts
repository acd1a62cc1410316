import { describe, expect, test } from 'vitest'
import { versionOf } from '../../../src/domain/workload/workload.ts'
import type { Workloads } from '../../../src/ports/workloads.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

/**
 * Services `backend` and `frontend`, each on v2.0.0 after v1.9.0, whose logs hold `secret`. `ci-bot` brought
 * v2.0.0, to "fix login", and its pods name the commit.
 */
type WorkloadsFixture = {
  readonly workloads: Workloads
  readonly secret: string
}

export type WorkloadsSubject = Outside<Workloads> & {
  readonly start: (state: 'ready' | 'crash-looping') => Promise<WorkloadsFixture>
}

const services = ['backend', 'frontend']

export function workloadsContract(name: string, subject: WorkloadsSubject): void {
  describe(`${name} keeps the promises of Workloads`, () => {
    test('it lists each service that was asked for, once', async () => {
      const { workloads } = await subject.start('ready')
      const listed = await workloads.list(services, patience())
      expect(listed.map(({ service }) => service).toSorted()).toEqual(services)
      const one = await workloads.list(['frontend'], patience())
      expect(one.map(({ service }) => service)).toEqual(['frontend'])
    })

    test('it leaves out what is not there', async () => {
      const { workloads } = await subject.start('ready')
      const listed = await workloads.list(['backend', 'no-such-service'], patience())
      expect(listed.map(({ service }) => service)).toEqual(['backend'])
      expect(await workloads.list(['no-such-service'], patience())).toEqual([])
    })

    test('it tells what runs and what it can be returned to, the newest first', async () => {
      const { workloads } = await subject.start('ready')
      for (const { current, previous } of await workloads.list(services, patience())) {
        expect(current?.images.map(versionOf)).toEqual(['v2.0.0'])
        expect(previous[0]?.images.map(versionOf)).toEqual(['v1.9.0'])
        const all = [...(current ? [current] : []), ...previous]
        expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length)
        expect(new Set(all.map(({ templateHash }) => templateHash)).size).toBe(all.length)
        const numbers = all.map(({ number }) => number)
        expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
        for (const { createdAt } of all) expect(Date.parse(createdAt)).toBeGreaterThan(0)
      }
    })

    test('it tells what changed last, since when, by whom and why', async () => {
      const { workloads } = await subject.start('ready')
      for (const { service, changed, current } of await workloads.list(services, patience())) {
        const told = { service, kind: 'version', by: 'ci-bot', cause: 'fix login' }
        expect(changed).toMatchObject({ ...told, images: current?.images })
        expect(changed?.imagesBefore?.map(versionOf)).toEqual(['v1.9.0'])
        expect(changed?.commit).toMatch(/^[0-9a-f]{40}$/)
        // Never used again, it is as old as its revision.
        const time = new Date(current?.createdAt ?? '').toISOString()
        expect(changed?.since).toEqual({ time, exact: true })
        expect(changed?.versionSince).toEqual(changed?.since)
      }
    })

    test('the same world is read the same twice', async () => {
      const { workloads } = await subject.start('ready')
      const identities = async () =>
        (await workloads.list(services, patience())).map(({ current, previous }) => [
          current,
          ...previous,
        ])
      expect(await identities()).toEqual(await identities())
    })

    test('a workload that is ready has no troubles', async () => {
      const { workloads } = await subject.start('ready')
      for (const { desired, ready, troubles } of await workloads.list(services, patience())) {
        expect(desired).toBeGreaterThan(0)
        expect(ready).toBe(desired)
        expect(troubles).toEqual([])
      }
    })

    test('a workload whose pods crash is not ready, and says why in the words of its system', async () => {
      const { workloads } = await subject.start('crash-looping')
      for (const workload of await workloads.list(services, patience())) {
        expect(workload.ready).toBeLessThan(workload.desired)
        expect(workload.restarts).toBeGreaterThan(0)
        expect(workload.troubles.join('\n')).toContain('CrashLoopBackOff')
      }
    })

    test('the last lines of every container are read, and no more', async () => {
      const { workloads } = await subject.start('ready')
      const signal = patience()
      const tails = await workloads.logs('backend', { tail: 2, signal })
      expect(tails.length).toBeGreaterThan(0)
      expect(new Set(tails.map(({ source }) => source)).size).toBe(tails.length)
      for (const { lines } of tails) expect(lines.length).toBeLessThanOrEqual(2)
      expect(tails.flatMap(({ lines }) => lines).join('')).not.toBe('')
      expect(await workloads.logs('no-such-service', { tail: 2, signal })).toEqual([])
    })

    test.each(['ready', 'crash-looping'] as const)(
      'a secret in the logs is never handed on (%s)',
      async (state) => {
        const { workloads, secret } = await subject.start(state)
        const tails = await workloads.logs('backend', { tail: 1_000, signal: patience() })
        const text = tails.flatMap(({ lines }) => lines).join('\n')
        expect(text).toContain('***')
        expect(text).not.toContain(secret)
      },
    )

    outsideContract(subject, {
      'the list': (workloads, signal) => workloads.list(services, signal),
      'the logs': (workloads, signal) => workloads.logs('backend', { tail: 10, signal }),
    })
  })
}
