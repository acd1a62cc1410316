import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { IllegalEvent } from '../../../src/domain/incident/illegal-event.ts'
import { incidentLog } from '../../../src/engine/journal/incident-log.ts'
import { declared, opened, requested } from '../../support/builders.ts'
import { wish } from '../../support/engine-story.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import { openJournal, temporaryFolder } from '../../support/journal.ts'

const newsOf = (...incidents: readonly string[]) => ({ incidents, unreadable: [] })
const NO_NEWS = newsOf()

test('one incident that cannot be read keeps back no news of the others (J3)', async () => {
  const file = join(temporaryFolder(), 'journal.sqlite')
  const incidents = incidentLog(openJournal(file), { reach() {} })
  expect(await incidents.follow()).toEqual(NO_NEWS)

  const another = openJournal(file)
  await another.append({ incident: 'i-1', seen: 0, events: [opened, declared, declared] })
  await another.append({ incident: 'i-2', seen: 0, events: [opened, declared] })

  expect(await incidents.follow()).toEqual({ incidents: ['i-2'], unreadable: ['i-1'] })
  expect(incidents.open().map(({ id }) => id)).toEqual(['i-2'])
  await expect(incidents.load('i-1')).rejects.toThrow(IllegalEvent)
})

describe('what another process has received is news', () => {
  const click = { type: 'intent-received', received: wish('press:1', { kind: 'declare' }) } as const

  /** An incident that is known here, and a click on it at another process since. */
  async function clickedElsewhere() {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const incidents = incidentLog(openJournal(file), { reach() {} })
    const another = incidentLog(openJournal(file), { reach() {} })
    await incidents.append('i-1', () => [opened])
    expect(await incidents.follow()).toEqual(NO_NEWS)
    expect(await another.receive('i-1', click, 'any', 'press:1')).toBe('appended')
    return incidents
  }

  test('though an append has met it', async () => {
    const incidents = await clickedElsewhere()
    expect(await incidents.append('i-1', () => [requested])).toEqual({ kind: 'appended' })
    expect(await incidents.follow()).toEqual(newsOf('i-1'))
    expect(await incidents.follow()).toEqual(NO_NEWS)
  })

  test('though the newest state was asked for', async () => {
    const incidents = await clickedElsewhere()
    expect((await incidents.current('i-1')).sequence).toBe(2)
    expect(await incidents.follow()).toEqual(newsOf('i-1'))
  })

  test('though somebody has read the incident', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const incidents = incidentLog(openJournal(file), { reach() {} })
    expect(await incidents.follow()).toEqual(NO_NEWS)
    const another = incidentLog(openJournal(file), { reach() {} })
    expect(await another.receive('i-1', click, 0, 'press:1')).toBe('appended')
    expect((await incidents.load('i-1')).sequence).toBe(1)
    expect(await incidents.follow()).toEqual(newsOf('i-1'))
  })
})

test('what was appended here is no news', async () => {
  const incidents = incidentLog(openJournal(join(temporaryFolder(), 'journal.sqlite')), {
    reach() {},
  })
  expect(await incidents.follow()).toEqual(NO_NEWS)
  await incidents.append('i-1', () => [opened, declared])
  expect(await incidents.follow()).toEqual(NO_NEWS)
})

test('a journal that has lost what was read from it is said to have, and is not asked for ever', async () => {
  const anew = (): Journal => openJournal(join(temporaryFolder(), 'journal.sqlite'))
  const [before, after] = [anew(), anew()]
  let now = before
  const there: Journal = new Proxy(before, {
    get: (_, name: keyof Journal) => now[name].bind(now),
  })
  const incidents = incidentLog(there, { reach() {} })
  await incidents.append('i-1', () => [opened, declared])
  await after.append({ incident: 'i-1', seen: 0, events: [opened] })
  now = after
  await expect(incidents.append('i-1', () => [requested])).rejects.toMatchObject({
    code: 'history-lost',
    message: expect.stringContaining('event 2 of incident i-1 is lost'),
  })
  expect(await after.read('i-1')).toHaveLength(1)
})
