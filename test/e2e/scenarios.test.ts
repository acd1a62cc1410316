import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { scenarioNames } from '../../src/sandbox/scenario.ts'
import type { Bot } from '../support/bot.ts'
import { startBot, startDemoSlack } from '../support/bot.ts'
import { ANA } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { answerTo, assess } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

/** What a responder has to read, and how soon. */
const EXPECTED: Record<ScenarioName, { says: RegExp; because: RegExp; also?: RegExp }> = {
  'complete-outage': {
    says: /^production: Roll back: /,
    because: /all health probes fail: backend HTTP 503 \(3 of 3\), frontend HTTP 503 \(3 of 3\)/,
    also: /Way back:\* kubernetes to \*v1\.9\.0/,
  },
  'errors-62': {
    says: /^production: Roll back: /,
    because: /5xx 6[0-3]\.\d %, rule above 50 %/,
    also: /Way back:\* kubernetes to \*v1\.9\.0/,
  },
  'errors-8': {
    says: /^production: A person decides: /,
    because: /5xx (7\.[5-9]|8\.\d) %, rule from 5 % to 50 %/,
  },
  'login-failures': {
    says: /^production: Roll back: /,
    because: /failed logins 1[345]\.\d %, rule above 10 %/,
  },
  'slow-30': {
    says: /^production: A person decides: /,
    because: /p95 .*(2[6-9]|3[0-4])\.\d %, rule from \+?20 % to \+?50 %/,
    also: /scale up/,
  },
  'slow-60': {
    says: /^production: Roll back: /,
    because: /p95 .*(5[6-9]|6[0-4])\.\d %, rule above \+?50 %/,
    also: /scale up/,
  },
  'redis-down': {
    says: /^production: Do not roll back: /,
    because: /Redis: connection refused; the services are healthy/,
    // What does not answer cannot be cleared.
    also: /Instead: bring the cache back/,
  },
  'data-corruption': {
    says: /^production: A person decides: /,
    because: /5xx (5\.[89]|6\.\d|7\.0) %, rule from 5 % to 50 %/,
  },
  'tenant-flag': {
    says: /^production: Roll back: /,
    because: /5xx (5[6-9]|60)\.\d %, rule above 50 %/,
    // What costs seconds and no deploy comes first.
    also: /feature flag/i,
  },
  'prometheus-silent': {
    says: /^production: A person decides: /,
    // What is blind has a name: the one who reads it must know what to look at by hand.
    because: /errors, logins, latency/,
    also: /Not known.*\n.*errors, logins, latency: no answer from Prometheus within 3 s/,
  },
  'prometheus-stale': {
    says: /^production: A person decides: /,
    because: /errors, logins, latency/,
    also: /Not known.*\n.*errors, logins, latency: .* old/,
  },
  healthy: {
    says: /^production: Do not roll back/,
    because: /nothing measured calls for it|All is well|healthy/i,
  },
}

let slack: Slack
let bot: Bot | undefined

tellOnFailure(() => bot)

beforeAll(async () => {
  slack = await startDemoSlack()
})

afterAll(() => slack.stop())

describe('/rollback assess answers', () => {
  it.each(scenarioNames)('%s', async (scenario) => {
    await using running = await startBot({ slack, scenario })
    bot = running
    const card = await assess(slack, slack.as(ANA))
    const { says, because, also = because } = EXPECTED[scenario]
    expect(card.spoken).toMatch(says)
    expect(card.spoken).toMatch(because)
    expect(card.reads).toMatch(because)
    expect(card.reads).toMatch(also)
  })
})

const NO_INCIDENT = /No incident is open in production\..*\/rollback assess/
const DEPLOYED = /backend\*[^]*All 3 pods are ready\.\nRuns v2\.0\.0\. Before: v1\.9\.0/
const ALWAYS = {
  status: NO_INCIDENT,
  history: /There has been no incident yet\./,
  deployments: DEPLOYED,
  contacts: /On call[^]*Primary: \*Ana Example\*[^]*MongoDB Support[^]*Status page/,
  help: /What you can type: production[^]*assess \[symptom…\][^]*logs[^]*In a thread type/,
}

/** The quick commands where production is bad, and where a part of it cannot be asked. */
const QUICK: [ScenarioName, Record<string, RegExp>][] = [
  [
    'errors-62',
    {
      ...ALWAYS,
      'logs backend --tail 2': /Logs: backend\n[^]*backend\*: 2 lines\n```.* (GET|POST) \/api\//,
      ping: /Database\* answers, in \d+ ms\.\n\*Cache\* answers, in \d+ ms\./,
      targets: /Prometheus targets: 0 down, \d up/,
      metrics:
        /🔴 Bad\*\n\*Errors:\* 6[0-3](\.\d)? % of [\d.]+ requests\/s ended in 5xx \([\d,]+ of [\d,]+\).*\n\*🟢 Good/,
    },
  ],
  [
    'redis-down',
    {
      ...ALWAYS,
      'logs frontend': /Logs: frontend\n[^]* lines\n```/,
      ping: /Database\* answers, in \d+ ms\.\n\*Cache\* does not answer: connection refused\./,
      targets: /Prometheus targets: 0 down, \d up/,
      metrics: /⚫ Not reached\*\n[^]*Cache:\* Redis: connection refused[^]*🟢 Good/,
    },
  ],
  [
    'prometheus-silent',
    {
      ...ALWAYS,
      'logs backend': /Logs: backend\n/,
      ping: /Database\* answers, in \d+ ms\.\n\*Cache\* answers, in \d+ ms\./,
      targets: /Could not read the Prometheus targets: did not answer in time\.\nNext: try again/,
      metrics: /⚫ Not reached\*\n\*Errors; [\w; ]+:\* no answer from Prometheus within 3 s/,
    },
  ],
]

describe.each(QUICK)('the quick commands on %s', (scenario, answers) => {
  it(`answers ${Object.keys(answers).join(', ')}`, async () => {
    await using running = await startBot({ slack, scenario })
    bot = running
    for (const [line, reads] of Object.entries(answers)) {
      // oxlint-disable-next-line no-await-in-loop -- a person types one after the other
      expect(await answerTo(slack.as(ANA), line), line).toMatch(reads)
    }
  })
})
