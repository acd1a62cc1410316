import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keptTexts } from '../../src/adapters/files/kept-texts.ts'
import { keepRehearsals } from '../../src/compose/rehearsal/keep-rehearsals.ts'
import { parseSettings } from '../../src/config/parse-settings.ts'
import { parseEnvironment } from '../../src/config/environment.ts'
import type { View } from '../../src/domain/base/view.ts'
import { rehearsalsIn } from '../../src/domain/rehearsal/rehearsal.ts'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import { folded, planned, rolledBack, SIGNED, tellMore } from '../support/rollback-story.ts'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR

/** Reminded every thirty days, from eight o'clock (UTC) on. */
const settings = { everyDays: 30, hourUtc: 8 }

function configOf(data: string) {
  const [parsed] = parseSettings(
    'environment: staging\nslack: { channels: [C0STAGING] }\nservices: [{ name: a, url: "http://a.test" }]\n',
    'backout.yaml',
    {},
  )
  const environment = parseEnvironment({ BACKOUT_DATA: data })
  if (!('settings' in parsed) || !('environment' in environment)) throw new Error('not right')
  return { settings: parsed.settings, environment: environment.environment }
}

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backout-rehearsal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** One process that reminds, over incidents as they are. `say` throws: Slack is away. */
function reminding(
  around: Surroundings,
  {
    data = dataFolder(),
    acts = () => true,
    say = () => {},
  }: { readonly data?: string; readonly acts?: () => boolean; readonly say?: () => void } = {},
) {
  const process = around.startProcess()
  const said: string[] = []
  const lookedBack: number[] = []
  let turn = async (): Promise<void> => undefined
  const kept = keepRehearsals(configOf(data), settings, {
    kept: keptTexts(data),
    lately(lastMs) {
      lookedBack.push(lastMs)
      return process.engine.lately(lastMs)
    },
    acts,
    conversations: {
      async post(_place, { text }: View) {
        say()
        said.push(text)
        return { ts: '1' }
      },
      find: async () => null,
    },
    shownIn: (view) => view,
    clock: around.clock,
    log: { info() {}, warn() {}, error() {} },
    everyTurn(next) {
      turn = next
      return { stop: async () => {} }
    },
  })
  onTestFinished(() => kept.stop())
  return { ...process, said, lookedBack, turn: () => turn() }
}

/** Moves the clock to the next hour of that name on a working day, so many days later at least. */
function pass(around: Surroundings, days: number, hour = 12): void {
  around.pass(days * DAY)
  for (;;) {
    const now = new Date(around.clock.now())
    const isWorking = now.getUTCDay() > 0 && now.getUTCDay() < 6
    if (isWorking && now.getUTCHours() === hour) return
    around.pass(HOUR)
  }
}

const NEVER = 'As far as Backout knows, nobody has ever rehearsed the way back of staging.'
const UNDO = planned({ kind: 'undo', plan: 1 })

test('people are reminded once a week, on working days, in working hours', async () => {
  const around = surroundings()
  const { said, turn } = reminding(around)
  for (const hour of [2, 7, 16, 23]) {
    pass(around, 0, hour)
    await turn()
  }
  expect(said).toEqual([])
  pass(around, 0)
  await turn()
  await turn()
  expect(said).toEqual([NEVER])
  around.pass(5 * DAY)
  await turn()
  expect(said).toHaveLength(1)
  pass(around, 2)
  await turn()
  expect(said).toEqual([NEVER, NEVER])
})

test('a rollback that was undone again is told with its times, and then nobody is reminded for thirty days', async () => {
  const around = surroundings()
  const data = dataFolder()
  const first = reminding(around, { data })
  await first.turn()
  const { engine, life } = await rolledBack(around)
  await first.turn()
  expect(first.said).toEqual([])
  await tellMore(around, { engine, life }, [UNDO, ...SIGNED])
  const [rehearsal, ...others] = rehearsalsIn([(await folded(around)) ?? fail()])
  expect(others).toEqual([])
  expect(rehearsal).toMatchObject({ there: { plan: 1 }, back: { plan: 2 } })
  expect(rehearsal?.there.ranMs).toBeGreaterThan(0)
  await first.turn()
  await first.turn()
  expect(first.said).toEqual([
    expect.stringMatching(
      /^The way back of staging was taken, there and back again\. There in [^,]+, back in /,
    ),
  ])

  // Started anew it repeats nothing, and knows how long it was.
  const second = reminding(around, { data })
  pass(around, 22)
  await second.turn()
  expect(second.said).toEqual([])
  pass(around, 10)
  await second.turn()
  expect(second.said).toEqual([
    expect.stringMatching(/^Nobody has rehearsed the way back of staging for 3\d days\.$/),
  ])
})

test('a rollback alone is none, and one that was there before anybody looked is no news', async () => {
  const around = surroundings()
  const { engine, life } = await rolledBack(around)
  expect(rehearsalsIn([(await folded(around)) ?? fail()])).toEqual([])
  await tellMore(around, { engine, life }, [UNDO, ...SIGNED])
  const { said, turn } = reminding(around)
  pass(around, 1)
  await turn()
  expect(said).toEqual([])
})

test('what Slack does not take is told later, once; and another process that acts is left to it', async () => {
  const around = surroundings()
  let isAway = true
  const data = dataFolder()
  const say = () => {
    if (isAway) throw new Error('Slack is away')
  }
  const { said, turn } = reminding(around, { data, say })
  pass(around, 0)
  await turn()
  isAway = false
  around.pass(60_000)
  await turn()
  await turn()
  expect(said).toEqual([NEVER])
  const idle = reminding(around, { acts: () => false })
  await idle.turn()
  expect(idle.said).toEqual([])
})

test('what one process told while another did not act is not told again when that one acts again', async () => {
  const around = surroundings()
  const data = dataFolder()
  const said: string[] = []
  let acting: 'A' | 'B' = 'A'
  const a = reminding(around, { data, acts: () => acting === 'A' })
  const b = reminding(around, { data, acts: () => acting === 'B' })
  const turns = async () => {
    await a.turn()
    await b.turn()
    said.push(...a.said.splice(0), ...b.said.splice(0))
  }
  pass(around, 0)
  await turns()
  expect(said).toEqual([NEVER])

  // Reminded by the other one, a week later.
  acting = 'B'
  pass(around, 7)
  await turns()
  expect(said.splice(0)).toEqual([NEVER, NEVER])
  acting = 'A'
  await turns()
  expect(said).toEqual([])

  // And what was rehearsed is told by the other one.
  acting = 'B'
  const { engine, life } = await rolledBack(around)
  await tellMore(around, { engine, life }, [UNDO, ...SIGNED])
  await turns()
  expect(said.splice(0)).toEqual([expect.stringMatching(/^The way back of staging was taken/)])
  acting = 'A'
  await turns()
  expect(said).toEqual([])
})

test('who acts again looks as far back as at first: the one before may have seen less', async () => {
  const around = surroundings()
  let isActing = true
  const { lookedBack, turn } = reminding(around, { acts: () => isActing })
  pass(around, 0)
  await turn()
  await turn()
  isActing = false
  await turn()
  isActing = true
  await turn()
  expect(lookedBack).toEqual([30 * DAY, HOUR, 30 * DAY])
})

function fail(): never {
  throw new Error('there is an incident')
}
