import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { archiveOf, bson, described } from '../../support/dumped.ts'
import { backupsIn, catalogueFolder } from '../../support/backups.ts'
import { sumOf } from '../../support/documents-sum.ts'

const nobody = () => {}
const signal = () => AbortSignal.timeout(10_000)

const documents = [bson({ _id: 1, name: 'Ana' }), bson({ _id: 2, name: 'Bo' })]
const archive = archiveOf([{ collection: 'users', documents }])

const put = async (folder: string, files: Readonly<Record<string, string | Uint8Array>>) => {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), contents)
  }
}

const catalogue = async (files: Readonly<Record<string, string | Uint8Array>>) => {
  const folder = await catalogueFolder()
  await put(folder, files)
  return { folder, backups: backupsIn(folder) }
}

const saidOf = async (files: Readonly<Record<string, string | Uint8Array>>, id: string) => {
  const { backups } = await catalogue(files)
  const verified = await backups.verify(id, nobody, signal())
  return verified.kind === 'damaged' ? verified.because : 'whole'
}

const metadata = (name: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ ...described(), collectionName: name, type: 'collection', ...more })

const prelude = JSON.stringify({ ServerVersion: '7.0.1', ToolVersion: '100.12.0' })

const directory = {
  'nightly/prelude.json': prelude,
  'nightly/shop/users.bson': Buffer.concat(documents),
  'nightly/shop/users.metadata.json': metadata('users'),
  'nightly/shop/empty.bson': '',
  'nightly/shop/empty.metadata.json': metadata('empty'),
}

describe('a backup that could not be restored', () => {
  const of = async (backups: ReturnType<typeof backupsIn>) => {
    const [one] = await backups.list(signal())
    if (!one) throw new Error('there is one')
    return one
  }

  test('is not usable from then on, and what was read of it is known still', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    await backups.verify('a.archive', nobody, signal())
    await backups.markUnusable(await of(backups), 'two have the same key', signal())
    const kept = await of(backupsIn(folder))
    expect(kept).toMatchObject({ problem: 'two have the same key' })
    expect(kept.manifest?.collections.map(({ name }) => name)).toEqual(['users'])
  })

  test('is so as well where nobody has read it whole', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    await backups.markUnusable(await of(backups), 'two have the same key', signal())
    expect(await of(backupsIn(folder))).toMatchObject({
      problem: 'two have the same key',
      manifest: null,
    })
  })

  test('is another one once it has changed, and so is one that was changed before', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    const before = await of(backups)
    await backups.markUnusable(before, 'two have the same key', signal())
    await put(folder, { 'a.archive': archiveOf([{ collection: 'users', documents: [] }]) })
    expect((await of(backups)).problem).toBeNull()
    await backups.markUnusable(before, 'two have the same key', signal())
    expect((await of(backups)).problem).toBeNull()
    await backups.markUnusable({ ...before, id: 'gone.archive' }, 'gone', signal())
    expect(await readdir(folder)).not.toContain('gone.archive.backout.json')
  })
})

describe('a catalogue', () => {
  test('lists archives and folders, and nothing else', async () => {
    const { folder, backups } = await catalogue({
      ...directory,
      'a.archive': archive,
      'b.archive.gz': gzipSync(archive),
      'c.archive.1a2b3c4d.partial': archive,
      '.hidden.archive': archive,
      'a.archive.sha256': 'abc',
      'README.md': 'hello',
      'empty.archive': '',
      'nothing-in-it/readme.txt': 'hello',
    })
    await mkdir(join(folder, 'empty-folder'))
    await symlink('a.archive', join(folder, 'latest'))
    await symlink('nightly', join(folder, 'newest'))
    await put(folder, { 'linked/shop/users.bson': 'x' })
    await symlink('/etc/hostname', join(folder, 'linked/shop/other.bson'))
    const listed = await backups.list(signal())
    expect(Object.fromEntries(listed.map(({ id, problem }) => [id, problem]))).toEqual({
      nightly: null,
      'a.archive': null,
      'b.archive.gz': null,
      'empty.archive': 'it is empty: 0 bytes',
      'nothing-in-it': 'there is no dump in it',
      'empty-folder': 'it is an empty folder',
      latest: 'it is a link: where it leads to may be another backup tomorrow',
      newest: 'it is a link: where it leads to may be another backup tomorrow',
      linked: 'shop/other.bson in it is a link, or no file',
    })
  })

  test('of a folder that is not there says so', async () => {
    const backups = backupsIn('/nothing/here')
    await expect(backups.list(signal())).rejects.toMatchObject({ name: 'Fault', code: 'ENOENT' })
  })

  test('never leaves its folder, whatever it is asked for', async () => {
    const { folder, backups } = await catalogue({ 'in/a.archive': archive, 'b.archive': archive })
    const inner = backupsIn(join(folder, 'in'))
    for (const id of ['../b.archive', '/etc/passwd', '..', '.', '', 'a.archive/../../b.archive']) {
      await expect(inner.verify(id, nobody, signal())).rejects.toMatchObject({ name: 'Fault' })
      await expect(backups.verify(id, nobody, signal())).rejects.toMatchObject({ name: 'Fault' })
    }
  })

  test('takes what is known of a link for nothing, also behind its back', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    await symlink('a.archive', join(folder, 'latest'))
    expect(await backups.verify('latest', nobody, signal())).toMatchObject({ kind: 'damaged' })
    expect((await backups.list(signal())).map(({ id, manifest }) => [id, manifest])).toContainEqual(
      ['latest', null],
    )
  })
})

describe('what is known of a backup', () => {
  test('counts no more when somebody has edited it', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    await backups.verify('a.archive', nobody, signal())
    expect((await backups.list(signal()))[0]?.manifest).not.toBeNull()
    const note = join(folder, 'a.archive.backout.json')
    const text = await readFile(note, 'utf8')
    for (const edited of [
      text.replace('"documents": 2', '"documents": 3'),
      text.replace('"purpose": "found"', '"purpose": "safety"'),
      text.slice(0, 100),
      'x'.repeat(9 * 1024 * 1024),
    ]) {
      await writeFile(note, edited)
      expect((await backups.list(signal()))[0]).toMatchObject({ manifest: null, problem: null })
    }
    await writeFile(note, text)
    expect((await backups.list(signal()))[0]?.manifest).not.toBeNull()
  })

  test('counts no more when the backup has another time, another size, or another name', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    await backups.verify('a.archive', nobody, signal())
    const note = await readFile(join(folder, 'a.archive.backout.json'))
    await put(folder, { 'b.archive': archive, 'b.archive.backout.json': note })
    const at = (await stat(join(folder, 'a.archive'))).mtime
    await utimes(join(folder, 'b.archive'), at, at)
    const known = Object.fromEntries(
      (await backups.list(signal())).map(({ id, manifest }) => [id, manifest !== null]),
    )
    expect(known).toEqual({ 'a.archive': true, 'b.archive': false })
    await utimes(join(folder, 'a.archive'), at, new Date(at.getTime() + 5_000))
    expect((await backups.list(signal())).find(({ id }) => id === 'a.archive')?.manifest).toBeNull()
  })

  test('is readable by nobody else, and leaves nothing half written', async () => {
    const { folder, backups } = await catalogue({ 'a.archive': archive })
    await backups.verify('a.archive', nobody, signal())
    expect((await readdir(folder)).toSorted()).toEqual(['a.archive', 'a.archive.backout.json'])
    const { mode } = await stat(join(folder, 'a.archive.backout.json'))
    expect(mode & 0o777).toBe(0o600)
  })
})

describe('an archive', () => {
  test('is the same plain and gzipped', async () => {
    const { backups } = await catalogue({ 'a.archive': archive, 'b.gz': gzipSync(archive) })
    for (const [id, gzip] of [
      ['a.archive', false],
      ['b.gz', true],
    ] as const) {
      expect(await backups.verify(id, nobody, signal())).toMatchObject({
        kind: 'verified',
        manifest: {
          collections: [{ name: 'users', documents: 2, hash: sumOf(documents) }],
          artefact: { kind: 'archive', gzip },
          oneMoment: 'not-known',
          serverVersion: '7.0.0',
          toolVersion: '100.9.5',
        },
      })
    }
  })

  test('that was cut, or is followed by something, is damaged', async () => {
    const gzip = gzipSync(archive)
    const of = (bytes: Uint8Array) => saidOf({ 'a.gz': bytes }, 'a.gz')
    expect(await of(archive.subarray(0, 400))).toMatch(/^it was cut off/)
    expect(await of(gzip.subarray(0, -1))).toBe('its compression is damaged, or it was cut off')
    expect(await of(gzip.subarray(0, 30))).toBe('its compression is damaged, or it was cut off')
    for (const more of [Buffer.from('more'), Buffer.alloc(512), gzip.subarray(0, 5)]) {
      expect(await of(Buffer.concat([gzip, more]))).toMatch(/damaged|after its end/)
      expect(await of(Buffer.concat([archive, more]))).not.toBe('whole')
    }
    expect(await of(Buffer.from('PK'))).toBe('it is not an archive of mongodump')
    expect(await of(Buffer.alloc(0))).toBe('it is empty: 0 bytes')
  })

  test('of another database is refused by its name', async () => {
    const other = archiveOf([{ db: 'blog', collection: 'posts', documents }])
    expect(await saidOf({ 'a.archive': other }, 'a.archive')).toBe(
      'it is of another database (blog), and nothing of shop is in it',
    )
  })

  test('that also holds admin is whole, and says so', async () => {
    const both = archiveOf([
      { collection: 'users', documents },
      { db: 'admin', collection: 'system.users', documents },
    ])
    const { backups } = await catalogue({ 'a.archive': both })
    expect(await backups.verify('a.archive', nobody, signal())).toMatchObject({
      manifest: { otherDatabases: ['admin'], collections: [{ name: 'users' }] },
    })
  })
})

describe('a folder of mongodump', () => {
  test('is read as the archive that it would be, plain and gzipped', async () => {
    const gzipped = Object.fromEntries(
      Object.entries(directory).map(([path, text]) => [`${path}.gz`, gzipSync(text)]),
    )
    for (const files of [directory, gzipped]) {
      const { backups } = await catalogue(files)
      expect(await backups.verify('nightly', nobody, signal())).toMatchObject({
        kind: 'verified',
        manifest: {
          collections: [
            { name: 'empty', documents: 0 },
            { name: 'users', documents: 2, hash: sumOf(documents) },
          ],
          artefact: { kind: 'directory' },
          serverVersion: '7.0.1',
          toolVersion: '100.12.0',
        },
      })
    }
  })

  test('has the sum of the names and sums of its files', async () => {
    const { backups } = await catalogue({ ...directory, 'nightly/notes.txt': 'from Ana' })
    const sum = createHash('sha256')
    const files = { ...directory, 'nightly/notes.txt': 'from Ana' }
    for (const [path, text] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const one = createHash('sha256').update(text).digest('hex')
      sum.update(`${path.replace('nightly/', '')}\0${one}\n`)
    }
    expect(await backups.verify('nightly', nobody, signal())).toMatchObject({
      manifest: { artefact: { sha256: sum.digest('hex') } },
    })
  })

  test('calls a collection by its whole name, and leaves views out', async () => {
    const long = `events.${'x'.repeat(200)}`
    const { backups } = await catalogue({
      'n/prelude.json': prelude,
      'n/shop/events.xx%24AbC%3D.bson': documents[0] ?? '',
      'n/shop/events.xx%24AbC%3D.metadata.json': metadata(long),
      'n/shop/my+things%2Fall.bson': documents[1] ?? '',
      'n/shop/my+things%2Fall.metadata.json': JSON.stringify(described()),
      'n/shop/view.metadata.json': metadata('view', { type: 'view' }),
    })
    expect(await backups.verify('n', nobody, signal())).toMatchObject({
      kind: 'verified',
      manifest: { collections: [{ name: long }, { name: 'my things/all' }] },
    })
  })

  test.each<[string, Record<string, string | Uint8Array | null>, string | RegExp]>([
    [
      'without prelude.json',
      { 'nightly/prelude.json': null },
      /^nothing proves that empty is whole: .* no prelude.json/,
    ],
    [
      'without the documents of a collection',
      { 'nightly/shop/users.bson': null },
      'it was cut off: the documents of users are missing',
    ],
    [
      'without the description of a collection',
      { 'nightly/shop/users.metadata.json': null },
      'the description of users is missing',
    ],
    [
      'with a description that is none',
      { 'nightly/shop/users.metadata.json': '{' },
      'the description of users cannot be read',
    ],
    [
      'with a document cut off',
      { 'nightly/shop/users.bson': Buffer.concat(documents).subarray(0, -3) },
      /./,
    ],
    [
      'with an empty file where something was compressed',
      { 'nightly/shop/users.bson': null, 'nightly/shop/users.bson.gz': '' },
      'it was cut off: the file of users is empty',
    ],
    [
      'without the folder of a database',
      {
        ...Object.fromEntries(Object.keys(directory).map((path) => [path, null])),
        'nightly/users.bson': Buffer.concat(documents),
      },
      'it does not say of which database it is: the folder of the database is missing',
    ],
  ])('%s is damaged', async (_what, changes, because) => {
    const files = Object.entries({ ...directory, ...changes }).flatMap(([path, text]) =>
      text === null ? [] : [[path, text] as const],
    )
    const said = await saidOf(Object.fromEntries(files), 'nightly')
    expect(said).not.toBe('whole')
    expect(said).toMatch(because)
  })
})
