// The baseline: the smallest Bolt app there is. It acknowledges every click and does nothing else.
// JavaScript, so that it pays for nothing that a plain Bolt app would not pay for.
import bolt from '@slack/bolt'

const {
  SLACK_BOT_TOKEN: token,
  SLACK_APP_TOKEN: appToken,
  SLACK_API_URL: slackApiUrl,
} = process.env
const app = new bolt.App({ token, appToken, socketMode: true, clientOptions: { slackApiUrl } })
app.action(/.*/, async ({ ack }) => {
  await ack()
})
await app.start()
// In order, so that Node keeps what it compiled where it is told to.
process.once('SIGINT', () => process.exit())
