import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect } from 'vitest'
import { freePort } from '../servers/spawn.ts'
import { it } from '../support/bot-story.ts'
import { shippedSettings, type Bot } from '../support/bot.ts'
import { PROGRAM } from '../support/program.ts'
import { codeAt, enrolledIn, signingOn, type Enrolled } from '../support/second-factor.ts'
import { BO } from '../support/slack/fixture.ts'
import { countOf, journaled } from './journaled.ts'
import { assess, card, declare, planned, type Declared } from './reading.ts'

/** Signing on Backout's own machine, beside the running bot; told in order. */
const port = await freePort()
const SIGNING = signingOn(port)

it.override('told', {
  scenario: 'errors-62',
  settings: shippedSettings({ 'readSeconds: 5': 'readSeconds: 0' }),
  env: SIGNING,
})

let declared: Declared
let enrolled: Enrolled

/** The command as somebody types it, and what they type when they are asked. */
function typed(
  bot: Bot,
  args: readonly string[],
  answers = '',
): Promise<{ code: number | null; output: string }> {
  const data = dirname(bot.journal)
  const { promise, resolve: done } = Promise.withResolvers<{
    code: number | null
    output: string
  }>()
  const child = spawn(
    process.execPath,
    [PROGRAM, ...args, '--config', join(data, 'backout.yaml')],
    {
      env: {
        ...SIGNING,
        PATH: process.env['PATH'],
        BACKOUT_DATA: data,
        BACKEND_URL: 'http://backend.invalid',
        FRONTEND_URL: 'http://frontend.invalid',
      },
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  child.on('close', (code) => done({ code, output }))
  child.stdin.end(answers)
  return promise
}

it.beforeAll(async ({ slack, ana, bot }) => {
  const [bo] = await enrolledIn(dirname(bot.journal), Date.now(), [BO])
  if (!bo) throw new Error('nobody enrolled')
  enrolled = bo
  declared = await declare(slack, ana)
  await planned(slack, ana, declared)
})

describe('on Backout’s own machine', () => {
  it('status and plan say how it stands, and everything that would be signed', async ({ bot }) => {
    const status = await typed(bot, ['status'])
    expect(status).toMatchObject({ code: 0 })
    expect(status.output).toMatch(new RegExp(`5xx 62.0 % \\(${declared.incident}\\)`))
    const plan = await typed(bot, ['plan', declared.incident])
    expect(plan.output).toMatch(/• backend: v2\.0\.0 .* → v1\.9\.0[^]*What is lost[^]*[0-9a-f]{64}/)
    expect(plan.output).not.toMatch(/<[@!]|\u200B/)
    expect((await typed(bot, ['plan', declared.incident, '7'])).output).toMatch(/has no plan 7/)
    expect((await typed(bot, ['status', 'none'])).output).toMatch(/There is no incident none/)
  })

  it('a code is asked for, and never taken from the arguments', async ({ bot }) => {
    const words = await typed(bot, ['sign', declared.incident, '1', '123456'])
    expect(words.code).toBe(1)
    expect(words.output).toMatch(/sign does not know what to do with "123456"/)
    const wrong = await typed(bot, ['sign', declared.incident], `${enrolled.handle}\n000000\n`)
    expect(wrong).toMatchObject({ code: 1 })
    expect(wrong.output).toMatch(/That is not the code now/)
    expect(wrong.output).not.toContain('000000')
    expect((await typed(bot, ['sign', declared.incident])).code).toBe(1)
    expect(countOf(journaled(bot, declared.incident), 'plan-approved')).toBe(0)
  })

  it('it signs once, by the same gate, and the card says by which way', async ({ bot, slack }) => {
    const answers = `${enrolled.handle}\n${codeAt(enrolled.secret, Date.now())}\n`
    const signed = await typed(bot, ['sign', declared.incident, '1'], answers)
    expect(signed.output).toMatch(/It counts\.[^]*1 of 2 signatures/)
    expect(signed.code).toBe(0)
    const events = journaled(bot, declared.incident)
    const approval = events.find(({ type }) => type === 'plan-approved')
    expect(approval).toMatchObject({ by: BO, via: 'command-line' })
    expect(approval).not.toHaveProperty('rightsAsOf')
    const { reads } = await card(slack, 'plan-1', declared.incident, /1 of 2 signatures/)
    expect(reads).toMatch(/<@U0BO> at .* on the command line/)
    const again = await typed(bot, ['sign', declared.incident, '1'], answers)
    expect(again.output).toMatch(/has counted already/)
  })

  it('what nobody has declared is listed, and declared with a code by who plans for it', async ({
    bot,
    slack,
    ana,
  }) => {
    const { incident } = await assess(slack, ana)
    const status = await typed(bot, ['status'])
    expect(status.output).toMatch(new RegExp(`to declare one .* type: backout plan ${incident}`))
    const unnamed = await typed(bot, ['plan', incident])
    expect(unnamed).toMatchObject({ code: 1 })
    expect(unnamed.output).toMatch(/Nobody has declared this incident/)
    expect(countOf(journaled(bot, incident), 'incident-declared')).toBe(0)
    const answers = `${enrolled.handle}\n${codeAt(enrolled.secret, Date.now() + 30_000)}\n`
    const planning = await typed(bot, ['plan', incident], answers)
    expect(planning.output).toMatch(/It counts\.[^]*The plan is being made/)
    const made = journaled(bot, incident)
    expect(made.find(({ type }) => type === 'incident-declared')).toMatchObject({ by: BO })
    expect(made.find(({ type }) => type === 'plan-requested')).toMatchObject({ by: BO })
    expect((await typed(bot, ['status'])).output).not.toMatch(/Not declared yet/)
  }, 60_000)

  it('what cannot be stopped is refused, in words', async ({ bot }) => {
    const refused = await typed(bot, ['abort', declared.incident])
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.output).toMatch(/Nothing is being carried out that could be stopped/)
  })
})
