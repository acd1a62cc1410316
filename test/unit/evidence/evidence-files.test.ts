import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { evidenceFiles } from '../../../src/adapters/files/evidence-files.ts'
import { sandboxEvidence } from '../../../src/sandbox/evidence/evidence-store.ts'
import { atMs } from '../../support/builders.ts'
import { evidenceContract, pieces, sha256 } from '../../support/contracts/evidence-store.ts'
import { faultOf, patience } from '../../support/contracts/outside.ts'
import { temporaryFolder } from '../../support/journal.ts'

const clock = { now: () => atMs }
const limits = () => ({ maxBytes: 1_000_000, signal: patience() })

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47])

const entriesOf = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' })

evidenceContract('the folder', () => {
  const folder = temporaryFolder()
  const newest = (incident: string) =>
    join(folder, incident, readdirSync(join(folder, incident)).toSorted().at(-1) ?? '')
  const text = (path: string) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return null
    }
  }
  return {
    store: evidenceFiles(folder, clock),
    read: async (incident, name) => text(join(newest(incident), name)),
    async readBytes(incident, name) {
      const path = join(newest(incident), name)
      return existsSync(path) ? new Uint8Array(readFileSync(path)) : null
    },
    async listed(incident) {
      const manifest = text(join(newest(incident), 'manifest.json'))
      return manifest === null ? null : JSON.parse(manifest).files
    },
  }
})

evidenceContract('the sandbox', () => {
  const store = sandboxEvidence()
  const newest = (incident: string) =>
    store.collections().findLast((collection) => collection.incident === incident)
  return {
    store,
    read: async (incident, name) => newest(incident)?.texts.get(name) ?? null,
    readBytes: async (incident, name) => newest(incident)?.bytes.get(name) ?? null,
    listed: async (incident) => newest(incident)?.files ?? null,
  }
})

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

describe('the folder of a collection', () => {
  test('is called by incident and time, and the next of the same second by a number', async () => {
    const store = evidenceFiles(join(folder, 'data', 'evidence'), clock)
    for (const place of ['2026-11-22T03-12-07Z', '2026-11-22T03-12-07Z-2']) {
      expect((await store.open('20261122-k7qf')).place).toBe(
        join(folder, 'data', 'evidence', '20261122-k7qf', place),
      )
    }
  })

  test('can be read by nobody else, nor can anything in it', async () => {
    const opened = await evidenceFiles(join(folder, 'evidence'), clock).open('i-1')
    await opened.keep('backend/pod/c.log', pieces('text'), limits())
    await opened.keepBytes('pictures/p.png', PNG, { ...limits(), kind: 'image/png' })
    await opened.finish([])
    const modes = ['', ...entriesOf(join(folder, 'evidence'))].map((name) => {
      const stat = statSync(join(folder, 'evidence', name))
      const mode = (stat.mode & 0o777).toString(8)
      return stat.isDirectory() ? `d${mode}` : `f${mode}`
    })
    expect(modes).toHaveLength(9)
    expect(new Set(modes)).toEqual(new Set(['d700', 'f600']))
  })

  test('the list says which incident, when, and the true length and sha256 of every file', async () => {
    const opened = await evidenceFiles(folder, clock).open('i-1')
    const files = [
      await opened.keep('backend/pod/c.log', pieces('one\n', 'password=hunter2\n'), limits()),
      await opened.keep('long.log', pieces('x'.repeat(50)), { ...limits(), maxBytes: 20 }),
    ]
    await opened.finish(files)
    const manifest = JSON.parse(readFileSync(join(opened.place, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ incident: 'i-1', at: '2026-11-22T03:12:07.000Z' })
    for (const { name, bytes, sha256: hash } of manifest.files) {
      const kept = readFileSync(join(opened.place, name))
      expect({ bytes: kept.length, hash: sha256(kept) }).toEqual({ bytes, hash })
    }
    expect(manifest.files).toHaveLength(2)
  })
})

describe('whatever a file is called, it stands in the folder', () => {
  test.each([
    ['../../../etc/passwd', '_/_/_/etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['..\\..\\boot.ini', '_/_/boot.ini'],
    ['a/./../b', 'a/_/_/b'],
    ['.hidden', '_hidden'],
    ['', '_'],
    ['...', '_'],
    ['a\0b\nc', 'a_b_c'],
    ['pod:8080/ünï 🚒.log', 'pod_8080/_n____.log'],
    ['manifest.json', 'manifest-2.json'],
    ['MANIFEST.json', 'MANIFEST-2.json'],
    [`${'x'.repeat(400)}.log`, `${'x'.repeat(116)}.log`],
  ])('%j', async (given, name) => {
    const opened = await evidenceFiles(folder, clock).open('i-1')
    const kept = await opened.keep(given, pieces('text'), limits())
    expect(kept).toMatchObject({ name, bytes: 4, skipped: null })
    await opened.finish([kept])
    expect(readFileSync(join(opened.place, name), 'utf8')).toBe('text')
  })

  test('also the incident', async () => {
    const opened = await evidenceFiles(join(folder, 'evidence'), clock).open('../../i-1')
    expect(opened.place.startsWith(join(folder, 'evidence/'))).toBe(true)
    expect(readdirSync(folder)).toEqual(['evidence'])
  })

  test('names that a disk may not tell apart are different files', async () => {
    const opened = await evidenceFiles(folder, clock).open('i-1')
    const names = ['a/b:c.log', 'a/b_c.log', 'A/B_C.LOG']
    const kept = await Promise.all(names.map((name) => opened.keep(name, pieces(name), limits())))
    expect(kept.map(({ name }) => name)).toEqual(['a/b_c.log', 'a/b_c-2.log', 'A/B_C-3.LOG'])
    for (const [index, { name }] of kept.entries()) {
      expect(readFileSync(join(opened.place, name), 'utf8')).toBe(names[index])
    }
  })

  test('a name that is a file and a folder is skipped, and the file stays', async () => {
    const opened = await evidenceFiles(folder, clock).open('i-1')
    await opened.keep('a', pieces('file'), limits())
    const below = await opened.keep('a/b', pieces('text'), limits())
    expect(below).toMatchObject({ sha256: null, skipped: 'something else has that name' })
    expect(readFileSync(join(opened.place, 'a'), 'utf8')).toBe('file')
  })

  test('bytes whose place is a folder are skipped, and leave nothing half', async () => {
    const opened = await evidenceFiles(folder, clock).open('i-1')
    mkdirSync(join(opened.place, 'p.png', 'in-the-way'), { recursive: true })
    const kept = await opened.keepBytes('p.png', PNG, { ...limits(), kind: 'image/png' })
    expect(kept).toMatchObject({
      bytes: 0,
      sha256: null,
      skipped: expect.stringContaining('EISDIR'),
    })
    expect(entriesOf(opened.place).toSorted()).toEqual(['p.png', 'p.png/in-the-way'])
  })
})

describe('a place that cannot be written', () => {
  const writer = fileURLToPath(import.meta.resolve('../../support/evidence-writer.ts'))

  /** Another process, under a shell that limits it; as somebody who may less than root. */
  async function writing(shell: string, megabytes: number, reserve = 0) {
    const node = `'${process.execPath}' '${writer}' '${folder}' ${megabytes} ${reserve}`
    const uid = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const who = shell.includes('mount') ? {} : uid
    const command = shell.replace('NODE', node)
    const { stdout } = await promisify(execFile)('sh', ['-c', command], who)
    return JSON.parse(stdout)
  }

  test('is a file: a fault in words', async () => {
    writeFileSync(join(folder, 'evidence'), '')
    const fault = await faultOf(evidenceFiles(join(folder, 'evidence'), clock).open('i-1'))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'evidence' })
    expect(fault.detail).toBe('a file is where a folder is needed')
    expect(fault.detail).not.toContain(folder)
  })

  test('may not be written to: a fault in words', async () => {
    chmodSync(folder, 0o555)
    expect(await writing('exec NODE', 1)).toEqual({ opened: 'it may not be written there' })
    chmodSync(folder, 0o700)
    expect(readdirSync(folder)).toEqual([])
  })

  test('files may not grow: the beginning stays, the others are whole, and the list is true', async () => {
    chmodSync(folder, 0o777)
    const said = await writing('trap "" XFSZ; ulimit -f 600; exec NODE', 1)
    const [small, large, next] = said.files
    expect([small.skipped, next.skipped]).toEqual([null, null])
    expect(large.skipped).toContain('may not grow that large')
    expect(large.bytes).toBe(600 * 512)
    expect(said.finished).toBe('finished')
    const place = join(folder, 'i-1', '2026-11-22T00-00-00Z')
    for (const { name, bytes, sha256: hash } of said.files) {
      const kept = readFileSync(join(place, name))
      expect({ bytes: kept.length, hash: sha256(kept) }).toEqual({ bytes, hash })
    }
  })

  test('what is to stay free on the disk stays free', async (context) => {
    const small = `exec unshare -m sh -c 'mount -t tmpfs -o size=2m none "$0" && exec "$@"' '${folder}' NODE`
    const probe = await writing(small, 0).catch(() => null)
    if (probe === null) context.skip('nothing may be mounted here')
    const { files, finished, free } = await writing(small, 3, 1_000_000)
    const [first, large, next] = files
    expect(first).toMatchObject({ bytes: 10_000, skipped: null })
    expect(large.bytes).toBeGreaterThan(500_000)
    expect([large.skipped, next.skipped]).toEqual(
      Array(2).fill('less than 1 MB would be free on the disk'),
    )
    expect(finished).toBe('finished')
    // The list of the files is written in any case, and small.
    expect(free).toBeGreaterThan(1_000_000 - 20_000)
  })

  test('the disk is full: what fitted is told, what did not is skipped, and nothing is thrown', async (context) => {
    const tiny = `exec unshare -m sh -c 'mount -t tmpfs -o size=1m none "$0" && exec "$@"' '${folder}' NODE`
    const probe = await writing(tiny, 0).catch(() => null)
    if (probe === null) context.skip('nothing may be mounted here')
    const { files, finished } = await writing(tiny, 3)
    const [small, large, next] = files
    expect(small).toMatchObject({ bytes: 10_000, skipped: null })
    expect(large.skipped).toBe('the disk is full')
    expect(large.bytes).toBeGreaterThan(500_000)
    expect(large.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(next).toEqual({
      name: 'next.log',
      bytes: 0,
      sha256: null,
      skipped: 'the disk is full',
    })
    expect(finished).toBe('the disk is full')
  })
})

test('while secrets are looked for in a long text, everybody else has their turn', async () => {
  const store = evidenceFiles(temporaryFolder(), clock)
  const opened = await store.open('i-1')
  let turns = 0
  let over = false
  const count = () => {
    turns += 1
    if (!over) setImmediate(count)
  }
  setImmediate(count)
  // One line that is cut: of most of it nothing is written, which would be a turn of others, too.
  const kept = await opened.keep('long.log', pieces('x'.repeat(4 * 1024 * 1024)), limits())
  over = true
  expect(kept.skipped).toMatch(/lines of more than 32 KiB were cut/)
  expect(turns).toBeGreaterThan(200)
})

test('a list that cannot be written leaves none, and nothing half of one', async () => {
  const opened = await evidenceFiles(folder, clock).open('i-1')
  mkdirSync(join(opened.place, 'manifest.json', 'in-the-way'), { recursive: true })
  expect(await faultOf(opened.finish([]))).toMatchObject({ dependency: 'evidence' })
  expect(entriesOf(opened.place).toSorted()).toEqual(['manifest.json', 'manifest.json/in-the-way'])
})
