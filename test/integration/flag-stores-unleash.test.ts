import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { checkUnleash } from '../../src/adapters/unleash/check.ts'
import { untilAborted } from '../../src/domain/base/until-aborted.ts'
import type { EndpointAnswer, Endpoints } from '../../src/ports/endpoints.ts'
import { unleashFlag, type UnleashFlagOptions } from '../../src/adapters/unleash/flag.ts'
import { missingAllowed } from '../servers/find.ts'
import { startUnleash, unleashTokens, type UnleashServer } from '../servers/unleash/start.ts'
import { flagStoreContract, seenAs } from '../support/contracts/flag-stores.ts'
import { closedPort, faultOf, patience, silentServer } from '../support/contracts/outside.ts'

const options = () => ({ cause: 'Ana and Ben, inc-1', signal: AbortSignal.timeout(20_000) })
const NONE: EndpointAnswer = { status: 404, body: '', contentType: '', truncated: false }
let made = 0
const newName = (): string => `flag-${(made += 1)}`

describe.skipIf(missingAllowed('unleash'))('Unleash', () => {
  let server: UnleashServer
  beforeAll(async () => {
    server = await startUnleash()
  })
  afterAll(() => server.stop())

  const endpoints = httpEndpoints({ dependency: 'unleash' })
  const flagAt = (url: string, feature: string, more: Partial<UnleashFlagOptions> = {}) =>
    unleashFlag({
      url,
      token: unleashTokens.admin,
      clientToken: unleashTokens.client,
      feature,
      project: 'default',
      environment: 'development',
      endpoints,
      ...more,
    })

  const featurePath = (name: string) => `/projects/default/features/${name}`
  const toggle = (name: string, value: string) =>
    server.admin('POST', `${featurePath(name)}/environments/development/${value}`)

  /** On, for one tenant only. */
  const newFlag = async () => {
    const name = newName()
    await server.admin('POST', '/projects/default/features', { name, type: 'release' })
    const constraint = { contextName: 'userId', operator: 'IN', values: ['tenant-1'] }
    const strategy = { name: 'default', constraints: [constraint], parameters: {} }
    const path = `${featurePath(name)}/environments/development/strategies`
    await server.admin('POST', path, strategy)
    await toggle(name, 'on')
    await seenAs(flagAt(server.url, name), 'on')
    return name
  }

  flagStoreContract('Unleash', {
    async start() {
      const name = await newFlag()
      return {
        store: flagAt(server.url, name),
        unsafe: 'on',
        safe: 'off',
        others: {
          set: async (value) => void (await toggle(name, value)),
          remove: async () => void (await server.admin('DELETE', featurePath(name))),
        },
      }
    },
    refusing: async () => flagAt(`http://127.0.0.1:${await closedPort()}`, 'x'),
    silent: async () => {
      const { host, port } = await silentServer()
      return flagAt(`http://${host}:${port}`, 'x')
    },
  })

  test('off is off whatever its strategies say, and on again they are as they were', async () => {
    const name = await newFlag()
    const strategies = async () => {
      const path = `${featurePath(name)}/environments/development`
      return (await server.admin('GET', path)) as object
    }
    const before = await strategies()
    const store = flagAt(server.url, name)
    const { identity, cautions } = await store.look('off', patience())
    expect(cautions.join(' ')).toMatch(/off for everybody.*strategy in development stays/)
    await store.write({ identity, from: 'on', to: 'off' }, options())
    await seenAs(store, 'off')
    const response = await fetch(`${server.url}/api/client/features/${name}`, {
      headers: { authorization: unleashTokens.client },
    })
    expect(await response.json()).toMatchObject({ enabled: false })
    await store.write({ identity, from: 'off', to: 'on' }, options())
    await seenAs(store, 'on')
    expect(await strategies()).toEqual(before)
  })

  test('its own history names the token that switched it', async () => {
    const name = await newFlag()
    const store = flagAt(server.url, name)
    const { identity } = await store.look('off', patience())
    await store.write({ identity, from: 'on', to: 'off' }, options())
    const { events } = (await server.admin('GET', `/search/events?feature=IS:${name}`)) as {
      events: readonly { type: string; createdBy: string }[]
    }
    const switched = events.filter(({ type }) => type === 'feature-environment-disabled')
    expect(switched).toMatchObject([{ createdBy: 'backout' }])
  })

  test('when it was last switched there, and by whom, is read with the least rights there are', async () => {
    const name = await newFlag()
    const startedMs = Date.now() - 1_000
    const token = await server.tokenOf('Viewer')
    const changed = async (more: Partial<UnleashFlagOptions> = {}) =>
      (await flagAt(server.url, name, { token, ...more }).look('off', patience())).lastChange
    await toggle(name, 'off')
    const off = await changed()
    expect(off).toMatchObject({ what: 'switched', by: 'backout' })
    expect(Date.parse(off?.at ?? '')).toBeGreaterThan(startedMs)
    // Of another environment, and of another flag whose name begins so.
    await server.admin('POST', `${featurePath(name)}/environments/production/on`)
    await server.admin('POST', '/projects/default/features', { name: `${name}-2`, type: 'release' })
    await toggle(`${name}-2`, 'on')
    expect(await changed()).toEqual(off)
    const production = { environment: 'production', clientToken: null }
    expect(await changed(production)).toMatchObject({ what: 'switched' })
    const path = `${featurePath(name)}/environments/development/strategies`
    await server.admin('POST', path, { name: 'default', constraints: [], parameters: {} })
    expect(await changed()).toMatchObject({ what: 'changed', by: 'backout' })
  })

  test.each<[string, () => Promise<EndpointAnswer>]>([
    ['an older server', async () => NONE],
    ['one whose log hangs', () => new Promise(() => undefined)],
    ['one that answers something else', async () => ({ ...NONE, status: 200, body: '{}' })],
  ])('of %s it is not known when, and everything else is', async (_, log) => {
    const name = await newFlag()
    const without: Endpoints = {
      ask: (question) =>
        question.url.includes('/search/events')
          ? untilAborted(log(), question.signal)
          : endpoints.ask(question),
    }
    const seen = await flagAt(server.url, name, { endpoints: without }).look('on', patience())
    expect([seen.value, seen.lastChange]).toEqual(['on', undefined])
  })

  test('where every strategy is disabled it is not turned on: it would be for everybody', async () => {
    const name = await newFlag()
    await toggle(name, 'off')
    await server.database.sql(
      `update feature_strategies set disabled = true where feature_name = '${name}'`,
    )
    const store = flagAt(server.url, name, { clientToken: null })
    const { identity, obstacle } = await store.look('on', patience())
    expect(obstacle).toMatch(/all its strategies in development are disabled/)
    const written = await store.write({ identity, from: 'off', to: 'on' }, options())
    expect(written).toMatchObject({ kind: 'refused' })
    expect((await store.look('off', patience())).value).toBe('off')
  })

  test.each<[string, Partial<UnleashFlagOptions>, RegExp]>([
    ['another environment', { environment: 'moon' }, /in no environment moon; it is in: dev/],
    ['another project', { project: 'other' }, /there is no flag .* in its project other/],
    ['another flag', { feature: 'a/b c?d' }, /there is no flag a\/b c\?d in its project default/],
    ['a wrong token', { token: '*:*.wrong' }, /^it does not take UNLEASH_TOKEN \(HTTP 401\)$/],
    ['a token of services', { token: unleashTokens.client }, /UNLEASH_TOKEN may not do this/],
    ['a wrong client token', { clientToken: 'wrong' }, /does not take UNLEASH_CLIENT_TOKEN/],
  ])('%s is a fault that a person can mend', async (_what, more, words) => {
    const store = flagAt(server.url, await newFlag(), more)
    const fault = await faultOf(store.look('off', patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'unleash' })
    expect(fault.detail).toMatch(words)
    expect(fault.detail).not.toContain('for-tests')
  })

  test('a client token of another environment proves nothing here, and says so', async () => {
    const store = flagAt(server.url, await newFlag(), { environment: 'production' })
    const { value, cautions } = await store.look('off', patience())
    expect(value).toBe('off')
    expect(cautions.join(' ')).toContain('UNLEASH_CLIENT_TOKEN is for development, not production')
  })

  test('who may only look, or has to make change requests, is told so and changes nothing', async () => {
    const name = await newFlag()
    const [viewer, editor] = [await server.tokenOf('Viewer'), await server.tokenOf('Editor')]
    const { identity } = await flagAt(server.url, name).look('off', patience())
    const write = { identity, from: 'on', to: 'off' }
    const lookOnly = flagAt(server.url, name, { token: viewer })
    expect(await lookOnly.write(write, options())).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/HTTP 403: .*UPDATE_FEATURE_ENVIRONMENT/),
    })
    const requested = `('default', 'development')`
    await server.database.sql(
      `insert into change_request_settings (project, environment) values ${requested}`,
    )
    onTestFinished(
      async () => void (await server.database.sql('delete from change_request_settings')),
    )
    const editing = flagAt(server.url, name, { token: editor })
    expect(await editing.write(write, options())).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/SKIP_CHANGE_REQUEST.*change requests/),
    })
    expect((await editing.look('off', patience())).value).toBe('on')
  })

  test('the doctor says the version, and who may switch', async () => {
    const feature = await newFlag()
    const at = { url: server.url, clientToken: null, endpoints }
    const places = [{ feature, project: 'default', environment: 'development' }]
    const found = async (token: string) =>
      (await checkUnleash({ ...at, token, places }, patience())).map(
        (one) => `${one.state} ${one.tried}: ${one.found}`,
      )
    expect(await found(unleashTokens.admin)).toEqual([
      'ok address and token: version 8.2.0: the token is taken',
      `ok flag ${feature} of development: it is on, and may be switched`,
    ])
    expect(await found(await server.tokenOf('Editor'))).toEqual([
      expect.stringContaining('ok address'),
      expect.stringContaining('may be switched'),
    ])
    expect(await found(await server.tokenOf('Viewer'))).toEqual([
      expect.stringContaining('ok address'),
      expect.stringMatching(/careful .*does not seem to be allowed to switch it/),
    ])
    expect(await found('wrong')).toEqual([expect.stringMatching(/wrong .*does not take UNLEASH_T/)])
  })
})
