import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { BackupsOptions } from '../../src/adapters/backups/backups.ts'
import { contentsReader } from '../../src/adapters/backups/contents-reader.ts'
import { folderStorage } from '../../src/adapters/backups/folder-storage.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { isRunning, untilGone } from '../servers/run.ts'
import { backupsIn, catalogueFolder } from '../support/backups.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { archiveOf, archivePieces, bson, type Dumped } from '../support/dumped.ts'
import { fakeTools, type FakeTool } from '../support/fake-tools.ts'
import { everyType } from '../support/every-bson-type.ts'

const nobody = () => {}
const patience = () => AbortSignal.timeout(20_000)
const uri = 'mongodb://ana:s3cret-pa55@db.example:27017/shop?replicaSet=rs0'

const many = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, at) => bson({ _id: at, ...everyType, text: 'x'.repeat(at) }))
const users = many(12)
const projects = many(4)
const dump: readonly Dumped[] = [
  { collection: 'users', documents: users },
  { db: 'crm', collection: 'contacts', documents: many(3) },
  { collection: 'projects', documents: projects },
  { db: 'shop2', collection: 'users', documents: many(3) },
]
const archive = archiveOf(dump)

/** More than fits into any pipe. */
const big = archiveOf([{ collection: 'users', documents: many(500) }])

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const catalogue = async (
  tool: FakeTool,
  options: Partial<BackupsOptions> = {},
  bytes = archive,
) => {
  const folder = await catalogueFolder()
  await writeFile(join(folder, 'a.archive'), bytes)
  const tools = await fakeTools(tool)
  const backups = backupsIn(folder, { tools: [tools.folder], uri, patienceMs: 700, ...options })
  const wanted = {
    id: 'a.archive',
    sha256: sha256(bytes) as string | null,
    bytes: bytes.length,
    collections: [{ name: 'users', as: '__rb_i_p1_trya__users' }],
  }
  const restore = (changes: Partial<typeof wanted> = {}, signal = patience()) =>
    backups.restore({ ...wanted, ...changes }, nobody, signal)
  return { folder, backups, tools, restore }
}

const counts = (restored: number, failed = 0, code = 0): FakeTool => ({
  does: 'counts',
  restored,
  failed,
  code,
})

describe('what reaches the tool', () => {
  test('is an archive of the wanted collections alone, byte for byte', async () => {
    for (const bytes of [archive, gzipSync(archive)]) {
      const { tools, restore } = await catalogue(counts(16), {}, bytes)
      const collections = ['users', 'projects'].map((name) => ({ name, as: `__rb_x__${name}` }))
      const restored = await restore({ collections })
      expect(restored).toMatchObject({ kind: 'restored' })
      const reader = contentsReader('shop')
      reader.push(await tools.taken())
      reader.end()
      const { collections: taken, otherDatabases } = reader.contents()
      expect(otherDatabases).toEqual([])
      expect(taken).toEqual('collections' in restored ? restored.collections.toReversed() : null)
      expect((await tools.taken()).includes('contacts')).toBe(false)
    }
  })

  test('is nothing of one with the accounts of the server, which is not chosen again', async () => {
    const accounts = { db: 'admin', collection: 'system.users', documents: many(3) }
    const { backups, tools, restore } = await catalogue(
      counts(12),
      {},
      archiveOf([...dump, accounts]),
    )
    const because = expect.stringMatching(/^it holds the database admin too, .*never restored/)
    expect(await restore()).toEqual({ kind: 'refused', because })
    await expect(tools.taken()).rejects.toThrow(/ENOENT/)
    expect(await backups.list(patience())).toMatchObject([{ problem: because }])
  })

  test('names neither the account nor its password where others can read', async () => {
    const { tools, restore } = await catalogue(counts(12))
    await restore()
    const { args, env, config, mode, names } = await tools.seen()
    expect(config).toBe(
      'uri: "mongodb://ana:s3cret-pa55@db.example:27017/?replicaSet=rs0&authSource=shop"\n',
    )
    expect(mode).toBe(0o600)
    expect(names).toBe(0)
    expect(JSON.stringify([args, env])).not.toMatch(/s3cret|ana|db\.example/)
    expect(Object.keys(env).filter((name) => !/^(_|PWD|OLDPWD|SHLVL)/.test(name))).toEqual(['LANG'])
    expect(args.slice(2)).toEqual([
      '--archive',
      '--stopOnError',
      '--noIndexRestore',
      '--bypassDocumentValidation',
      '--numInsertionWorkersPerCollection=4',
      '--nsInclude=shop.users',
      '--nsFrom=shop.users',
      '--nsTo=__rb_i_p1_trya__users'.replace('=', '=shop.'),
    ])
  })

  test('is slowed down where the settings say so', async () => {
    const { restore } = await catalogue(counts(500), { bytesPerSecond: big.length }, big)
    const startedMs = performance.now()
    expect(await restore()).toMatchObject({ kind: 'restored' })
    expect(performance.now() - startedMs).toBeGreaterThan(900)
  })
})

describe('a tool that lies or fails', () => {
  test.each<[string, FakeTool, RegExp]>([
    ['restored nothing and ends well', counts(0), /restored 0 of 12 documents/],
    ['restored some and ends well', counts(11), /restored 11 of 12/],
    ['restored more', counts(13), /restored 13 of 12/],
    ['says that some failed, and ends well', counts(9, 3), /3 documents could not be/],
    ['says nothing', { does: 'leaves', code: 0, says: 'done' }, /did not say how many/],
    [
      'met a second document with the same key',
      { does: 'leaves', code: 1, says: 'E11000 dup key: { mail: "ana@example.org" }' },
      /have the same key/,
    ],
    [
      'may not write',
      { does: 'leaves', code: 1, says: 'not authorized on shop to execute command' },
      /docs\/database\.md has the role/,
    ],
    [
      'met a full disk',
      { does: 'leaves', code: 1, says: 'OutOfDiskSpace: x' },
      /disk of the database is full/,
    ],
  ])('%s: refused', async (_what, tool, because) => {
    const { restore } = await catalogue(tool)
    const restored = await restore()
    expect(restored).toMatchObject({ kind: 'refused' })
    expect('because' in restored && restored.because).toMatch(because)
    expect(JSON.stringify(restored)).not.toContain('ana@example.org')
  })

  test.each<[string, FakeTool, RegExp]>([
    ['takes nothing', { does: 'hangs' }, /did nothing for 1 s and was ended/],
    ['takes everything and never ends', { does: 'lingers' }, /did nothing for 1 s/],
    ['is killed', { does: 'is-killed' }, /was killed/],
    [
      'cannot reach the server',
      { does: 'leaves', code: 1, says: 'server selection error: ana:s3cret-pa55' },
      /could not reach it/,
    ],
    ['fails without a reason', { does: 'leaves', code: 3, says: 'panic' }, /ended with code 3/],
  ])('%s: a fault that may pass, and nothing of it goes on', async (_what, tool, words) => {
    const { tools, restore } = await catalogue(tool, {}, big)
    const fault = await faultOf(restore())
    expect(fault).toMatchObject({ kind: 'retryable' })
    expect(fault.detail).toMatch(words)
    expect(String(fault.stack)).not.toContain('s3cret')
    const { pid, names } = await tools.seen()
    expect(isRunning(pid)).toBe(false)
    expect(names).toBe(0)
  })

  test('is ended, and waited for, when somebody stops it', async () => {
    const { tools, restore } = await catalogue({ does: 'lingers' }, { patienceMs: 60_000 })
    const stopping = new AbortController()
    const restoring = faultOf(restore({}, stopping.signal))
    const { pid } = await begun(tools)
    stopping.abort()
    expect(await restoring).toMatchObject({ kind: 'retryable', detail: 'it was stopped' })
    expect(isRunning(pid)).toBe(false)
  })

  const TOLD = {
    'hangs-with-a-child': { stopped: 'it was stopped', late: /did nothing for 1 s and was ended/ },
    'leaves-a-child': { stopped: expect.stringMatching(/./), late: /ended with code 1/ },
  }
  const HELD = ['hangs-with-a-child', 'leaves-a-child'] as const

  test.each(HELD)('that %s is ended with it when somebody stops it', async (does) => {
    const { tools, restore } = await catalogue({ does }, { patienceMs: 60_000 }, big)
    const stopping = new AbortController()
    const restoring = faultOf(restore({}, stopping.signal))
    const { pid, child } = await begun(tools)
    stopping.abort()
    expect(await restoring).toMatchObject({ kind: 'retryable', detail: TOLD[does].stopped })
    await Promise.all([untilGone(pid), untilGone(child!)])
  })

  test.each(HELD)('that %s is ended with it when nobody hears of it any more', async (does) => {
    const { tools, restore } = await catalogue({ does }, {}, big)
    const fault = await faultOf(restore())
    expect(fault).toMatchObject({ kind: 'retryable' })
    expect(fault.detail).toMatch(TOLD[does].late)
    const { pid, child } = await tools.seen()
    await Promise.all([untilGone(pid), untilGone(child!)])
  })

  test.each(HELD)('that %s copies nothing, and leaves nothing', async (does) => {
    const { folder, tools, backups } = await catalogue({ does })
    const asked = { id: 'new.archive', purpose: 'asked', incident: null } as const
    expect(await faultOf(backups.make(asked, nobody, patience()))).toMatchObject({
      kind: 'retryable',
    })
    expect(await readdir(folder)).toEqual(['a.archive'])
    const { pid, child } = await tools.seen()
    await Promise.all([untilGone(pid), untilGone(child!)])
  })

  test('that is not there, or too old, is refused before anything is read', async () => {
    const { restore } = await catalogue(counts(12), { tools: ['/nowhere'] })
    expect((await faultOf(restore())).detail).toMatch(/mongorestore: it is not installed/)
  })
})

async function begun(tools: Awaited<ReturnType<typeof fakeTools>>) {
  for (;;) {
    const seen = await tools.seen().catch(() => null)
    if (seen) return seen
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a backup that is damaged while it is restored', () => {
  const pieces = archivePieces(dump)
  const cuts = pieces.map((_, at) => Buffer.concat(pieces.slice(0, at)))
  const ends = [1, 3, 50, 500, archive.length - 1].map((at) => archive.subarray(0, at))

  test('cut at every block, and within one: the tool never gets its end', async () => {
    for (const bytes of [...cuts, ...ends]) {
      const { restore, tools } = await catalogue(counts(12), {}, bytes)
      expect(await restore()).toMatchObject({ kind: 'refused' })
      const taken = await tools.taken().catch(() => Buffer.alloc(0))
      const reader = contentsReader('shop')
      reader.push(taken)
      expect(() => reader.end()).toThrow(/cut off|not an archive/)
    }
  })

  test('with a byte turned, or other bytes than were signed: refused', async () => {
    const at = archive.indexOf('xxxxx')
    const turned = Buffer.from(archive)
    turned[at] = 0x79
    for (const sum of [sha256(turned), sha256(archive), null]) {
      const { restore } = await catalogue(counts(12), {}, turned)
      expect(await restore({ sha256: sum })).toMatchObject({ kind: 'refused' })
    }
    const { restore } = await catalogue(counts(12))
    expect(await restore({ sha256: '0'.repeat(64) })).toEqual({
      kind: 'refused',
      because: 'its bytes are not those that were signed',
    })
  })
})

describe('making a backup', () => {
  const only = archiveOf([{ collection: 'users', documents: users }])
  const asked = { id: 'new.archive', purpose: 'asked', incident: null } as const
  const names = (...listed: string[]) => ({
    inventory: async () => listed.map((name) => ({ name, bytes: 100 })),
  })

  const make = async (
    tool: Omit<Extract<FakeTool, { does: 'gives' }>, 'file' | 'does'> & { bytes: Uint8Array },
    options: Partial<BackupsOptions> = {},
  ) => {
    const folder = await catalogueFolder()
    const given = await catalogueFolder()
    const file = join(given, 'given')
    await writeFile(file, tool.bytes)
    const { bytes: _bytes, ...rest } = tool
    const tools = await fakeTools({ does: 'gives', file, ...rest })
    const backups = backupsIn(folder, { tools: [tools.folder], uri, patienceMs: 700, ...options })
    const made = backups.make(asked, nobody, patience())
    return { folder, backups, tools, made }
  }

  test('keeps what the tool gave, compressed, and what the server told', async () => {
    const { made, backups, tools } = await make(
      { bytes: only },
      {
        ...names('users', '__rb_x_p1_old__users'),
        beginning: async () => ({
          node: 'db-1:27017',
          lagSeconds: 0,
          end: async () => ({ at: '2026-11-22T02:50:00.000Z', oneMoment: 'yes' }),
        }),
      },
    )
    expect(await made).toMatchObject({
      kind: 'made',
      manifest: {
        node: 'db-1:27017',
        lagSeconds: 0,
        oneMoment: 'yes',
        dataAt: { at: '2026-11-22T02:50:00.000Z', exact: true },
        artefact: { gzip: true },
      },
    })
    expect(await backups.verify(asked.id, nobody, patience())).toMatchObject({
      kind: 'verified',
      manifest: { purpose: 'asked', node: 'db-1:27017', dataAt: { exact: true } },
    })
    expect((await tools.seen()).args).toEqual(
      expect.arrayContaining(['--db=shop', '--excludeCollectionsWithPrefix=__rb_']),
    )
  })

  test.each<[string, Parameters<typeof make>[0], Partial<BackupsOptions>, RegExp]>([
    ['cut off', { bytes: only.subarray(0, -9) }, names('users'), /cut off/],
    ['empty', { bytes: Buffer.alloc(0) }, names('users'), /not an archive/],
    ['without a collection', { bytes: only }, names('users', 'projects'), /misses projects/],
    ['of a database that is not there', { bytes: archiveOf([]) }, names('users'), /misses users/],
    [
      'by an account that may not read',
      { bytes: only, code: 1, says: 'not authorized' },
      names('users'),
      /docs\/database\.md has the role/,
    ],
  ])('%s: refused, and nothing is left of it', async (_what, tool, options, because) => {
    const { folder, made } = await make(tool, options)
    const refused = await made
    expect(refused).toMatchObject({ kind: 'refused' })
    expect('because' in refused && refused.because).toMatch(because)
    expect(await readdir(folder)).toEqual([])
  })

  test('whose tool ends badly after a whole archive is none', async () => {
    const { folder, made } = await make({ bytes: only, code: 1 }, names('users'))
    expect((await faultOf(made)).kind).toBe('retryable')
    expect(await readdir(folder)).toEqual([])
  })

  test('on a full disk says so, and leaves nothing', async () => {
    const place = await catalogueFolder()
    const real = folderStorage({ folder: place, now: Date.now })
    let written = 0
    const { made } = await make(
      { bytes: big },
      {
        ...names('users'),
        storage: {
          ...real,
          write: (name, bytes, signal) => real.write(name, filling(bytes), signal),
        },
      },
    )
    async function* filling(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes) {
        written += piece.length
        if (written > 1_000) {
          throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' })
        }
        yield piece.subarray(0, 500)
      }
    }
    expect(await made).toEqual({
      kind: 'refused',
      because: 'the disk of the backups is full: nothing was kept of it',
    })
    expect(await readdir(place)).toEqual([])
  })

  test('cut off between its name and its note is taken up by the next attempt', async () => {
    const { folder, made, backups } = await make({ bytes: only }, names('users'))
    await made
    const { rm } = await import('node:fs/promises')
    await rm(join(folder, `${asked.id}.backout.json`))
    expect(await backups.make(asked, nobody, patience())).toMatchObject({
      kind: 'made',
      manifest: { purpose: 'asked', dataAt: { exact: false }, oneMoment: 'not-known' },
    })
  })

  test('never writes over what is there', async () => {
    const { backups, made } = await make({ bytes: only }, names('users'))
    await made
    const other = { ...asked, incident: '20261122-b5ns', purpose: 'safety' } as const
    expect(await backups.make(other, nobody, patience())).toEqual({
      kind: 'refused',
      because: 'another backup is called new.archive',
    })
  })
})

test('a fault of the catalogue is never one of a path', async () => {
  const backups = backupsIn('/nothing/here')
  const fault = await faultOf(backups.freeBytes(patience()))
  expect(fault).toBeInstanceOf(Fault)
  expect(fault.message).not.toContain('/nothing')
})
