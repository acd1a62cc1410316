import { chmodSync } from 'node:fs'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ledgerFile } from '../../../src/adapters/sqlite/ledger-file.ts'
import { sqliteLedger } from '../../../src/adapters/sqlite/ledger.ts'
import { anotherProcess, faultOf, temporaryFolder } from '../../support/journal.ts'
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

const states = [entry(), entry({ image: image('shop/backend:v1.8.3') })]

/** In a file that is closed. */
async function filled(): Promise<void> {
  const ledger = open()
  await ledger.put(states)
  ledger.close()
}

describe('another process', () => {
  test('that holds the lock is named as the reason, and what was there stays readable', async () => {
    await filled()
    const child = anotherProcess('hold-the-lock', file)
    expect(await child.line()).toBe('locked')
    const ledger = open()
    expect(await ledger.entries(['backend'])).toHaveLength(2)
    for (const ask of [() => ledger.put([entry()]), () => ledger.check()]) {
      expect(await faultOf(ask)).toMatchObject({
        kind: 'retryable',
        dependency: 'release ledger',
        detail: expect.stringContaining('locked by another process'),
      })
    }
    child.kill('SIGKILL')
    await child.ended
    await ledger.put([entry({ host: 'web-2' })])
    expect(await ledger.entries(['backend'])).toHaveLength(3)
  })
})

describe('no room and no permission', () => {
  /** A disk of its own, that only the child sees. It takes the right to mount. */
  const tiny = () =>
    `exec unshare -m sh -c 'mount -t tmpfs -o size=512k none "$0" && exec "$@"' '${folder}' NODE`

  test('a full disk: it fails in words, all is there, and with room again it goes on', async (context) => {
    const probe = anotherProcess('check-the-ledger', file, { shell: tiny() })
    if ((await probe.ended).said !== 'writable\n') context.skip('nothing may be mounted here')
    const { said } = await anotherProcess('fill-the-ledger', file, { shell: tiny() }).ended
    const lines = said.trimEnd().split('\n')
    const [put, full, after] = lines.map((line) => JSON.parse(line))
    expect(put).toMatchObject({
      kind: 'retryable',
      dependency: 'release ledger',
      detail: expect.stringContaining('the disk is full'),
    })
    expect(full.kept).toBeGreaterThan(10)
    expect(full).toEqual({ kept: full.kept, read: full.kept })
    expect(after).toEqual({ kept: full.kept + 1, read: full.kept + 1 })
  })

  test('a file that may be read only', async () => {
    await filled()
    chmodSync(folder, 0o777)
    chmodSync(file, 0o444)
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    const { said } = await anotherProcess('check-the-ledger', file, nobody).ended
    expect(JSON.parse(said)).toMatchObject({
      kind: 'terminal',
      dependency: 'release ledger',
      detail: expect.stringContaining('read-only'),
    })
  })
})
