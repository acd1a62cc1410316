import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dataFolder } from '../../support/bot.ts'
import { secondFactorContract } from '../../support/contracts/second-factor.ts'
import { codeAt, enrolledIn, proved, storeAt } from '../../support/second-factor.ts'

const START = Date.parse('2026-11-29T02:00:00Z')

async function opened(folder = dataFolder(), clock = { nowMs: START }) {
  const store = await storeAt(folder, clock)
  onTestFinished(() => store.close())
  return { store, clock, folder }
}

describe('second factors in a file', () => {
  secondFactorContract({
    async start() {
      const { store, clock, folder } = await opened()
      return { store, clock, connect: async () => (await opened(folder, clock)).store }
    },
  })

  test('of four processes that show the same code in one moment one is believed', async () => {
    const folder = dataFolder()
    const nowMs = Date.now()
    const [ana] = await enrolledIn(folder, nowMs, ['U0ANA'])
    const script = resolve(import.meta.dirname, '../../support/show-code.ts')
    const code = codeAt(ana?.secret ?? '', nowMs)
    const shown = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const args = [script, folder, 'U0ANA', code, String(nowMs)]
        return (await promisify(execFile)(process.execPath, args)).stdout
      }),
    )
    expect(shown.toSorted()).toEqual(['counts', 'used', 'used', 'used'])
  })

  test('a copy of the folder holds no secret, and nobody else may read it', async () => {
    const { store, folder, clock } = await opened()
    const { secret } = await proved(store, 'U0ANA', clock.nowMs)
    const link = await store.invite('U0BO')
    const files = readdirSync(folder).filter((name) => name.startsWith('second-factor'))
    expect(files).toContain('second-factor.sqlite')
    for (const name of files) {
      const bytes = readFileSync(join(folder, name))
      expect(bytes.includes(secret), name).toBe(false)
      expect(bytes.includes(link?.token ?? ''), name).toBe(false)
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)
    }
  })

  test.each([
    ['with another key', 'another key, which is as long as the first one is', /not sealed with/],
    ['with a short key', 'short', /shorter than 32 characters/],
  ])('it does not open %s', async (_, key, words) => {
    const { folder, clock } = await opened()
    await expect(storeAt(folder, clock, key)).rejects.toThrow(words)
  })

  test('what is put in another person’s place, or given another time, is not believed', async () => {
    const { store, folder, clock } = await opened()
    const ana = await proved(store, 'U0ANA', clock.nowMs)
    await proved(store, 'U0BO', clock.nowMs)
    await store.answers.keep('account U0ANA', { kind: 'member' })
    const database = new DatabaseSync(join(folder, 'second-factor.sqlite'))
    database.exec(`UPDATE people SET last_step = -1,
      secret = (SELECT secret FROM people WHERE user = 'U0ANA')`)
    database.exec('UPDATE answers SET at = at + 1')
    database.close()
    await expect(store.use('U0BO', codeAt(ana.secret, clock.nowMs))).rejects.toThrow(/was changed/)
    await expect(store.answers.kept('account U0ANA')).rejects.toThrow(/was changed/)
  })
})
