import { describe, expect, test } from 'vitest'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { MIGRATION } from '../support/migration.ts'
import { folded, tell, tellMore } from '../support/rollback-story.ts'
import { dataDeed, ENDS, SMALL, stoppedAt, wrongIn, type Options } from './data-deed.ts'
import { damaged, DATABASE, leftOnData, planAndSign, RESTORED } from './data-story.ts'

const hands = ({ sandbox: { onData, onJobs } }: Surroundings) => {
  if (!onData || !onJobs) throw new Error('the story is of data and of a migration')
  return { onData, onJobs }
}

/** How it ends when it is not clear, and what is said then. */
const COPIES = ['documents', 'migrations', 'users'].map((one) => `copy ${one} of plan 2`)
const UNDONE = { live: 'damaged', migration: 'applied', backend: 3, maintenance: null }

/** Something happens once, right before the first such call. */
function before(name: string, happens: (around: Surroundings) => void): Options {
  let happened = false
  return {
    async through(call, make, around) {
      if (call.name === name && !happened) {
        happened = true
        happens(around)
      }
      return make()
    },
  }
}

test('its down runs once, after the switch, while the services are stopped and nobody is held off', async () => {
  const asked: string[] = []
  const left = await dataDeed('migrated', {
    async through(call, make, around) {
      if (call.name === 'start') {
        const [release] =
          (await around.sandbox.world.deployments?.releases(
            ['backend'],
            new AbortController().signal,
          )) ?? []
        const { onData } = hands(around)
        const live = onData.documents('projects')[0]?.['organization']
        asked.push(`${release?.replicas} run, fence ${onData.fenceIsUp()}, ${JSON.stringify(live)}`)
      }
      return make()
    },
  })
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject(ENDS.migrated)
  expect(asked).toEqual(['0 run, fence false, "org-0"'])
  expect(left.told).toContain('the migration is taken back, and migrations says so')
})

test('where the ledger says that it is not applied, nothing is copied and nothing runs', async () => {
  const left = await dataDeed('migrated', {
    given: (around) => hands(around).onData.delete('migrations', '002-tenants'),
  })
  expect(left.outcomes.at(-1)).toBe('succeeded')
  expect(left).toMatchObject({ live: 'restored', runs: 0, backend: 3, maintenance: null })
  expect(left.kept.filter((one) => one.startsWith('copy'))).toEqual([])
  expect(left.told).toContain('migrations says that the migration is not applied: nothing is run')
})

test('where nothing tells whether it is applied, it is not taken back', async () => {
  const left = await dataDeed('migrated', {
    given: (around) => hands(around).onData.drop('migrations'),
  })
  expect(left.outcomes.at(-1)).toBe('succeeded')
  expect(left).toMatchObject({ live: 'restored', runs: 0, backend: 3 })
  expect(left.steps.at(-1)?.join()).not.toContain('take-migration-back')
})

test('one that has been taken back by somebody since the plan was made runs no second time', async () => {
  const left = await dataDeed('migrated', {
    ...before('create', (around) => hands(around).onData.delete('migrations', '002-tenants')),
  })
  expect(left).toMatchObject({ runs: 0, live: 'restored', backend: 3, maintenance: null })
  expect(left.outcomes.at(-1)).toBe('succeeded')
})

describe.each([
  ['fails', /^it ended with an error, and the ledger says that the migration is applied still/],
  ['half', /^it ended with an error, and the ledger says that the migration is applied still/],
  ['hangs', /^it ended with an error, and the ledger says that the migration is applied still/],
  ['untold', /^it ended well, and the ledger says that the migration is applied still/],
] as const)('a down that ends so: %s', (how, says) => {
  const given = (around: Surroundings): void => hands(around).onJobs.end(how)

  test('leaves it to people: the services stay stopped, and maintenance stays on', async () => {
    const left = await dataDeed('migrated', { given })
    expect(left.outcomes.at(-1)).toBe('failed')
    expect(left.says).toMatch(says)
    expect(left.says).toMatch(/for people to find out, and the services stay stopped/)
    expect(left).toMatchObject({ backend: 0, maintenance: 'true', live: 'restored', lost: 0 })
    expect(left).toMatchObject({ fence: false, runs: 1, proof: 'intact' })
    expect(left.kept).toEqual(expect.arrayContaining(COPIES))
  })

  test('is undone with the switch: everything stands as before it', async () => {
    const left = await dataDeed('migrated', { given, more: [{ kind: 'undo', plan: 2 }] })
    expect(left.outcomes.at(-1)).toBe('succeeded')
    expect(wrongIn(left)).toEqual([])
    expect(left).toMatchObject(UNDONE)
  })
})

describe.each([
  ['database', DATABASE],
  ['full', { kind: 'full', toVersion: null, backup: null }],
] as const)('%s, planned again after a down whose end is not clear', (_, request) => {
  async function again(people: 'have mended it' | 'have only looked') {
    const around = damaged({ database: { ...SMALL, migration: MIGRATION } })
    const { onData, onJobs } = hands(around)
    const process = around.startProcess()
    await tell(around, process, 0, RESTORED)
    onJobs.end('half')
    await tellMore(around, process, planAndSign(request))
    onJobs.end('well')
    if (people === 'have mended it') onData.delete('migrations', '002-tenants')
    await tellMore(around, process, planAndSign(request))
    const plan = (await folded(around))?.plans[2]?.plan
    const left = { ...(await leftOnData(around)), runs: onJobs.runs() }
    await tellMore(around, process, planAndSign({ kind: 'undo', plan: 2 }))
    const undone = await leftOnData(around)
    const ledger = onData.documents('migrations').length
    around.end()
    return { left, undone, ledger, cautions: plan?.cautions.join(' ') ?? '' }
  }
  const STARTED = { live: 'as before the release', backend: 3, maintenance: null, lost: 0 }

  test('what people have mended is not run again, and the services start', async () => {
    const { left, cautions } = await again('have mended it')
    expect(left.outcomes).toEqual(['succeeded', 'failed', 'succeeded'])
    expect(left).toMatchObject({ ...STARTED, runs: 1 })
    expect(left.steps[2]?.join()).not.toMatch(/restore-beside|take-migration-back/)
    expect(cautions).toContain(
      'migrations says now that it is not applied, and nothing of it is run',
    )
  })

  test('where its ledger says so still it runs once more, and who signs reads that', async () => {
    const { left, undone, ledger, cautions } = await again('have only looked')
    expect(left.outcomes).toEqual(['succeeded', 'failed', 'succeeded'])
    expect(left).toMatchObject({ ...STARTED, runs: 2 })
    expect(cautions).toMatch(/how far it came is not clear. Sign only once somebody has looked/)
    expect(cautions).not.toMatch(/nothing is restored beside/)
    // The copies of the first plan are from before both.
    expect(undone).toMatchObject({ live: 'damaged', backend: 3, maintenance: null, lost: 0 })
    expect(ledger).toBe(1)
  })
})

test('one that may not be started leaves the services stopped, and undo brings all of it back', async () => {
  const refused = before('start', (around) => hands(around).onJobs.refuse('another image'))
  const left = await dataDeed('migrated', refused)
  expect(left.outcomes.at(-1)).toBe('failed')
  expect(left).toMatchObject({ backend: 0, maintenance: 'true', runs: 0, lost: 0 })
  expect(left.says).toBe('it was not started: another image')
  const back = await dataDeed('migrated', {
    ...before('start', (around) => hands(around).onJobs.refuse('another image')),
    more: [{ kind: 'undo', plan: 2 }],
  })
  expect(wrongIn(back)).toEqual([])
  expect(back).toMatchObject(UNDONE)
})

test.each(['users', 'migrations'])(
  'what somebody has written to %s since it was copied is not run over',
  async (name) => {
    const writes = (around: Surroundings): void =>
      void hands(around).onData.write(name, { _id: 'cron-1', email: 'cron@example.com' })
    let written = false
    const left = await dataDeed('migrated', {
      async through(_, make, around) {
        const copied = hands(around)
          .onData.names()
          .some((one) => {
            const kept = readKeptName(one)
            return kept?.role === 'copy' && kept.collection === 'migrations'
          })
        if (copied && !written) {
          written = true
          writes(around)
        }
        return make()
      },
    })
    expect(left.outcomes.at(-1)).toBe('failed')
    expect(left.says).toContain(`${name}: 1 document of it is not as in its copy`)
    expect(left).toMatchObject({ runs: 0, backend: 0, lost: 0 })
  },
)

test('a Job that somebody removes after it has written is not run a second time', async () => {
  let finds = 0
  const left = await dataDeed('migrated', {
    given: (around) => hands(around).onJobs.end('half'),
    async through(call, make, around) {
      const { onJobs } = hands(around)
      if (call.name === 'find' && onJobs.runs() > 0) {
        finds += 1
        if (finds === 1) onJobs.names().forEach(onJobs.remove)
      }
      return make()
    },
  })
  expect(left.runs).toBe(1)
  expect(left.outcomes.at(-1)).toBe('failed')
  expect(left).toMatchObject({ backend: 0, maintenance: 'true', lost: 0 })
})

test('what was copied is dropped again when somebody stops it, and undo gives everything back', async () => {
  const { made } = await dataDeed('migrated')
  const copying = made.filter(({ name }) => name === 'copyMissing')
  expect(copying).toHaveLength(3)
  const through = stoppedAt(copying[1]?.nth ?? 0)
  const left = await dataDeed('migrated', { through })
  expect(left.outcomes.at(-1)).toBe('aborted')
  expect(left.kept.filter((one) => /^(?:copy|try)/.test(one))).toEqual([])
  expect(left).toMatchObject({ backend: 0, runs: 0, lost: 0 })
  const back = await dataDeed('migrated', { through, more: [{ kind: 'undo', plan: 2 }] })
  expect(wrongIn(back)).toEqual([])
  expect(back).toMatchObject({ ...UNDONE, runs: 0 })
})

test('undone and undone again: its down is not run anew, and what it made is live', async () => {
  const left = await dataDeed('undo of migrated', { more: [{ kind: 'undo', plan: 3 }] })
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject({ live: 'restored', migration: 'taken back', runs: 1, backend: 3 })
})
