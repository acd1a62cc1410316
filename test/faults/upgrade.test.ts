import { describe, expect, test } from 'vitest'
import { refusalText } from '../../src/chat/text/refusal-text.ts'
import { isOfNewerVersion } from '../../src/domain/incident/newer-version.ts'
import type { Log } from '../../src/ports/log.ts'
import { atRest, surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { readByOlder, withNewerSteps, withoutTheLead } from '../support/older-version.ts'
import { ASKED, ROLLBACK, running, saidOn, tell, type Telling } from '../support/rollback-story.ts'
import { LEASE_MS, pass, processOf, sharedLease, type TurnTaker } from '../support/turn-takers.ts'
import { both, outward } from './outward.ts'
import { recorder } from './recorder.ts'

/*
 * While versions change over, an older process runs beside a newer one on the same journal. The older one knows nothing
 * of somebody taking the lead: to it that is an event of a kind that it has never heard of.
 */

const A = '20261122-aaaa'
const B = '20261122-bbbb'

const CANNOT_READ = {
  level: 'error',
  message: 'an incident cannot be read; a person has to look',
  incident: A,
}

const LEFT = {
  level: 'error',
  message: 'a plan is left to another version of Backout, which made it',
  incident: A,
}

type Said = { readonly level: string; readonly message: string; readonly incident: unknown }

function listening() {
  const said: Said[] = []
  const at = (level: string) => (message: string, fields?: object) => {
    const incident = fields && 'incident' in fields ? fields.incident : null
    said.push({ level, message, incident })
  }
  const log: Log = { info: at('info'), warn: at('warn'), error: at('error') }
  return { log, errors: () => said.filter(({ level }) => level === 'error'), said }
}

/** Two processes on one journal: the older one acts, and the newer one has just been started beside it. */
async function sideBySide() {
  const around = surroundings({ ids: [A, B] })
  const lease = sharedLease(around)
  const target = recorder(around)
  const heard = listening()
  const journal = (inner: typeof around.journal) => readByOlder(inner, withoutTheLead)
  /** What somebody does when the older one has begun the run, and looks before it writes. */
  const asItBegins: { do: (() => Promise<void>) | null } = { do: null }
  const interrupted = outward(async (_call, make) => {
    const now = (await kindsIn(around, A)).includes('run-started') ? asItBegins.do : null
    if (now) asItBegins.do = null
    await now?.()
    return make()
  })
  const ways = { ...both(interrupted, target.ways), journal, log: heard.log }
  const older = processOf(around, lease.of('older'), { ways })
  const newer = processOf(around, lease.of('newer'), { ways: target.ways })
  await older.engine.resume()
  await newer.engine.resume()
  return { around, lease, target, heard, older, newer, asItBegins, end: () => around.end() }
}

async function press(process: TurnTaker, id: string, ...what: Parameters<typeof wish>) {
  const receipt = await process.engine.receive(id, wish(...what))
  if (receipt.kind === 'received') process.engine.wake(receipt.incident)
  await atRest(process.engine, process.life)
  return receipt
}

const takesLead = ['lead', { kind: 'take-lead' }, 'U0BO'] as const

async function kindsIn({ journal }: Surroundings, id: string): Promise<string[]> {
  return (await journal.read(id)).map(({ event }) => event.type)
}

test('the older one gives way to the newer one, which ends what was begun: each write once, each message once', async () => {
  const { around, target, heard, older, newer, end } = await sideBySide()
  await tell(around, older, 0, ROLLBACK.slice(0, -1))
  await press(newer, A, ...takesLead)
  await pass(around, 1_000, [older])
  expect(older.engine.acts()).toBe(false)
  expect([older.engine.open(), older.engine.unreadable()]).toEqual([[], [A]])
  await pass(around, 1_000, [newer, older])
  expect([newer.engine.acts(), older.engine.acts()]).toEqual([true, false])
  expect((await newer.engine.load(A))?.lead?.by).toBe('U0BO')

  // The second signature comes to the older one.
  const digest = (await newer.engine.load(A))?.plans[0]?.plan?.digest ?? ''
  const receipt = await press(older, A, 'late', { kind: 'approve', plan: 1, digest }, 'U0CY')
  expect(receipt).toMatchObject({ kind: 'left', because: { reason: 'left-to-newer-version' } })
  if (receipt.kind !== 'left') throw new Error('it was not left')
  expect(JSON.stringify(refusalText(receipt.because))).toMatch(/is written down/)
  const headline = around.slack.messages.find(({ key }) => key.startsWith('headline:'))
  const place = { channel: headline?.channel ?? '', thread: headline?.ts ?? '' }
  await expect(older.engine.inThread(place)).rejects.toSatisfy(isOfNewerVersion)
  expect(target.written).toEqual([])
  await pass(around, 1_000, [newer, older])
  expect((await newer.engine.load(A))?.plans[0]?.run?.ended?.outcome).toBe('succeeded')
  expect(target.written).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
  expect(await running(around)).toBe('v1.9.0,v1.9.0')
  const keys = around.slack.messages.map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)

  await pass(around, 3 * LEASE_MS, [newer, older])
  expect([newer.engine.acts(), older.engine.acts()]).toEqual([true, false])
  expect(heard.errors()).toEqual([CANNOT_READ])
  end()
})

test('the older one writes nothing of a run that a newer one has written about', async () => {
  const { around, target, heard, older, newer, asItBegins, end } = await sideBySide()
  await tell(around, older, 0, ROLLBACK.slice(0, -1))
  asItBegins.do = async () => void (await newer.engine.receive(A, wish(...takesLead)))
  await tell(around, older, ROLLBACK.length - 1)
  expect(asItBegins.do).toBeNull()
  expect(target.written).toEqual([])
  for (let turns = 0; turns < 4; turns += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await pass(around, 1_000, [older, newer])
  }
  expect((await newer.engine.load(A))?.plans[0]?.run?.ended?.outcome).toBe('succeeded')
  expect(target.written).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
  expect(heard.errors()).toEqual([CANNOT_READ])
  end()
})

test('the older one, alone, leaves that incident as it is and serves the others', async () => {
  const { around, lease, heard, older, newer, end } = await sideBySide()
  await tell(around, older, 0, ROLLBACK.slice(0, 2))
  await press(newer, A, ...takesLead)
  await pass(around, 1_000, [older, newer])
  await pass(around, 1_000, [newer])
  expect((await newer.engine.load(A))?.lead?.by).toBe('U0BO')
  await newer.engine.stop()
  // Nobody newer is there any more.
  const again = processOf(around, lease.of('again'), {
    ways: { journal: (inner) => readByOlder(inner, withoutTheLead), log: heard.log },
  })
  await again.engine.resume()
  expect(again.engine.acts()).toBe(true)
  const before = await kindsIn(around, A)
  await tellB(again)
  for (let turns = 0; turns < 3; turns += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await pass(around, 10_000, [again])
  }
  expect((await again.engine.load(B))?.declared).toBeTruthy()
  expect(again.engine.open().map(({ id }) => id)).toEqual([B])
  expect(again.engine.unreadable()).toEqual([A])
  expect(await kindsIn(around, A)).toEqual(before)
  // Once in each of the two processes.
  expect(heard.errors()).toEqual([CANNOT_READ, CANNOT_READ])
  end()
})

describe('a plan whose steps the older one does not know', () => {
  /** Made by a newer one, which ends when all that is told, or as soon as it has begun the run. */
  async function madeByNewer(story: readonly Telling[]) {
    const around = surroundings({ ids: [A] })
    const lease = sharedLease(around)
    const target = recorder(around)
    const endsThere = outward(async (_call, make) => {
      if ((await kindsIn(around, A)).includes('run-started')) void newer.engine.stop()
      return make()
    })
    const newer = processOf(around, lease.of('newer'), { ways: both(endsThere, target.ways) })
    await newer.engine.resume()
    await tell(around, newer, 0, story)
    await newer.engine.stop()
    const heard = listening()
    const journal = (inner: typeof around.journal) => readByOlder(inner, withNewerSteps)
    const older = processOf(around, lease.of('older'), {
      ways: { ...target.ways, journal, log: heard.log },
    })
    await older.engine.resume()
    return { around, lease, target, heard, older, end: () => around.end() }
  }

  test('is signed there as ever, neither changed nor begun, and carried out once a newer one acts', async () => {
    const { around, lease, target, heard, older, end } = await madeByNewer(ASKED)
    await tell(around, older, ASKED.length)
    for (let turns = 0; turns < 3; turns += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await pass(around, 10_000, [older])
    }
    const kinds = await kindsIn(around, A)
    expect(kinds.filter((kind) => kind === 'plan-approved')).toHaveLength(2)
    expect(kinds.filter((kind) => /^(plan-voided|run-|step-)/.test(kind))).toEqual([])
    expect(heard.errors()).toEqual([LEFT])
    await older.engine.stop()
    const later = processOf(around, lease.of('later'), { ways: target.ways })
    await later.engine.resume()
    await pass(around, 1_000, [later])
    expect((await later.engine.load(A))?.plans[0]?.run?.ended?.outcome).toBe('succeeded')
    expect(target.written.toSorted()).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
    end()
  })

  test('waits there where it was begun, says so on its card, and is stopped by whoever wants that', async () => {
    const { around, target, heard, older, end } = await madeByNewer(ROLLBACK)
    for (let turns = 0; turns < 3; turns += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await pass(around, 10_000, [older])
    }
    const kinds = await kindsIn(around, A)
    expect(kinds.filter((kind) => kind === 'step-waiting')).toHaveLength(1)
    expect(kinds).not.toContain('run-ended')
    expect(saidOn('run-1', around)).toMatch(/does not know all steps of this plan/)
    expect(heard.errors()).toEqual([LEFT])
    await press(older, A, 'stop', { kind: 'abort', plan: null }, 'U0BO')
    expect((await older.engine.load(A))?.plans[0]?.run?.ended?.outcome).toBe('aborted')
    expect(target.written).toEqual([])
    end()
  })
})

async function tellB(process: TurnTaker): Promise<void> {
  const opened = await process.engine.receive(null, wish('b-1', { kind: 'assess', symptoms: [] }))
  if (opened.kind !== 'received') throw new Error(opened.kind)
  process.engine.wake(opened.incident)
  await atRest(process.engine, process.life)
  await press(process, opened.incident, 'b-2', { kind: 'declare' })
}
