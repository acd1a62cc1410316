import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { KeptDrills } from '../../src/domain/drill/kept.ts'
import { hasDone } from '../../src/domain/plan/run.ts'
import {
  declaredIn,
  drillFolder,
  drillStage,
  startOf,
  startTrap,
  teamOf,
} from '../support/drill-stage.ts'
import { memorySlack } from '../support/memory-slack.ts'
import { BO, CY, DRILLS, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

/** Everything that a process has of the real production: each of it throws, and says that it was asked. */
function realPorts() {
  const asked: string[] = []
  const throwing = (name: string): unknown =>
    new Proxy(() => null, {
      get: (_, key) => throwing(`${name}.${String(key)}`),
      apply: () => {
        asked.push(name)
        throw new Error(`${name} is real`)
      },
    })
  const names = ['openWorld', 'world', 'production', 'metrics', 'pagers', 'journal', 'statusPage']
  const ports = Object.fromEntries(names.map((name) => [name, throwing(name)]))
  return { asked, ports: { ...ports, pagers: [throwing('pager')], mailer: throwing('mailer') } }
}

async function staged(
  slack = memorySlack(),
  folder = drillFolder(),
  acts: () => boolean = () => true,
) {
  const trap = await startTrap()
  const real = realPorts()
  const stage = drillStage(teamOf(trap.at, folder), real.ports, slack, acts)
  onTestFinished(async () => {
    await stage.drills.rest()
    await trap.stop()
  })
  return { ...stage, stage, trap, real, folder }
}

const keptIn = (folder: string) =>
  KeptDrills.parse(JSON.parse(readFileSync(join(folder, 'drills', 'drills.json'), 'utf8')))

describe('a drill is made of the simulation alone', () => {
  test('from its begin to its score nothing real is asked, and nothing is said elsewhere', async () => {
    const { stage, slack, trap, real, type, wish, incident, folder } = await staged()
    expect((await type(startOf('errors-62', 'lost-reply'))).text).toMatch(/has begun/)
    const id = await declaredIn(stage)
    await wish(id, { kind: 'plan', request: { kind: 'kubernetes', toVersion: null } })
    const planned = await incident(id, 'a plan', ({ plans }) => plans[0]?.shownAt != null)
    const { digest = '' } = planned.plans[0]?.plan ?? {}
    for (const by of [BO, CY]) {
      // The first time they are asked whether they have read it.
      for (const times of [1, 2]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const card = await until(
          () => slack.messages.find(({ key }) => key === `plan-1:${id}`)?.ts,
          `the card of the plan, for the ${times}. time`,
        )
        // oxlint-disable-next-line no-await-in-loop -- as above
        await wish(id, { kind: 'approve', plan: 1, digest }, by, card)
      }
    }
    await incident(id, 'it to be done', ({ plans }) => hasDone(plans[0]?.run ?? null))
    await wish(id, { kind: 'close', closing: { outcome: 'resolved' } })
    await incident(id, 'it to be closed', ({ closed }) => closed !== null)
    expect((await type({ what: 'stop' })).text).toMatch(/The drill ends/)
    const score = await until(
      () => slack.messages.find(({ key }) => key.startsWith('drill-ended:')),
      'its score',
      30_000,
    )
    expect(score.view.text).toMatch(/^DRILL: .*errors-62 has ended/)
    expect(keptIn(folder).scores).toMatchObject([{ did: 'rolled-back', decision: 'right' }])
    expect(trap.connections()).toBe(0)
    expect(real.asked).toEqual([])
    for (const { channel, view } of [...slack.messages, ...slack.files.map(asMessage)]) {
      expect(channel).toBe(DRILLS)
      expect(view.text).toMatch(/^DRILL: simulated production/)
    }
    expect(slack.messages.length).toBeGreaterThan(6)
  })

  test('what would speak elsewhere throws', async () => {
    const { onlyIn } = await import('../../src/compose/drills/in-drill-channel.ts')
    const slack = memorySlack()
    const held = onlyIn(DRILLS, slack.conversations)
    const place = { channel: INCIDENTS, thread: null }
    const view = { text: 'all is red', blocks: [] }
    const file = { name: 'f', title: 't', altText: null, bytes: new Uint8Array() }
    const { signal } = new AbortController()
    for (const send of [
      () => held.post(place, view, 'k'),
      () => held.update({ channel: INCIDENTS, ts: '1.0' }, view, 'k'),
      () => held.tell(BO, place, view),
      () => held.tell(BO, { channel: 'D0BO', thread: null }, view),
      () => held.find(place, 'k', 0),
      () => held.upload(place, file, signal),
      () => held.findFile(place, 'f', 0, signal),
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(send()).rejects.toThrow(/in the channel of the drills alone/)
    }
    expect(await held.linkTo({ channel: INCIDENTS, ts: '1.0' })).toBeNull()
    expect([slack.messages, slack.told, slack.files]).toEqual([[], [], []])
  })
})

const asMessage = ({ channel, title }: { channel: string; title: string }) => ({
  channel,
  view: { text: title.replace('production:', 'production.') },
})

describe('a process that ends in the middle of a drill', () => {
  test('the next one ends it and says why, once; then another can begin', async () => {
    const before = await staged()
    await before.type(startOf('redis-down'))
    const id = await declaredIn(before.stage)
    const { slack, folder } = before
    // As a kill leaves it: nothing is scored, nothing is told.
    const left = keptIn(folder)
    await before.drills.rest()
    expect(keptIn(folder).running?.scenario).toBe('redis-down')
    writeFileSync(join(folder, 'drills', 'drills.json'), JSON.stringify(left))

    const after = await staged(slack, folder)
    expect(() => after.served()).toThrow(/no drill/)
    after.drills.work()
    const ended = await until(
      () => slack.messages.find(({ key }) => key.startsWith('drill-ended:')),
      'the next process to say so',
      15_000,
    )
    await until(() => keptIn(folder).untold.length === 0, 'it to be written down that it was told')
    expect(JSON.stringify(ended.view)).toMatch(/started anew.*gone with the process/)
    expect(keptIn(folder)).toMatchObject({
      running: null,
      scores: [{ end: 'restarted', incident: id, decision: 'undecided' }],
      untold: [],
    })
    expect((await after.type(startOf('healthy'))).text).toMatch(/has begun/)
    expect(slack.messages.filter(({ key }) => key.startsWith('drill-ended:'))).toHaveLength(1)
  })

  test.each(['no journal', 'a journal that nobody can read'])('that left %s', async (left) => {
    const [slack, folder] = [memorySlack(), drillFolder()]
    mkdirSync(join(folder, 'drills'))
    const startedAt = new Date().toISOString()
    const drill = { id: 'drill-gone', scenario: 'healthy', wanted: 'do-not', fault: null }
    const running = { ...drill, secret: true, by: BO, startedAt }
    const kept = { schema: 1, running, scores: [], untold: [] }
    writeFileSync(join(folder, 'drills', 'drills.json'), JSON.stringify(kept))
    if (left !== 'no journal') {
      mkdirSync(join(folder, 'drills', drill.id))
      writeFileSync(
        join(folder, 'drills', drill.id, 'journal.sqlite'),
        'nothing of ours'.repeat(99),
      )
    }
    const after = await staged(slack, folder)
    expect((await after.type(startOf('healthy'))).text).toMatch(/has begun/)
    expect(keptIn(folder).scores).toEqual([])
    const told = slack.messages.find(({ key }) => key === `drill-ended:${drill.id}`)
    expect(told?.view.text).toMatch(/healthy has ended\. It has no score/)
  })
})

describe('many drills', () => {
  test('leave no more behind than the last ten of them, and nothing open', async () => {
    const { stage, type, folder, slack, warnings } = await staged()
    const open = () => readdirSync('/proc/self/fd').length
    const ended = () => slack.messages.filter(({ key }) => key.startsWith('drill-ended:')).length
    const play = async () => {
      const count = ended()
      await type(startOf('healthy'))
      await declaredIn(stage)
      await type({ what: 'stop' })
      await until(() => ended() > count, 'it to end', 30_000)
    }
    await play()
    const atFirst = open()
    for (let left = 14; left > 0; left -= 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await play()
    }
    expect(open()).toBeLessThanOrEqual(atFirst + 2)
    const folders = readdirSync(join(folder, 'drills')).filter((name) => name.startsWith('drill-'))
    expect(folders).toHaveLength(10)
    expect(keptIn(folder).scores).toHaveLength(15)
    expect(warnings).toEqual([])
  })

  test('begin one at a time, however many ask at once', async () => {
    const { type, folder } = await staged()
    const answers = await Promise.all(Array.from({ length: 20 }, () => type(startOf('any'))))
    expect(answers.filter(({ text }) => /has begun/.test(text))).toHaveLength(1)
    expect(answers.filter(({ text }) => /running already/.test(text))).toHaveLength(19)
    expect(keptIn(folder).scores).toEqual([])
  })
})

describe('of several processes the one that acts plays', () => {
  test('one that acts no more leaves its drill to the next, which ends it and scores what there is', async () => {
    let acting = 'A'
    const a = await staged(memorySlack(), drillFolder(), () => acting === 'A')
    const b = await staged(a.slack, a.folder, () => acting === 'B')
    a.drills.work()
    b.drills.work()
    await a.type(startOf('errors-62'))
    await declaredIn(a.stage)
    acting = 'B'
    const score = await until(
      () => a.slack.messages.find(({ key }) => key.startsWith('drill-ended:')),
      'the other one to end it',
      30_000,
    )
    expect(score.view.text).toMatch(/errors-62 has ended/)
    await until(() => 'reason' in (a.drills.beside[0]?.served() ?? {}), 'the first one to leave it')
    expect(keptIn(a.folder)).toMatchObject({ running: null, scores: [{ end: 'restarted' }] })
    expect((await b.type(startOf('healthy'))).text).toMatch(/has begun/)
  }, 60_000)

  test('what was played on a disk that is not here has no score, and that is said', async () => {
    let acting = 'A'
    const a = await staged(memorySlack(), drillFolder(), () => acting === 'A')
    await a.type(startOf('errors-62'))
    const { running } = keptIn(a.folder)
    const b = await staged(a.slack, drillFolder(), () => acting === 'B')
    mkdirSync(join(b.folder, 'drills'), { recursive: true })
    writeFileSync(
      join(b.folder, 'drills', 'drills.json'),
      readFileSync(join(a.folder, 'drills', 'drills.json')),
    )
    acting = 'B'
    b.drills.work()
    const told = await until(
      () => b.slack.messages.find(({ key }) => key === `drill-ended:${running?.id}`),
      'the other one to end it',
      30_000,
    )
    expect(told.view.text).toMatch(/errors-62 has ended\. It has no score/)
    expect(keptIn(b.folder)).toMatchObject({ running: null, scores: [] })
    // Nothing was made for it; what is kept may be written at this moment.
    const made = readdirSync(join(b.folder, 'drills')).filter((name) => name.startsWith('drill-'))
    expect(made).toEqual([])
  }, 60_000)
})
