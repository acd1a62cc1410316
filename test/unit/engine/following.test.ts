import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import { following } from '../../../src/engine/journal/following.ts'
import { incidentLog } from '../../../src/engine/journal/incident-log.ts'
import { journalTold } from '../../../src/engine/journal/journal-told.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import { declared, opened } from '../../support/builders.ts'
import { openJournal, temporaryFolder } from '../../support/journal.ts'

function followed() {
  const clock = { ms: 0, now: () => clock.ms }
  const said: string[] = []
  const at = (level: string) => (message: string) => void said.push(`${level}: ${message}`)
  const told = journalTold({
    log: { info: at('info'), warn: at('warn'), error: at('error') },
    clock,
  })
  const inner = openJournal(join(temporaryFolder(), 'journal.sqlite'))
  const away = { is: false }
  const journal: Journal = {
    ...inner,
    async head() {
      if (away.is) throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'away' })
      return inner.head()
    },
    async follow(position) {
      if (away.is) throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'away' })
      return inner.follow(position)
    },
  }
  /** As each engine of a process has it, one after the other. */
  const engine = () => following({ incidents: incidentLog(journal, { reach() {} }), told })
  return { clock, said, told, inner, away, engine }
}

describe('that the journal cannot be followed', () => {
  test('is said once when it begins and once when it ends, whichever engine meets it', async () => {
    const { said, away, engine } = followed()
    away.is = true
    for (const others of [engine(), engine()]) {
      expect(await others.incidents()).toEqual([])
      expect(await others.news()).toEqual({ incidents: [], unreadable: [] })
    }
    expect(said).toEqual(['error: the journal cannot be followed; it is tried again'])
    away.is = false
    const last = engine()
    await last.news()
    await last.news()
    expect(said.slice(1)).toEqual(['info: the journal can be followed again'])
    away.is = true
    await last.news()
    expect(said).toHaveLength(3)
  })

  test('shows in how long ago it was, which is not known before the first time', async () => {
    const { clock, told, away, engine } = followed()
    const others = engine()
    away.is = true
    await others.news()
    expect(told.followedAgoMs()).toBeNull()
    away.is = false
    await others.news()
    clock.ms = 3_000
    expect(told.followedAgoMs()).toBe(3_000)
    away.is = true
    await others.news()
    clock.ms = 40_000
    expect(told.followedAgoMs()).toBe(40_000)
  })
})

test('what cannot be read is told to whoever asks for all news, though somebody else has met it', async () => {
  const { inner, engine } = followed()
  const others = engine()
  await others.news()
  await inner.append({ incident: 'i-1', seen: 0, events: [opened, declared, declared] })
  await inner.append({ incident: 'i-2', seen: 0, events: [opened, declared] })
  expect(await others.incidents()).toEqual(['i-2'])
  expect(await others.news()).toEqual({ incidents: [], unreadable: ['i-1'] })
  expect(await others.news()).toEqual({ incidents: [], unreadable: [] })
})
