import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { connectSlack } from '../../src/adapters/slack/connect.ts'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { sleep } from '../../src/compose/sleep.ts'
import { startDemoSlack } from '../support/bot.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

it('what is delivered before anybody listens waits, and is handed on once', async () => {
  await using cleaning = new AsyncDisposableStack()
  const slack = cleaning.adopt(await startDemoSlack(), (one) => one.stop())
  const { botToken, appToken } = slack.workspace.app
  const connection = connectSlack({
    botToken,
    apiUrl: slack.apiUrl,
    mode: { kind: 'socket', appToken },
    log: pinoLog({ level: 'silent' }),
    now: Date.now,
  })
  cleaning.defer(connection.stop)
  await connection.start(sleep, new AbortController().signal)

  const typed = slack.as(ANA).command(INCIDENTS, '/rollback help')
  await until(() => slack.sockets.log.length > 0, 'the command to be delivered')
  await setImmediate()
  const heard: string[] = []
  connection.app.command('/rollback', async ({ ack, command }) => {
    heard.push(command.text)
    await ack()
  })
  expect(heard).toEqual([])
  connection.takeDeliveries()

  expect(await typed).toMatchObject({ acked: true })
  expect(heard).toEqual(['help'])
})
