import { ACTIONS } from '../../chat/reading/action-ids.ts'
import { parsePress, WISHES } from '../../chat/reading/parse-press.ts'
import type { Intake, Listening } from './intake.ts'

/** Buttons and selects: durable before they are acknowledged (J8). */
export function onPress({ app, openHome }: Listening, intake: Intake): void {
  for (const action of WISHES) {
    app.action(action, async ({ ack, body }) => {
      const press = parsePress(body)
      if (!press) return ack()
      const { incident, ...received } = press
      const refusal = await intake.receive(incident, received)
      await ack()
      if (refusal) await intake.tell(press.by, press.place, refusal)
    })
  }

  app.action(ACTIONS.refreshHome, async ({ ack, body }) => {
    await ack()
    await openHome(body.user.id)
  })

  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await openHome(event.user)
  })
}
