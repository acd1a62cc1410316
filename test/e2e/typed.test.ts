import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { str } from '../support/slack/json.ts'
import { answerTo, assess, cards, declare, rendered, told } from './reading.ts'

describe('what people type by mistake gets an answer that says what to type', () => {
  const REFUSED: [string, RegExp][] = [
    [
      'asess',
      /^Nothing was done\. “asess” is not known\. Nearest: \/rollback assess \[symptom…\]$/,
    ],
    ['roll it back', /^Nothing was done\. “roll” is not known\..*\/rollback/],
    ['logs bakend', /^Nothing was done\..*“bakend”\. Did you mean backend\?.*logs backend$/],
    ['logs payments', /^Nothing was done\..*“payments”\. Services: backend, frontend\.$/],
    ['logs', /^Nothing was done\. Which service\? Services: backend, frontend\./],
    ['logs backend --tail many', /--tail takes a number from 1 to 500\. Type: \/rollback logs/],
    ['logs backend --tial 5', /“--tial” is not known\. Did you mean --tail\?/],
    ['logs backend --tail', /--tail needs a value\./],
    ['assess everything', /“everything” is not a symptom\. Symptoms: cross-organisation-leak/],
    ['assess dataloos', /“dataloos” is not a symptom\. Did you mean data-loss\?/],
    ['ping --all', /“--all” is not known: this command takes no flags\. Type: \/rollback ping/],
    ['start kubernets', /“kubernets” is not a procedure\. Did you mean kubernetes\?/],
    ['status 20200101-none', /^There is no incident 20200101-none\..*\/rollback history/],
  ]
  it.for(REFUSED)('/rollback %s', async ([line, reads], { ana }) => {
    expect((await answerTo(ana, line)).replaceAll('\u200B', '')).toMatch(reads)
  })

  it('nothing at all is a question for help', async ({ ana }) => {
    const answer = await told(ana, () => ana.command(INCIDENTS, '/rollback'))
    expect(answer).toContain('What you can type: production')
  })

  it('none of it left anything in the channel', async ({ slack }) => {
    expect(await cards(slack, 'assessment-card')).toEqual([])
  })
})

describe('what people and their phones type anyway', () => {
  const SAME: [string, string][] = [
    ['flags first', 'logs --tail 2 backend'],
    ['flags last', 'logs backend --tail 2'],
    ['one word', 'logs --tail=2 backend'],
    ['a dash from a phone', 'logs backend —tail 2'],
    ['smart quotes', 'logs “backend” --tail “2”'],
    ['the brackets of the help', 'logs &lt;backend&gt; --tail 2'],
    ['capitals', 'LOGS Backend --TAIL 2'],
    ['many blanks', '  logs   backend   --tail  2 '],
  ]
  it.for(SAME)('%s: /rollback %s', async ([, line], { ana }) => {
    expect(await answerTo(ana, line)).toMatch(/^Logs: backend\n.*: 2 lines\n```/)
  })

  it('symptoms in people’s words', async ({ slack, ana }) => {
    const card = await assess(slack, ana, '/rollback assess “data loss” and leak')
    expect(card.spoken).toMatch(/^production: Roll back: /)
    expect(card.reads).toMatch(/Reported:\*.*Data leak between organisations/)
    expect(card.reads).toMatch(/Reported:\*.*Data loss/)
  })
})

describe('free text is shown, and does nothing', () => {
  const LOUD = '<!channel> <@U0BO> <https://evil.example|the dashboard> *now* `rm -rf`'

  it('in a refusal', async ({ ana }) => {
    const answer = await answerTo(ana, LOUD)
    expect(answer).toMatch(/^Nothing was done\. “.* is not known\./)
    expect(answer).not.toMatch(/<[!@h]/)
  })

  it('8,000 characters are refused in a few', async ({ ana }) => {
    const answer = await answerTo(ana, `logs ${'x'.repeat(8_000)}`)
    expect(answer).toMatch(/^Nothing was done\. There is no service “x+…”\. Services: /)
    expect(answer.length).toBeLessThan(400)
    const symptoms = await answerTo(ana, `assess ${'data '.repeat(1_600)}`)
    expect(symptoms).toMatch(/^Nothing was done\./)
    expect(symptoms.length).toBeLessThan(400)
  })

  it('in the headline of an incident started by hand', async ({ ana }) => {
    await ana.command(INCIDENTS, '/rollback start')
    await ana.modal()
    await ana.submit({ description: `${LOUD} since noon\n${'y'.repeat(1_900)}` })
    const headline = await ana.waitForMessage(INCIDENTS, ({ text }) =>
      /^Open incident in production.*since noon/.test(str(text)),
    )
    expect(rendered(headline)).not.toMatch(/<(!channel|@U0BO|https:\/\/evil)/)
    expect(str(headline['text'])).toContain('&lt;!channel&gt;')
  })
})

describe('the status of an incident', () => {
  it('is found by its name, in any case', async ({ slack, ana }) => {
    const { incident } = await declare(slack, ana)
    const answer = await answerTo(ana, `status #${incident.toUpperCase()}`)
    expect(answer).toMatch(/5xx 6[0-3]\.\d %/)
    expect(answer).toContain(`(${incident})`)
    expect(answer).toMatch(/Open, severity critical, since .*\nNow: Roll back: 5xx 6[0-3]\.\d %/)
    expect(answer).toMatch(/Next: <https?:\/\/[^|]+\|its thread> in <#/)
    const all = await answerTo(ana, 'history')
    expect(all).toContain(incident)
    expect(all).toMatch(/Open, severity critical/)
  })
})
