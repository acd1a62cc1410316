import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkJournal } from '../../../src/adapters/sqlite/check.ts'
import { sqliteJournal } from '../../../src/adapters/sqlite/journal.ts'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { opened, requested } from '../../support/builders.ts'
import {
  anotherProcess,
  faultOf,
  filledJournal,
  openJournal,
  temporaryFolder,
} from '../../support/journal.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'journal.sqlite')
})

const eventsOf = async (incident: string) => await openJournal(file).read(incident)
const next = async (seen: number) => {
  const append = { incident: 'killed', seen, events: [requested] }
  return (await openJournal(file).append(append)).kind
}
const open = () => sqliteJournal({ file, clock: { now: Date.now } })

describe('killed while it appends', () => {
  test.each([1, 7, 40])(
    'after %d answers: all it answered for is there, and nothing half',
    async (n) => {
      const child = anotherProcess('append-until-stopped', file)
      for (let answers = 0; answers < n; answers += 1) await child.line()
      child.kill('SIGKILL')
      const { said } = await child.ended
      const answered = Number(said.trimEnd().split('\n').at(-1))
      const events = await eventsOf('killed')
      expect(events.length).toBeGreaterThanOrEqual(answered)
      // Two events at a time: one more append may have come to its end, and none to its half.
      expect(events.length % 2).toBe(0)
      expect(events.length).toBeLessThanOrEqual(answered + 2)
      expect(foldIncident('killed', events).sequence).toBe(events.length)
      expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: events.length })
      expect(await next(events.length)).toBe('appended')
    },
  )
})

describe('no room', () => {
  /** The shell's unit is 512 bytes; a file that would grow past the limit is not written to. */
  const cramped = 'trap "" XFSZ; ulimit -f 300; exec NODE'

  test('a file that may not grow: the append fails in words, nothing is lost and nothing half', async () => {
    const child = anotherProcess('append-until-stopped', file, { shell: cramped })
    const { said } = await child.ended
    const lines = said.trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      kind: expect.stringMatching(/^(retryable|terminal)$/),
      dependency: 'journal',
      detail: expect.stringMatching(/disk/),
    })
    const answered = Number(lines.at(-2))
    expect(answered).toBeGreaterThan(0)
    expect(await eventsOf('killed')).toHaveLength(answered)
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: answered })
    expect(await next(answered)).toBe('appended')
  })

  /** A disk of its own, that only the child sees. It takes the right to mount. */
  const tiny = () =>
    `exec unshare -m sh -c 'mount -t tmpfs -o size=512k none "$0" && exec "$@"' '${folder}' NODE`

  test('a full disk: the append fails in words, all is there, and with room again it goes on', async (context) => {
    const probe = anotherProcess('check', file, { shell: tiny() })
    if ((await probe.ended).said !== 'writable\n') context.skip('nothing may be mounted here')
    const { said } = await anotherProcess('fill-the-disk', file, { shell: tiny() }).ended
    const [append, together, full, after] = said
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(append).toMatchObject({
      kind: 'retryable',
      dependency: 'journal',
      detail: expect.stringContaining('the disk is full'),
    })
    expect(together).toEqual({ alike: true, fault: true, left: 0 })
    expect(full.answered).toBeGreaterThan(10)
    expect(full).toEqual({ answered: full.answered, read: full.answered, proof: 'intact' })
    const more = full.answered + 1
    expect(after).toEqual({ answered: more, read: more, proof: 'intact' })
  })
})

describe('no permission', () => {
  /** Who may do nothing: root may always. */
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  /** As root, the file belongs to us and the child is somebody else; else the bits bind ourselves. */
  const others = process.getuid?.() === 0 ? 0o005 : 0o500

  const faultSaid = async (task: string) => {
    const { said } = await anotherProcess(task, file, nobody).ended
    return JSON.parse(said.trimEnd().split('\n').at(-1) ?? '')
  }

  test('a folder that may not be written to', async () => {
    chmodSync(folder, 0o700 | others)
    expect(await faultSaid('append-once')).toMatchObject({
      kind: 'terminal',
      dependency: 'journal',
      detail: expect.stringMatching(/cannot be opened|read-only/),
    })
    expect(existsSync(file)).toBe(false)
  })

  test('a file that may be read only', async () => {
    await filledJournal(file)
    chmodSync(folder, 0o777)
    chmodSync(file, 0o444)
    for (const task of ['append-once', 'check']) {
      expect(await faultSaid(task)).toMatchObject({
        kind: 'terminal',
        dependency: 'journal',
        detail: expect.stringContaining('read-only'),
      })
    }
    chmodSync(file, 0o644)
    expect(await eventsOf('i-1')).toHaveLength(5)
  })

  test('a folder that is a file', () => {
    writeFileSync(join(folder, 'data'), '')
    const [check] = checkJournal(join(folder, 'data'), { anyway: false })
    expect(check).toMatchObject({ dependency: 'journal', state: 'wrong' })
  })
})

describe('another process', () => {
  test('that holds the lock is named as the reason, and what was there stays readable', async () => {
    await filledJournal(file)
    const child = anotherProcess('hold-the-lock', file)
    expect(await child.line()).toBe('locked')
    const journal = openJournal(file)
    expect(await journal.read('i-1')).toHaveLength(5)
    const append = async () => await journal.append({ incident: 'i-3', seen: 0, events: [opened] })
    expect(await faultOf(append)).toMatchObject({
      kind: 'retryable',
      dependency: 'journal',
      detail: expect.stringContaining('locked by another process'),
    })
    child.kill('SIGKILL')
    await child.ended
    expect((await append()).kind).toBe('appended')
  })
})

describe('a file that is no journal', () => {
  test.each([
    ['garbage', Buffer.from('this is not a database, whatever it is called\n'.repeat(200))],
    ['a picture', Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.alloc(5_000, 7)])],
  ])('%s is refused in words, and left as it is', async (_what, bytes) => {
    writeFileSync(file, bytes)
    for (const attempt of [open, () => verifyJournal(file)]) {
      expect(await faultOf(attempt)).toMatchObject({
        kind: 'terminal',
        detail: expect.stringContaining('is not a journal'),
      })
    }
    expect(readFileSync(file)).toEqual(bytes)
  })

  test('another program’s database is refused, and left as it is', async () => {
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE other (a); PRAGMA user_version = 7')
    database.close()
    for (const attempt of [open, () => verifyJournal(file)]) {
      expect((await faultOf(attempt)).detail).toContain('layout 7')
    }
  })

  test('a folder', async () => {
    mkdirSync(file)
    expect(await faultOf(open)).toMatchObject({ kind: 'terminal', dependency: 'journal' })
  })

  test('a place that does not exist', async () => {
    file = join(folder, 'nowhere', 'journal.sqlite')
    expect((await faultOf(open)).detail).toContain('cannot be opened')
    expect((await faultOf(() => verifyJournal(file))).detail).toContain('cannot be opened')
  })
})

describe('a file that was cut off', () => {
  test('is found wherever it was cut, or reads as it did', async () => {
    await filledJournal(file)
    const whole = readFileSync(file)
    const read = async () => ({ one: await eventsOf('i-1'), two: await eventsOf('i-2') })
    const before = await read()
    const cuts = [1, 50, 99, 100, 101, 4095, 4096, 4097, 8192, 12_288, statSync(file).size - 1]
    for (const length of cuts.filter((cut) => cut < whole.length)) {
      writeFileSync(file, whole)
      truncateSync(file, length)
      let found = false
      try {
        found = verifyJournal(file).kind === 'broken'
      } catch {
        found = true
      }
      if (!found) expect(await read()).toEqual(before)
    }
  })
})
