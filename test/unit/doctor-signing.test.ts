import { describe, expect, test } from 'vitest'
import { checkSigning } from '../../src/compose/doctor-signing.ts'
import { loadConfig, type Config } from '../../src/config/load-config.ts'
import { WrongConfiguration } from '../../src/config/problem.ts'
import { bareSettingsIn } from '../support/bare-settings.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { dataFolder } from '../support/bot.ts'
import { enrolledIn, SIGNING_KEY } from '../support/second-factor.ts'

const PAGE = 'https://127.0.0.1:8443'
const ON = { BACKOUT_SIGNING_KEY: SIGNING_KEY, BACKOUT_SIGNING_URL: PAGE }
const NOW = Date.now()
const DAY = 24 * 60 * 60_000

function configOf(variables: Readonly<Record<string, string>>, folder = dataFolder()): Config {
  const file = bareSettingsIn(folder)
  return loadConfig({ file, variables: { BACKOUT_DATA: folder, ...variables }, needs: [] })
}

function problemsOf(variables: Readonly<Record<string, string>>): string {
  try {
    configOf(variables)
    return ''
  } catch (error) {
    if (error instanceof WrongConfiguration) return error.message
    throw error
  }
}

describe('what the environment says of signing without Slack', () => {
  test('nothing: it is off', () => {
    expect(configOf({}).signing).toBeNull()
  })

  test('what it needs: it is on, on this machine alone', () => {
    expect(configOf(ON).signing).toEqual({
      key: SIGNING_KEY,
      url: PAGE,
      host: '127.0.0.1',
      port: 8443,
      tls: null,
      proxies: [],
    })
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['a key alone', { BACKOUT_SIGNING_KEY: SIGNING_KEY }, /BACKOUT_SIGNING_URL is missing/],
    ['an address alone', { BACKOUT_SIGNING_URL: PAGE }, /BACKOUT_SIGNING_KEY is missing/],
    ['a short key', { ...ON, BACKOUT_SIGNING_KEY: 'short' }, /at least 32 characters long/],
    ['http', { ...ON, BACKOUT_SIGNING_URL: 'http://x:1' }, /must be an https address/],
    ['a path', { ...ON, BACKOUT_SIGNING_URL: `${PAGE}/sign` }, /without a path/],
    [
      'an open port without TLS',
      { ...ON, BACKOUT_SIGNING_HOST: '0.0.0.0' },
      /is not this machine, and there is no TLS/,
    ],
    ['a proxy by name', { ...ON, BACKOUT_SIGNING_PROXIES: 'ingress' }, /must be IP addresses/],
    ['half a certificate', { ...ON, BACKOUT_SIGNING_CERT_FILE: '/x' }, /go together/],
    [
      'no such certificate',
      { ...ON, BACKOUT_SIGNING_CERT_FILE: '/x', BACKOUT_SIGNING_CERT_KEY_FILE: '/y' },
      /BACKOUT_SIGNING_CERT_FILE: there is no such file/,
    ],
  ])('%s is refused', (_, variables, what) => {
    expect(problemsOf(variables)).toMatch(what)
    expect(problemsOf(variables)).not.toContain(SIGNING_KEY)
  })

  test('it goes with a journal on a server', () => {
    const variables = { ...ON, BACKOUT_DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/backout' }
    expect(configOf(variables).signing).toMatchObject({ url: PAGE })
  })

  test('a proxy that is named may send from elsewhere', () => {
    const variables = {
      ...ON,
      BACKOUT_SIGNING_HOST: '0.0.0.0',
      BACKOUT_SIGNING_PROXIES: '10.0.0.1, 10.0.0.2',
    }
    expect(configOf(variables).signing?.proxies).toEqual(['10.0.0.1', '10.0.0.2'])
  })
})

describe('the doctor', () => {
  test('says nothing where it is off', async () => {
    expect(await checkSigning(configOf({}), NOW)).toEqual([])
  })

  test('says how many could sign, and makes no store where there is none', async () => {
    const folder = dataFolder()
    const config = configOf(ON, folder)
    expect(await checkSigning(config, NOW)).toMatchObject([
      { state: 'careful', found: 'nobody has enrolled yet' },
    ])
    await enrolledIn(folder, NOW, ['U0ANA', 'U0BO'])
    expect(await checkSigning(config, NOW)).toMatchObject([
      { state: 'careful', found: '2 of 2 who enrolled can sign now: two sign, and a third asks' },
    ])
    await enrolledIn(folder, NOW, ['U0CY'])
    expect(await checkSigning(config, NOW)).toMatchObject([{ state: 'ok' }])
    const other = { ...ON, BACKOUT_SIGNING_KEY: 'x'.repeat(40) }
    expect(await checkSigning(configOf(other, folder), NOW)).toMatchObject([
      { state: 'wrong', found: expect.stringMatching(/not sealed with this/) },
    ])
  })

  test('looks at the certificate', async () => {
    const { certFile, keyFile } = await selfSigned()
    const files = { BACKOUT_SIGNING_CERT_FILE: certFile, BACKOUT_SIGNING_CERT_KEY_FILE: keyFile }
    const said = async (variables: Record<string, string>, nowMs: number) =>
      (await checkSigning(configOf({ ...ON, ...files, ...variables }), nowMs))[1]
    expect(await said({}, NOW)).toMatchObject({ state: 'careful', found: /^it ends on/ })
    expect(await said({}, NOW + 3 * DAY)).toMatchObject({ state: 'wrong', found: /^it ended on/ })
    const elsewhere = { BACKOUT_SIGNING_URL: 'https://sign.example' }
    expect(await said(elsewhere, NOW)).toMatchObject({ found: 'it is not for sign.example' })
  })
})
