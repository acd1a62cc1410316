import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { checkLedger } from '../../../src/compose/doctor-ledger.ts'
import { journalPlaceIn } from '../../../src/config/journal-place.ts'
import { ledgerFile } from '../../../src/adapters/sqlite/ledger-file.ts'
import { sqliteLedger } from '../../../src/adapters/sqlite/ledger.ts'
import { faultOf, filledJournal, temporaryFolder } from '../../support/journal.ts'
import { entry, image } from '../../support/ledger.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = temporaryFolder()
  file = ledgerFile(folder)
})

function open() {
  const ledger = sqliteLedger({ file })
  onTestFinished(() => ledger.close())
  return ledger
}

const checked = () => checkLedger(journalPlaceIn({ BACKOUT_DATA: folder }))

/** Some states, in a file that is closed. */
async function filled(): Promise<void> {
  const ledger = open()
  const images = Array.from({ length: 40 }, (_, n) => image(`shop/backend:v${n}`))
  await ledger.put(images.map((one) => entry({ image: one })))
  ledger.close()
}

function change(sql: string): void {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

/** What each of them says that asks it, and the doctor too. */
async function everybodyHears(words: string | RegExp, kind = 'terminal'): Promise<void> {
  const ledger = open()
  for (const ask of [
    () => ledger.entries(['backend']),
    () => ledger.put([entry()]),
    () => ledger.check(),
  ]) {
    expect(await faultOf(ask)).toMatchObject({
      kind,
      dependency: 'release ledger',
      detail: expect.stringMatching(words),
    })
  }
  const check = await checked()
  expect(check).toMatchObject({
    state: 'wrong',
    dependency: 'release ledger',
    found: expect.stringMatching(words),
  })
}

test('a new one is for its owner only, and its files beside it too', async () => {
  const ledger = open()
  await ledger.put([entry()])
  for (const one of [file, `${file}-wal`, `${file}-shm`]) {
    expect((statSync(one).mode & 0o777).toString(8), one).toBe('600')
  }
  expect(readdirSync(folder)).toHaveLength(3)
  expect(await checked()).toMatchObject({ state: 'ok', dependency: 'release ledger' })
})

test('one that others could read is for its owner only once it is opened', async () => {
  await filled()
  chmodSync(file, 0o644)
  expect(await open().entries(['backend'])).toHaveLength(40)
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
})

test('once it is closed, whoever asks is told so', async () => {
  const ledger = open()
  await ledger.put([entry()])
  ledger.close()
  ledger.close()
  expect((await faultOf(() => ledger.entries(['backend']))).detail).toContain('is closed')
})

test('what could not be read again is not written, and spoils nothing', async () => {
  const ledger = open()
  await ledger.put([entry()])
  const bad = entry({ image: image('shop/backend:v2'), ranMs: Number.NaN })
  expect((await faultOf(() => ledger.put([entry({ ranMs: 1 }), bad]))).detail).toBe(
    'a state of backend on web-1 cannot be kept: ranMs',
  )
  expect(await ledger.entries(['backend'])).toEqual([entry()])
})

describe('a file that is no ledger', () => {
  test('garbage is refused in words, and left as it is', async () => {
    const bytes = Buffer.from('this is not a database, whatever it is called\n'.repeat(200))
    writeFileSync(file, bytes)
    await everybodyHears('is not a release ledger: the file is damaged or something else')
    expect(readFileSync(file)).toEqual(bytes)
  })

  test('another program’s database is refused, and left as it is', async () => {
    change('CREATE TABLE other (a)')
    const bytes = readFileSync(file)
    await everybodyHears('is not a release ledger: another program has made it')
    expect(readFileSync(file)).toEqual(bytes)
  })

  test('a journal under its name is refused', async () => {
    const journal = join(folder, 'journal.sqlite')
    await filledJournal(journal)
    copyFileSync(journal, file)
    await everybodyHears('is not a release ledger: another program has made it')
  })

  test('a ledger of a newer version is refused, and its states are still there', async () => {
    await filled()
    change('PRAGMA user_version = 2')
    await everybodyHears('has layout 2, this version of Backout writes layout 1')
    change('PRAGMA user_version = 1')
    expect(await open().entries(['backend'])).toHaveLength(40)
  })

  test('a folder, or a folder that is not there', async () => {
    mkdirSync(file)
    await everybodyHears('cannot be opened')
    folder = join(folder, 'nowhere')
    file = ledgerFile(folder)
    await everybodyHears('cannot be opened; do the folder and its permissions exist?')
  })
})

describe('a damaged file', () => {
  test('wherever it was cut off, is told, and never taken for one with less in it', async () => {
    await filled()
    const whole = readFileSync(file)
    expect(whole.length).toBeGreaterThan(3 * 4096)
    for (const length of [0, 1, 50, 99, 100, 101, 4095, 4096, 4097, 8192, whole.length - 1]) {
      writeFileSync(file, whole)
      truncateSync(file, length)
      await everybodyHears(/is damaged|is not a release ledger/)
    }
  })

  test('wherever it is overwritten, is told, or reads as it did', async () => {
    await filled()
    const whole = readFileSync(file)
    const was = await open().entries(['backend'])
    let told = 0
    for (let at = 0; at < whole.length; at += 3067) {
      writeFileSync(file, Buffer.concat([whole.subarray(0, at), Buffer.alloc(64, 0xff)]))
      writeFileSync(file, whole.subarray(at + 64), { flag: 'a' })
      const ledger = open()
      try {
        expect(await ledger.entries(['backend']), `at ${at}`).toEqual(was)
      } catch (error) {
        expect((await faultOf(() => Promise.reject(error))).dependency).toBe('release ledger')
        told += 1
      }
      ledger.close()
    }
    expect(told).toBeGreaterThan(5)
  })

  test.each([
    ['text of a state', "body = replace(body, 'v1.9', 'v6.6')"],
    ['all of a state', "body = '{'"],
    ['the service that a state is of', "service = 'nobody'"],
  ])('in which somebody has changed the %s is told', async (_what, changed) => {
    await open().put([entry()])
    change(`UPDATE states SET ${changed}`)
    await everybodyHears(/is damaged \(a state in it is not what was written\); restore it/)
  })

  test('that is moved away is forgotten, and the same ledger goes on', async () => {
    writeFileSync(file, 'x'.repeat(5_000))
    const ledger = open()
    await faultOf(() => ledger.entries(['backend']))
    writeFileSync(`${file}-wal`, 'what it has left')
    renameSync(file, `${file}.damaged`)
    await ledger.put([entry()])
    expect(await ledger.entries(['backend'])).toEqual([entry()])
  })
})
