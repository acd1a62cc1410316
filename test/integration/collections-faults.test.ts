import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Collections } from '../../src/ports/collections.ts'
import { missingAllowed } from '../servers/find.ts'
import { startMongodb } from '../servers/mongodb.ts'
import type { MongodbServer } from '../servers/mongodb.ts'
import { databaseWith, openCollections } from '../support/collections-server.ts'
import {
  namesOf,
  ours,
  unheard,
  uuidOf,
  type Given,
  type Started,
} from '../support/contracts/collections-given.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'
import { mongodbProxy, type OnCommand } from '../support/mongodb-proxy.ts'

const kept = ours('old', 'projects')
const staged = ours('new', 'projects')
const documents = [
  { _id: 1, name: 'Atlas' },
  { _id: 2, name: 'Borealis' },
]
const many = Array.from({ length: 1_200 }, (_, index) => ({ _id: index, name: `p${index}` }))
const index = { key: { name: 1 }, name: 'name_1' }

describe.skipIf(missingAllowed('mongodb'))('on the way to a real server', () => {
  let server: MongodbServer
  beforeAll(async () => {
    server = await startMongodb()
  })
  afterAll(() => server.stop())

  /** The same database twice: as it is, and through somebody who does this to a command. */
  async function disturbed(given: Record<string, Given>, onCommand: OnCommand) {
    const straight = await databaseWith(server.uri, given)
    const uri = await mongodbProxy(server.uri, onCommand)
    return { straight, through: openCollections(uri, straight.database) }
  }

  /** To the n-th of these commands. */
  const at = (command: string, what: Awaited<ReturnType<OnCommand>>, nth = 1): OnCommand => {
    let seen = 0
    return async (sent) => {
      if (sent === command) seen += 1
      return sent === command && seen === nth ? what : 'pass'
    }
  }

  type Write = {
    readonly command: string
    readonly given: Record<string, Given>
    readonly write: (through: Collections, uuid: string) => Promise<unknown>
    /** Whether it stands there now. */
    readonly stands: (straight: Started) => Promise<boolean>
    /** What the same write says once it stands. */
    readonly again: unknown
  }

  const writes: Readonly<Record<string, Write>> = {
    'a rename': {
      command: 'renameCollection',
      given: { projects: { documents } },
      write: (one, uuid) => one.rename({ uuid, from: 'projects', to: kept }, patience()),
      stands: async ({ collections }) => (await namesOf(collections)).includes(kept),
      again: expect.objectContaining({ kind: 'changed-meanwhile' }),
    },
    'a drop': {
      command: 'drop',
      given: { [kept]: { documents } },
      write: (one, uuid) => one.drop({ uuid, name: kept }, patience()),
      stands: async ({ collections }) => !(await namesOf(collections)).includes(kept),
      again: expect.objectContaining({ kind: 'changed-meanwhile' }),
    },
    'an index': {
      command: 'createIndexes',
      given: { projects: { documents } },
      write: (one) => one.createIndexes('projects', [index], patience()),
      stands: async ({ collections }) =>
        (await collections.measure(['projects'], patience()))[0]?.indexes.length === 1,
      again: { kind: 'done' },
    },
    'a copy of what is missing': {
      command: 'insert',
      given: { projects: {}, [kept]: { documents } },
      write: (one) => one.copyMissing({ from: kept, to: 'projects' }, unheard, patience()),
      stands: async ({ others }) => (await others.read('projects')).length === documents.length,
      again: { copied: 0, left: [], leftCount: 0 },
    },
    'a try as the application': {
      command: 'insert',
      given: {},
      write: (one) => one.tryWrite(patience()),
      stands: async ({ collections }) => (await namesOf(collections)).length === 1,
      again: 'accepted',
    },
  }

  for (const [name, { command, given, write, stands, again }] of Object.entries(writes)) {
    const begun = async (onCommand: OnCommand) => {
      const { straight, through } = await disturbed(given, onCommand)
      const [only] = Object.keys(given)
      const uuid = only === undefined ? '' : await uuidOf(straight.collections, only)
      return { straight, through, uuid }
    }

    test(`${name} whose answer is lost may or may not have been made, and was`, async () => {
      const { straight, through, uuid } = await begun(at(command, 'lose-the-reply'))
      const fault = await faultOf(write(through, uuid))
      expect(fault).toMatchObject({ kind: 'unknown-outcome', dependency: 'mongodb' })
      await expect.poll(() => stands(straight)).toBe(true)
      expect(await write(through, uuid)).toEqual(again)
    })

    test(`${name} that never arrived may or may not have been made, and was not`, async () => {
      const { straight, through, uuid } = await begun(at(command, 'hang-up'))
      const fault = await faultOf(write(through, uuid))
      expect(fault).toMatchObject({ kind: 'unknown-outcome', dependency: 'mongodb' })
      expect(await stands(straight)).toBe(false)
      await write(through, uuid)
      const isCanary = command === 'insert' && Object.keys(given).length === 0
      expect(await stands(straight)).toBe(!isCanary)
    })
  }

  test('a fence whose answer is lost may or may not stand', async () => {
    const { through } = await disturbed({}, at('setUserWriteBlockMode', 'lose-the-reply'))
    const fault = await faultOf(through.fence('up', patience()))
    expect(fault).toMatchObject({ kind: 'unknown-outcome' })
  })

  test('a write that could not look first was certainly not made', async () => {
    const { straight, through } = await disturbed(
      { projects: { documents } },
      at('listCollections', 'be-gone'),
    )
    const uuid = await uuidOf(straight.collections, 'projects')
    const fault = await faultOf(through.rename({ uuid, from: 'projects', to: kept }, patience()))
    expect(fault).toMatchObject({ kind: 'retryable' })
    expect(await namesOf(straight.collections)).toEqual(['projects'])
  })

  const both = { projects: { documents: many }, [staged]: { documents: many } }
  test.each([
    ['the contents', (one: Collections) => one.contents('projects', unheard, patience())],
    [
      'a comparison',
      (one: Collections) => one.compare({ live: 'projects', backup: staged }, unheard, patience()),
    ],
  ])(
    '%s of a server that goes away in the middle are a fault, and nothing else',
    async (_, ask) => {
      const { through } = await disturbed(both, at('getMore', 'be-gone'))
      expect(await faultOf(ask(through))).toMatchObject({
        kind: 'retryable',
        dependency: 'mongodb',
      })
    },
  )

  test('a copy that was cut off in the middle goes on where it was, and nothing is there twice', async () => {
    const { straight, through } = await disturbed(
      { projects: {}, [kept]: { documents: many.slice(0, 220) } },
      at('insert', 'be-gone', 3),
    )
    const pair = { from: kept, to: 'projects' }
    expect(await faultOf(through.copyMissing(pair, unheard, patience()))).toMatchObject({
      kind: 'unknown-outcome',
    })
    expect(await straight.others.read('projects')).toHaveLength(100)
    const rest = await straight.collections.copyMissing(pair, unheard, patience())
    expect(rest).toEqual({ copied: 120, left: [], leftCount: 0 })
    expect(await straight.others.read('projects')).toHaveLength(220)
  })

  /** Somebody else acts between our look and our write. */
  const meanwhile = (command: string, act: () => Promise<unknown>): OnCommand => {
    let acted = false
    return async (sent) => {
      if (sent === command && !acted) {
        acted = true
        await act()
      }
      return 'pass'
    }
  }

  test.each([
    [
      'replaces the collection',
      ({ others }: Started) => others.replace('projects'),
      ['projects', 'users'],
    ],
    [
      'renames it',
      async ({ collections }: Started) => {
        const uuid = await uuidOf(collections, 'projects')
        await collections.rename({ uuid, from: 'projects', to: 'mine' }, patience())
      },
      ['mine', 'users'],
    ],
    [
      'takes the new name',
      ({ others }: Started) => others.put(kept, { _id: 'theirs' }),
      [kept, 'projects', 'users'],
    ],
  ])('when somebody %s right before it is renamed, it is not', async (_what, act, names) => {
    const given = { projects: { documents }, users: {} }
    let acts: () => Promise<unknown> = async () => undefined
    const { straight, through } = await disturbed(
      given,
      meanwhile('renameCollection', () => acts()),
    )
    acts = () => act(straight)
    const uuid = await uuidOf(straight.collections, 'projects')
    const found = await through.rename({ uuid, from: 'projects', to: kept }, patience())
    expect(found).toMatchObject({ kind: 'changed-meanwhile' })
    expect(await namesOf(straight.collections)).toEqual(names)
  })

  test('somebody who writes a missing document right before it is copied has written it', async () => {
    let acts: () => Promise<unknown> = async () => undefined
    const { straight, through } = await disturbed(
      { projects: {}, [kept]: { documents } },
      meanwhile('insert', () => acts()),
    )
    acts = () => straight.others.put('projects', { _id: 1, name: 'theirs' })
    const found = await through.copyMissing({ from: kept, to: 'projects' }, unheard, patience())
    expect(found).toEqual({ copied: 1, left: [], leftCount: 0 })
    expect(await straight.others.read('projects')).toContainEqual({ _id: 1, name: 'theirs' })
  })

  test('a comparison that is given up ends at once', async () => {
    const { through } = await disturbed(both, at('getMore', 'pass'))
    const giveUp = new AbortController()
    const report = () => giveUp.abort()
    const pair = { live: 'projects', backup: staged }
    const fault = await faultOf(through.compare(pair, report, giveUp.signal))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
  })
})
