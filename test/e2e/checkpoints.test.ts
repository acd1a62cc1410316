import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { dataFolder, runBackout, shippedSettings, variablesFor, type Bot } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { card, closeIncident, declare, planned, sign } from './reading.ts'

const keys = generateKeyPairSync('ed25519')
const folder = dataFolder()
const [PRIVATE, PUBLIC] = [join(folder, 'private.pem'), join(folder, 'public.pem')]
writeFileSync(PRIVATE, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
writeFileSync(PUBLIC, keys.publicKey.export({ type: 'spki', format: 'pem' }))

it.override('told', {
  scenario: 'errors-62',
  settings: shippedSettings({}),
  env: { BACKOUT_CHECKPOINT_KEY_FILE: PRIVATE },
})

/** `verify-journal`, of this file, with what Slack and the key say of it. */
function verify(file: string, slack: Slack, bot: Bot) {
  const config = ['--config', join(dirname(bot.journal), 'backout.yaml')]
  const outside = ['--against-slack', '--public-key', PUBLIC]
  return runBackout(['verify-journal', file, ...config, ...outside], variablesFor(slack))
}

/** The journal as it is, in a file that may be tampered with. */
function copyOf({ journal }: Bot): string {
  const file = join(mkdtempSync(join(folder, 'copy-')), 'journal.sqlite')
  using database = new DatabaseSync(journal, { readOnly: true })
  database.exec(`VACUUM INTO '${file}'`)
  return file
}

describe('what a thread was told of the journal', () => {
  it('proves it, with the key and without', async ({ slack, bot, ana, bo, cy }) => {
    const declared = await declare(slack, ana)
    const plan = await planned(slack, ana, declared)
    await sign(slack, bo, plan)
    await sign(slack, cy, plan)
    const thread = await card(slack, 'thread-card', declared.incident, /Close incident/)
    await card(slack, 'run-1', declared.incident, /verified/)
    await closeIncident(ana, thread)
    await card(slack, 'thread-card', declared.incident, /The report was written/)

    const held = await verify(bot.journal, slack, bot)
    expect(held.output).toMatch(/The journal is intact: \d+ events, head [0-9a-f]{64}\./)
    expect(held.output).toMatch(/Its newest signed checkpoint covers event 1 to \d+\./)
    expect(held.output).toMatch(
      /It is what the threads of the last 30 days were told: 3 checkpoints/,
    )
    expect(held.code).toBe(0)
  })

  it('shows that its end was cut off, and that it is another one', async ({ slack, bot }) => {
    const cut = copyOf(bot)
    using database = new DatabaseSync(cut)
    database.exec(
      "DELETE FROM events WHERE position >= (SELECT min(position) FROM events WHERE type = 'incident-closed')",
    )
    const missed = await verify(cut, slack, bot)
    expect(missed.output).toMatch(
      /broken at event \d+ .*was told of event \d+: the newest events are missing\./,
    )
    expect(missed.code).toBe(1)

    const empty = copyOf(bot)
    using other = new DatabaseSync(empty)
    other.exec('DELETE FROM events')
    expect(await verify(empty, slack, bot)).toMatchObject({ code: 1 })
  })

  it('is proved of a copy for an auditor too, which spreadsheets can read', async ({
    slack,
    bot,
  }) => {
    const into = dirname(copyOf(bot))
    const env = { BACKOUT_DATA: dirname(bot.journal) }
    const [lines, table] = [join(into, 'copy.jsonl'), join(into, 'copy.csv')]
    expect(await runBackout(['export', lines], env)).toMatchObject({ code: 0 })
    expect(statSync(lines).mode & 0o777).toBe(0o600)
    expect(await verify(lines, slack, bot)).toMatchObject({
      code: 0,
      output: expect.stringContaining('It is what the threads'),
    })
    writeFileSync(lines, readFileSync(lines, 'utf8').replace('U0BO', 'U0CY'))
    expect(await verify(lines, slack, bot)).toMatchObject({
      code: 1,
      output: expect.stringContaining('its hash does not match: it was changed'),
    })
    expect(await runBackout(['export', table], env)).toMatchObject({ code: 0 })
    const [head, first] = readFileSync(table, 'utf8').split('\r\n')
    expect(head).toBe('event,at,incident,sequence,type,by,details,hash')
    expect(first).toMatch(/^1,\d{4}-\d\d-\d\dT.*,intent-received,/)
    expect(await runBackout(['export', table], env)).toMatchObject({
      code: 1,
      output: expect.stringContaining('is there already'),
    })
  })
})
