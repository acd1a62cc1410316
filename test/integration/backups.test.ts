import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BSON } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { startMongodb, type MongodbServer } from '../servers/mongodb.ts'
import {
  backupsIn,
  catalogueFolder,
  filledDatabase,
  dumpInto,
  toolFolders,
} from '../support/backups.ts'
import { backupsContract } from '../support/contracts/backups.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'
import { startedBackups } from '../support/backups-server.ts'
import { everyType } from '../support/every-bson-type.ts'

const nobody = () => {}
const patience = () => AbortSignal.timeout(60_000)
const wantedBackup = { id: 'asked.archive', purpose: 'asked', incident: null } as const

const some = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ _id: at, name: `n${at}`, text: 'x'.repeat(at % 90) }))

describe.skipIf(missingAllowed('mongodb'))('backups of a real server by the real tools', () => {
  let server: MongodbServer
  beforeAll(async () => {
    server = await startMongodb()
  })
  afterAll(() => server.stop())

  /** Where the tools are sent: they ask a server that is not the one that is there. */
  const asked = async (how: 'refusing' | 'silent' | undefined): Promise<string> => {
    if (how === 'refusing') return `mongodb://127.0.0.1:${await closedPort()}/`
    return how === 'silent' ? `mongodb://127.0.0.1:${(await silentServer()).port}/` : server.uri
  }

  const start = async (collections: Parameters<typeof filledDatabase>[1]) => {
    const folder = await catalogueFolder()
    const data = await filledDatabase(server.uri, collections)
    const backups = backupsIn(folder, {
      tools: toolFolders(),
      uri: server.uri,
      database: data.name,
      inventory: data.inventory,
    })
    return { folder, data, backups }
  }

  backupsContract('a folder of archives beside a real server', {
    called: 'FerretDB',
    cannot: [],
    start: async ({ server: how, ...given }) => startedBackups(server.uri, given, await asked(how)),
  })

  /** What FerretDB stores of what BSON has; the other kinds are shown to reach the tool unchanged in test/faults. */
  const everyStored = [
    'double',
    'text',
    'long',
    'document',
    'binary',
    'uuid',
    'id',
    'yes',
    'no',
    'date',
    'nothing',
    'pattern',
    'int',
    'timestamp',
    'int64',
  ] as const
  const rich = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      _id: at,
      '10': 'first as it was written',
      '2': at,
      ...Object.fromEntries(everyStored.map((name) => [name, everyType[name]])),
      array: [1, 'two', null, { three: 3 }],
      whole: new BSON.Double(5),
      big: BSON.Long.fromNumber(5),
    }))

  test('documents come back byte for byte from archives and folders, plain and gzipped', async () => {
    const { folder, data, backups } = await start({ projects: rich(50), users: some(30) })
    await data.database.collection('users').createIndex({ name: -1 }, { unique: true })
    const raw = async (name: string) => {
      const documents = await data.rawDocuments(name)
      return documents.map((one) => Buffer.from(one).toString('hex')).toSorted()
    }
    const before = await raw('projects')
    for (const [id, options] of [
      ['plain.archive', [`--archive=${join(folder, 'plain.archive')}`]],
      ['gzipped.gz', ['--gzip', `--archive=${join(folder, 'gzipped.gz')}`]],
      ['gzipped-folder', ['--gzip', `--out=${join(folder, 'gzipped-folder')}`]],
      ['folder', [`--out=${join(folder, 'folder')}`]],
    ] as const) {
      await dumpInto(server.uri, { database: data.name, options })
      // As mongodump writes it since 100.12, after all else.
      if (id === 'folder') await writeFile(join(folder, id, 'prelude.json'), '{}')
      const verified = await backups.verify(id, nobody, patience())
      if (verified.kind !== 'verified') throw new Error(`${id}: ${verified.because}`)
      const { collections, artefact } = verified.manifest
      const [projects, users] = ['projects', 'users'].map((name) =>
        collections.find((one) => one.name === name),
      )
      expect(users?.indexes).toEqual([{ v: 2, key: { name: -1 }, name: 'name_-1', unique: true }])
      const as = `__rb_${id}__projects`
      const wanted = { id, ...artefact, collections: [{ name: 'projects', as }] }
      expect(await backups.restore(wanted, nobody, patience())).toEqual({
        kind: 'restored',
        collections: [projects],
      })
      expect(await raw(as)).toEqual(before)
    }
    expect(await raw('projects')).toEqual(before)
    const names = (await data.inventory()).map(({ name }) => name)
    expect(names.filter((name) => name.endsWith('users'))).toEqual(['users'])
  })

  test('a collection that is not empty is never written to unnoticed', async () => {
    const { backups } = await start({ projects: some(20), users: some(3) })
    const made = await backups.make(wantedBackup, nobody, patience())
    if (made.kind !== 'made') throw new Error(made.because)
    const { artefact } = made.manifest
    const wanted = {
      id: wantedBackup.id,
      ...artefact,
      collections: [{ name: 'users', as: 'projects' }],
    }
    expect(await backups.restore(wanted, nobody, patience())).toEqual({
      kind: 'refused',
      because: 'two of its documents have the same key, or the collection was not empty',
    })
  })

  test('nothing goes on writing once Backout was killed in the middle', async () => {
    const { folder, data, backups } = await start({ projects: some(20_000) })
    const made = await backups.make(wantedBackup, nobody, patience())
    if (made.kind !== 'made') throw new Error(made.because)
    const as = '__rb_killed__projects'
    const before = await configFolders()
    const script = join(import.meta.dirname, '../support/restore-slowly.ts')
    const options = { folder, tools: toolFolders(), uri: server.uri, database: data.name, as }
    const { id, artefact } = made.manifest
    const child = spawn(process.execPath, [script, JSON.stringify({ ...options, id, artefact })], {
      stdio: 'inherit',
    })
    const documents = async () => (await data.contents(as))?.documents ?? 0
    await eventually(documents, (count) => count > 0)
    const [tool = 0] = await pidsOf(as)
    expect(tool).not.toBe(0)
    child.kill('SIGKILL')
    await eventually(
      () => pidsOf(as),
      (pids) => pids.length === 0,
    )
    const after = await documents()
    expect(after).toBeLessThan(20_000)
    expect(await documents()).toBe(after)
    expect((await configFolders()).filter((name) => !before.includes(name))).toEqual([])
  })
})

/** Those in which an address has its name for a moment. */
async function configFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('backout-tool-'))
}

/** Programs of this machine that were told this name. */
async function pidsOf(word: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const told = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return told.includes(word) && told.includes('mongorestore') && told.includes('--archive')
        ? [pid]
        : []
    }),
  )
  return found.flat()
}
