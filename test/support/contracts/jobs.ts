import { describe, expect, test } from 'vitest'
import type { Job, JobFound, Jobs } from '../../../src/ports/jobs.ts'
import { outsideContract, patience, type Outside } from './outside.ts'

/** As the example of an admission policy in `manifests/kubernetes/migration` has it. */
export const JOB: Job = {
  name: 'backout-20261122-abcd-p2',
  image: `registry.example/shop/backend@sha256:${'0'.repeat(64)}`,
  command: ['node', 'migrations/002-tenants.js', 'down'],
  seconds: 60,
  variables: { BACKOUT_COLLECTIONS: 'users,documents' },
}
const KEY = '20261122-abcd/plan-2/step-3'

export type JobsFixture = {
  readonly jobs: Jobs
  /** Its program ends. */
  readonly end: (name: string, how: 'well' | 'badly') => Promise<void>
}

export type JobsSubject = Outside<Jobs> & {
  /** None has been started yet. */
  readonly start: () => Promise<JobsFixture>
  /** The next one that is started is refused. */
  readonly refused: () => Promise<Jobs>
}

const options = ({ key = KEY, dryRun = false } = {}) => {
  return { key, cause: 'backout 20261122-abcd plan 2', dryRun, signal: patience() }
}

/** A program that runs once. */
export function jobsContract(who: string, subject: JobsSubject): void {
  const find = (jobs: Jobs, key = KEY): Promise<JobFound> => jobs.find(JOB.name, key, patience())

  /** Asked until it has ended, or a while is over. */
  const ended = async (jobs: Jobs): Promise<JobFound> => {
    const until = Date.now() + 20_000
    for (;;) {
      const found = await find(jobs)
      if (found.kind !== 'running' || Date.now() > until) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  describe(`${who} keeps the promises of Jobs`, () => {
    test('it says where they run', async () => {
      expect((await subject.start()).jobs.where).toMatch(/^(namespace|host) \S+$/)
    })

    test('none is there before it is started, and it runs after it', async () => {
      const { jobs } = await subject.start()
      expect(await find(jobs)).toEqual({ kind: 'none' })
      expect(await jobs.start(JOB, options())).toEqual({ kind: 'started' })
      expect(await find(jobs)).toMatchObject({ kind: 'running', says: expect.any(String) })
    })

    test('of one name there is never a second one, whoever starts it', async () => {
      const { jobs } = await subject.start()
      await jobs.start(JOB, options())
      expect(await jobs.start(JOB, options())).toEqual({ kind: 'exists' })
      expect(await jobs.start(JOB, options({ key: 'another' }))).toEqual({ kind: 'exists' })
      expect(await find(jobs)).toMatchObject({ kind: 'running' })
    })

    test('one of another run is not taken for its own', async () => {
      const { jobs } = await subject.start()
      await jobs.start(JOB, options({ key: 'another' }))
      expect(await find(jobs)).toEqual({ kind: 'another' })
    })

    test('tried, it starts nothing', async () => {
      const { jobs } = await subject.start()
      expect(await jobs.start(JOB, options({ dryRun: true }))).toEqual({ kind: 'started' })
      expect(await find(jobs)).toEqual({ kind: 'none' })
    })

    test('that it has ended well stays known', async () => {
      const { jobs, end } = await subject.start()
      await jobs.start(JOB, options())
      await end(JOB.name, 'well')
      expect(await ended(jobs)).toEqual({ kind: 'succeeded' })
    })

    test('that it has failed stays known, with why, and it is not tried again', async () => {
      const { jobs, end } = await subject.start()
      await jobs.start(JOB, options())
      await end(JOB.name, 'badly')
      expect(await ended(jobs)).toMatchObject({
        kind: 'failed',
        says: expect.stringMatching(/^it /),
      })
      expect(await jobs.start(JOB, options())).toEqual({ kind: 'exists' })
    })

    test('one that is refused is not there, tried or not', async () => {
      const jobs = await subject.refused()
      const refused = { kind: 'refused', because: expect.stringMatching(/./) }
      expect(await jobs.start(JOB, options({ dryRun: true }))).toEqual(refused)
      expect(await jobs.start(JOB, options())).toEqual(refused)
      expect(await find(jobs)).toEqual({ kind: 'none' })
    })

    outsideContract(subject, { 'a Job': (jobs, signal) => jobs.find(JOB.name, KEY, signal) })
  })
}
