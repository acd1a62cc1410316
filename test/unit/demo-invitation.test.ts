import { expect, test } from 'vitest'
import { invitation } from '../../src/compose/commands/demo.ts'

const URL = 'http://127.0.0.1:3333'

test('the demo says that its Slack is open to whoever reaches the machine', () => {
  const said = invitation(URL, 'errors-62', { crash: false })
  expect(said).toContain(URL)
  expect(said).toMatch(/listens on every interface\. Try it in a network you trust/)
  expect(said).toContain('--crash')
})

test('and not of one that was there before', () => {
  const slack = 'http://127.0.0.1:3334/api/'
  expect(invitation(URL, 'errors-62', { crash: true, slack })).not.toContain('every interface')
})
