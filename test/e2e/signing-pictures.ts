import type { Browser, Page } from 'playwright-core'
import { freePort } from '../servers/spawn.ts'
import { dataFolder, shippedSettings, startSimulatedBot } from '../support/bot.ts'
import { selfSignedIn } from '../support/contracts/certificate.ts'
import type { SigningStore } from '../../src/ports/second-factor.ts'
import { codeAt, enrolledIn, signingOn, storeAt, type Enrolled } from '../support/second-factor.ts'
import { ANA, BO, CY } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { keep } from './pictures.ts'
import { assess, declare, planned } from './reading.ts'

const WIDTHS = { wide: 1_100, phone: 390 } as const
const HALF_MINUTE = 30_000

/** A browser such as people have: the cookie is taken over TLS alone, and the policy of the page is kept. */
export const withoutSlack = async (browser: Browser, slack: Slack): Promise<void> => {
  const data = dataFolder()
  const [bo, cy] = await enrolledIn(data, Date.now(), [BO, CY])
  const { certFile, keyFile } = await selfSignedIn(data)
  const port = await freePort()
  const url = `https://127.0.0.1:${port}`
  await using bot = await startSimulatedBot({
    slack,
    data,
    settings: shippedSettings({ 'readSeconds: 5': 'readSeconds: 0' }),
    env: {
      ...signingOn(port),
      BACKOUT_SIGNING_CERT_FILE: certFile,
      BACKOUT_SIGNING_CERT_KEY_FILE: keyFile,
    },
  })
  await bot.ready()
  const declared = await declare(slack, slack.as(ANA))
  const { incident } = declared
  await planned(slack, slack.as(ANA), declared)
  await assess(slack, slack.as(BO))
  if (!bo || !cy) throw new Error('nobody enrolled')
  const store = await storeAt(data, { nowMs: Date.now() })
  await until(() => kept(store), 'what Slack says of both to be kept', 30_000)
  const link = await store.invite(ANA)
  await store.close()
  slack.outage.begin('cut')

  const page = await browser.newPage({
    ignoreHTTPSErrors: true,
    viewport: { width: WIDTHS.wide, height: 900 },
  })
  const broken: string[] = []
  page.on('console', (said) => void (said.type() === 'error' && broken.push(said.text())))
  await page.goto(`${url}/`)
  await shot(page, 'signing-sign-in')
  await signIn(page, bo, -HALF_MINUTE)
  await shot(page, 'signing-list')
  await page.getByText('Its plans, to read and to sign').click()
  await shot(page, 'signing-plan')
  await page.locator('form.gate input.code').fill(codeAt(bo.secret, Date.now()))
  await page.getByRole('button', { name: 'Sign plan 1' }).click()
  await shot(page, 'signing-signed')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, cy, -HALF_MINUTE)
  await page.goto(`${url}/incident/${incident}`)
  await page.locator('form.gate input.code').fill(codeAt(cy.secret, Date.now()))
  await page.getByRole('button', { name: 'Sign plan 1' }).click()
  await until(
    async () => {
      // As often as a person would: whoever asks more often is turned away.
      await page.waitForTimeout(1_000)
      await page.goto(`${url}/incident/${incident}`)
      return (await page.content()).includes('was carried out')
    },
    'the run to end',
    60_000,
  )
  await shot(page, 'signing-run')
  await page.goto(`${url}/enrol/${link?.token ?? ''}`)
  await page.getByRole('button', { name: 'Show my secret' }).click()
  await shot(page, 'signing-enrol')
  if (broken.length > 0) throw new Error(`the page broke its own policy: ${broken.join('; ')}`)
  await page.close()
  slack.outage.end()
}

async function kept({ answers }: SigningStore): Promise<boolean> {
  const found = await Promise.all([BO, CY].map((user) => answers.kept(`account ${user}`)))
  return !found.includes(null)
}

async function signIn(page: Page, { handle, secret }: Enrolled, off: number): Promise<void> {
  await page.locator('#name').fill(handle)
  await page.locator('#code').fill(codeAt(secret, Date.now() + off))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Signed in as').waitFor()
}

async function shot(page: Page, name: string): Promise<void> {
  for (const [size, width] of Object.entries(WIDTHS)) {
    // oxlint-disable-next-line no-await-in-loop -- one page, one size after the other
    await page.setViewportSize({ width, height: 900 })
    // oxlint-disable-next-line no-await-in-loop -- as above
    keep(`${name}-${size}.png`, await page.screenshot({ fullPage: true }))
  }
}
