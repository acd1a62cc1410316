import { afterAll, beforeAll, expect, it } from 'vitest'
import { startDemoSlack } from '../support/bot.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { answerTo, card, cards, type Card } from './reading.ts'
import { withStage } from './staged.ts'

let slack: Slack

beforeAll(async () => {
  slack = await startDemoSlack()
})
afterAll(() => slack?.stop())

const told = (): Promise<Card> =>
  until(
    async () =>
      (await cards(slack, 'assessment-card')).find(({ reads }) => reads.includes('Looked at')),
    'an incident that nobody has asked for',
    40_000,
  )

it('a release that turns bad is posted, with its assessment and buttons, and nobody has typed anything', async () => {
  const releaseWatch = { minutes: 30, everySeconds: 15 }
  await withStage(
    slack,
    'healthy',
    async ({ become }, httpPort) => {
      const ana = slack.as(ANA)
      const metrics = async () => (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()
      await until(
        async () => (await metrics()).includes('backout_release_watch_looks_total{found="well"}'),
        'a look at the release',
        40_000,
      )
      expect(await metrics()).toMatch(
        /backout_release_watched_seen_seconds\{service="backend",version="v2\.0\.0"\} \d+/,
      )
      expect(await answerTo(ana, 'readiness')).toMatch(
        /\*Release watch:\* backend v2\.0\.0, deployed .*\. At .* no rule called for anything\. \d+ looks? since .*, all of them taken\./,
      )
      expect(await cards(slack, 'assessment-card')).toEqual([])

      become('errors-62')
      const { ts, incident, reads, spoken } = await told()
      expect(reads).toContain('Roll back: production')
      expect(reads).toMatch(
        /\*Backout’s release watch:\* backend v2\.0\.0, frontend v2\.0\.0, deployed \d\d:\d\d:\d\d UTC/,
      )
      expect(spoken).toContain('Asked by Backout’s release watch: ')
      await ana.click(INCIDENTS, ts, 'Declare incident')
      await card(slack, 'headline', incident)
      await card(
        slack,
        'thread-card',
        incident,
        /Backout’s release watch \(backend v2\.0\.0, frontend v2\.0\.0, deployed \d\d:\d\d UTC\) asked for an assessment/,
      )
      expect(await answerTo(ana, 'readiness')).toContain('An incident was opened for it.')
      expect(await cards(slack, 'assessment-card')).toHaveLength(1)
    },
    [],
    { releaseWatch },
  )
}, 120_000)
