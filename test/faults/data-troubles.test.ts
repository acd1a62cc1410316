import { describe, expect, test } from 'vitest'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { folded } from '../support/rollback-story.ts'
import { BACKUP, dataDeed, stoppedAt, stopRun, wrongIn, type Left } from './data-deed.ts'

type Hands = NonNullable<Surroundings['sandbox']['onData']>

/** What goes wrong with the tools, the disks and the backup; before which call of the restore, and what comes of it. */
type Trouble = {
  readonly what: string
  readonly at: string
  /** Which of those calls: the first, unless told. */
  readonly nth?: number
  readonly happens: (hands: Hands) => void
  readonly ends: 'succeeded' | RegExp
  /** They do it to what is restored. */
  readonly theirs?: true
}

const stagingOf =
  (collection: string) =>
  (hands: Hands): string =>
    hands.names().find((name) => {
      const kept = readKeptName(name)
      return kept?.role === 'try' && kept.collection === collection
    }) ?? ''

const TROUBLES: readonly Trouble[] = [
  ...(['make', 'restore'] as const).flatMap((at): readonly Trouble[] => {
    const its =
      (kind: Parameters<Hands['troubleTool']>[0]) =>
      (hands: Hands): void =>
        hands.troubleTool(kind)
    const failed =
      at === 'make'
        ? /misses a collection/
        : /failed to restore 3 documents; what was restored was dropped again/
    const nothing =
      at === 'make'
        ? /misses a collection/
        : /restored 0 documents; what was restored was dropped again/
    return [
      { what: 'the tool is killed', at, happens: its('killed'), ends: 'succeeded' },
      {
        what: 'the tool says that it is done, and did nothing',
        at,
        happens: its('nothing-done'),
        ends: nothing,
      },
      { what: 'the tool says that some failed', at, happens: its('some-failed'), ends: failed },
      {
        what: 'the tool is gone',
        at,
        happens: (hands) => hands.setToolVersion(null),
        ends: /it is not there/,
      },
      {
        what: 'the tool is too old',
        at,
        happens: (hands) => hands.setToolVersion('4.2.1'),
        ends: /version 4\.2\.1 is too old/,
      },
    ]
  }),
  {
    what: 'the disk of the backups is full',
    at: 'make',
    happens: (hands) => hands.setBackupRoom(1),
    ends: /no space left on the disk of the backups/,
  },
  {
    what: 'the disk of the server is too small',
    at: 'make',
    happens: (hands) => hands.setServer({ roomBytes: 1 }),
    ends: /^the disk of the server has .* free, and this needs/,
  },
  {
    what: 'the disk of the server fills up',
    at: 'restore',
    happens: (hands) => hands.setServer({ roomBytes: 10 }),
    ends: /no space left on the disk of MongoDB; what was restored was dropped again/,
  },
  ...(['cut', 'flipped'] as const).map((damage): Trouble => ({
    what: `the backup is ${damage}`,
    at: 'restore',
    happens: (hands) => hands.damageBackup(BACKUP, damage),
    ends: /not those that were signed|was cut off|bytes were changed/,
  })),
  {
    what: 'the backup is empty',
    at: 'restore',
    happens: (hands) => hands.damageBackup(BACKUP, 'empty'),
    ends: /it is empty/,
  },
  {
    what: 'the backup is a link',
    at: 'restore',
    happens: (hands) => hands.damageBackup(BACKUP, 'link'),
    ends: /it is a link/,
  },
  {
    what: 'the backup is removed',
    at: 'restore',
    happens: (hands) => hands.removeBackup(BACKUP),
    ends: /it is not there any more/,
  },
  {
    what: 'the backup is removed',
    at: 'make',
    happens: (hands) => hands.removeBackup(BACKUP),
    ends: /not in the catalogue any more/,
  },
  {
    what: 'the backup is replaced',
    at: 'restore',
    happens: (hands) =>
      hands.addBackup({
        id: BACKUP,
        changedAtMs: 1,
        collections: [{ name: 'projects', documents: [{ _id: 1 }] }],
      }),
    ends: /not those that were signed/,
  },
  {
    what: 'what is restored is renamed',
    theirs: true,
    at: 'createIndexes',
    happens: (hands) => void hands.rename(stagingOf('projects')(hands), 'mine'),
    ends: /there is no collection/,
  },
  {
    what: 'what is restored is dropped',
    at: 'rename',
    happens: (hands) => hands.drop(stagingOf('projects')(hands)),
    ends: 'succeeded',
  },
  {
    what: 'what is restored is dropped',
    at: 'contents',
    happens: (hands) => hands.drop(stagingOf('projects')(hands)),
    ends: 'succeeded',
  },
  {
    what: 'what is restored is dropped',
    at: 'rename',
    nth: 2,
    happens: (hands) => hands.drop(stagingOf('organizations')(hands)),
    ends: 'succeeded',
  },
  {
    what: 'somebody writes into what is restored',
    theirs: true,
    at: 'contents',
    happens: (hands) => void hands.write(stagingOf('projects')(hands), { _id: 'intruder' }),
    ends: /documents arrived/,
  },
  {
    what: 'an index is refused',
    theirs: true,
    at: 'createIndexes',
    happens: (hands) =>
      void hands.write(stagingOf('organizations')(hands), { _id: 'twice', slug: 'org-1' }),
    ends: /organizations: an index was refused|documents arrived/,
  },
  {
    what: 'a right is taken',
    at: 'rename',
    happens: (hands) => hands.setServer({ lacks: ['renameCollectionSameDB'] }),
    ends: /not authorized/,
  },
]

describe('a restore beside, into which something comes', () => {
  test.each(TROUBLES)(
    '$what before $at: nothing live is touched, and no trace is left',
    async (trouble) => {
      let seen = 0
      const left = await dataDeed('restore', {
        async through(call, make, around) {
          if (call.name === trouble.at) seen += 1
          const hands = around.sandbox.onData
          if (hands && call.name === trouble.at && seen === (trouble.nth ?? 1))
            trouble.happens(hands)
          return make()
        },
      })
      expect(seen).toBeGreaterThan(0)
      // What somebody did to what is restored by their own hand.
      const theirs = /^(nobody lists mine|1 writes of users are lost)$/
      expect(wrongIn(left).filter((one) => !trouble.theirs || !theirs.test(one))).toEqual([])
      expect(left).toMatchObject({ live: 'damaged', backend: 3, maintenance: null })
      if (trouble.ends === 'succeeded') {
        expect(left.outcomes.at(-1)).toBe('succeeded')
        expect(left.kept).toEqual(['new organizations of plan 1', 'new projects of plan 1'])
        return
      }
      expect(left.outcomes.at(-1)).toBe('failed')
      expect(left.says).toMatch(trouble.ends)
      expect(left.kept).toEqual([])
    },
  )
})

/** Somebody stops it right before that call of it. */
async function stopped(
  deed: 'restore' | 'switch' | 'undo',
  nth: number,
  more: boolean,
): Promise<Left> {
  return dataDeed(deed, {
    through: stoppedAt(nth),
    ...(more ? { more: [{ kind: 'undo', plan: deed === 'undo' ? 3 : 2 }] } : {}),
  })
}

test('a switch that was stopped before it began and is planned again gives back what the stop has left', async () => {
  let stops = 0
  const left = await dataDeed('switch', {
    async through(_, make, around, engine) {
      const kinds = (await folded(around))?.plans[1]?.run?.steps.map(({ kind }) => kind) ?? []
      // The services are down, and nothing is switched yet.
      if (stops === 0 && kinds[1] === 'succeeded' && kinds[2] === 'pending') {
        stops += 1
        await stopRun(around, engine)
      }
      return make()
    },
    // What stands beside is not restored anew: the services are down.
    more: [{ kind: 'database', backup: null }],
  })
  expect(stops).toBe(1)
  expect(wrongIn(left)).toEqual([])
  expect(left.outcomes).toEqual(['succeeded', 'aborted', 'succeeded'])
  expect(left).toMatchObject({ live: 'restored', backend: 3, maintenance: null })
})

test('a switch that was stopped once the data was switched and is planned again starts the services', async () => {
  let stops = 0
  const left = await dataDeed('switch', {
    async through(_, make, around, engine) {
      const made = await make()
      const kinds = (await folded(around))?.plans[1]?.run?.steps.map(({ kind }) => kind) ?? []
      if (stops === 0 && kinds[2] === 'started') {
        stops += 1
        await stopRun(around, engine)
      }
      return made
    },
    more: [{ kind: 'database', backup: null }],
  })
  expect(stops).toBe(1)
  expect(wrongIn(left)).toEqual([])
  expect(left.outcomes).toEqual(['succeeded', 'aborted', 'succeeded'])
  expect(left).toMatchObject({ live: 'restored', backend: 3, maintenance: null })
  expect(left.steps.at(-1)?.join()).not.toMatch(/switch-collections|restore-beside/)
})

describe.each(['restore', 'switch', 'undo'] as const)('%s, stopped by somebody', async (deed) => {
  const { made } = await stopped(deed, 0, false)
  const points = made.filter(
    ({ writes, name }) => writes || ['contents', 'compare', 'quiet'].includes(name),
  )
  const before = deed === 'undo' ? 'restored' : 'damaged'
  const after = deed === 'switch' ? 'restored' : 'damaged'

  test.each(points)(
    'before $name ($nth): it says what it leaves, and the way back is open',
    async ({ nth, name }) => {
      const left = await stopped(deed, nth, false)
      expect(wrongIn(left)).toEqual([])
      const ended = left.outcomes.at(-1)
      expect(['aborted', 'succeeded']).toContain(ended)
      expect([before, after]).toContain(left.live)
      if (ended === 'aborted') expect(left.said).toMatch(/was stopped/)
      if (deed === 'restore') {
        const beside = ['new organizations of plan 1', 'new projects of plan 1']
        expect(left.kept).toEqual(name === 'compare' || ended === 'succeeded' ? beside : [])
        return
      }
      if (left.backend === 3 && left.maintenance === null) return
      // Whoever reads it knows what is down, and what starts it.
      expect(left.said).toContain('*Left so until _Undo_:*')
      expect(left.said.includes('backend is stopped')).toBe(left.backend === 0)
      expect(left.said.includes('maintenance is on')).toBe(left.maintenance !== null)
      // What was stopped is started by taking it back.
      const back = await stopped(deed, nth, true)
      expect(wrongIn(back)).toEqual([])
      expect(back).toMatchObject({ live: before, backend: 3, maintenance: null })
    },
  )
})
