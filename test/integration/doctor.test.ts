import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { goodInstallation, type Broken, type Installation } from '../support/installation.ts'
import { grantConfigMaps } from '../support/kubernetes.ts'
import { CY, DEL, INCIDENTS, NOBOT } from '../support/slack/fixture.ts'

const needs = ['prometheus', 'redis', 'mongodb', 'kubernetes'] as const
const roleFile = join(import.meta.dirname, '../../manifests/kubernetes/role.yaml')

describe.skipIf(needs.some(missingAllowed))('doctor', () => {
  let good: Installation
  beforeAll(async () => {
    good = await goodInstallation()
  })
  afterAll(() => good[Symbol.asyncDispose]())

  test('on a good installation every line is there, and nothing is wrong', async () => {
    const { lines, wrong, exitCode, state } = await good.examine()
    expect(wrong).toEqual([])
    expect(exitCode).toBe(0)
    const expected: readonly [RegExp, string][] = [
      [/slack +auth\.test/, 'ok'],
      [/slack +scopes +exactly/, 'ok'],
      [/slack +apps\.connections\.open/, 'ok'],
      [/slack +channel C0INCIDENTS +#incidents/, 'ok'],
      [/slack +approver U0CY +a full member/, 'ok'],
      [/slack +approver group S0APPROVERS +2 people who can approve, in 2 accounts/, 'ok'],
      [/slack +approvers +together 3 people who can approve/, 'ok'],
      [/journal +write and verify .* intact/, 'ok'],
      [/journal +file system .* local/, 'ok'],
      [/kubernetes +permissions in production +everything needed/, 'ok'],
      [/Health, backend/, 'ok'],
      [/Health, frontend/, 'ok'],
      [/Version, backend/, 'ok'],
      [/Errors +/, 'ok'],
      [/Logins +/, 'ok'],
      [/Latency +/, 'ok'],
      [/Active users +/, 'ok'],
      [/kubernetes +Pods, backend, frontend/, 'ok'],
      [/redis +Cache/, 'ok'],
      [/prometheus +Scrape targets/, 'ok'],
      [/prometheus +Metrics/, 'ok'],
    ]
    for (const [words, what] of expected) expect([words, state(words)]).toEqual([words, [what]])
    // FerretDB, in MongoDB's place here, does not report its connections.
    expect(state(/mongodb +Database|Database: /)).toHaveLength(1)
    // None of these servers is an Alertmanager: then people look, and open incidents.
    const missing = lines.filter(({ text }) => /not configured/.test(text))
    expect(missing.map(({ state: one, text }) => `${one} ${text}`)).toEqual([
      expect.stringMatching(/^ok .*alerts that open incidents +not configured/),
      expect.stringMatching(/^careful .*No security alerts: Alertmanager is not configured/),
    ])
  })

  test('it leaves the journal as it was, and may be asked again', async () => {
    await good.examine()
    const file = join(good.folder, 'data', 'journal.sqlite')
    const before = await readFile(file)
    expect((await good.examine()).exitCode).toBe(0)
    expect((await readFile(file)).byteLength).toBe(before.byteLength)
  })

  describe('one thing broken, and that alone is wrong:', () => {
    const slackWrong: readonly [string, () => Broken, RegExp[]][] = [
      [
        'the bot token',
        () => ({ variables: { SLACK_BOT_TOKEN: 'xoxb-wrong' } }),
        [
          /does not accept the token .*auth\.test; channel C0INCIDENTS; approvers .*SLACK_BOT_TOKEN/,
        ],
      ],
      [
        'the app token',
        () => ({ variables: { SLACK_APP_TOKEN: 'xapp-wrong' } }),
        [/apps\.connections\.open: .*SLACK_APP_TOKEN/],
      ],
      [
        'a channel the bot is not in',
        () => ({ settings: { slack: { channels: [INCIDENTS, NOBOT] } } }),
        [/channel C0NOBOT: .*not in #nobot.*\/invite @Backout/],
      ],
      [
        'a channel that does not exist',
        () => ({ settings: { slack: { channels: ['C0NOWHERE'] } } }),
        [/channel C0NOWHERE: .*check the id/],
      ],
      [
        'no token at all',
        () => ({ variables: { SLACK_BOT_TOKEN: '' } }),
        [/SLACK_BOT_TOKEN: not set/],
      ],
    ]
    test.each(slackWrong)('%s', async (_what, broken, lines) => {
      const { wrong, exitCode } = await good.examine(broken())
      expect(exitCode).toBe(1)
      expect(wrong).toHaveLength(lines.length)
      for (const words of lines) expect(wrong.some((line) => words.test(line))).toBe(true)
    })

    test('a scope is missing; one too many is worth a word, and not wrong', async () => {
      const { workspace } = good.slack
      const all = [...workspace.scopes]
      onTestFinished(() => {
        workspace.scopes = all
      })
      workspace.scopes = all.filter((scope) => scope !== 'chat:write')
      const { wrong } = await good.examine()
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/scopes: missing: chat:write .*install the app again/)

      workspace.scopes = [...all, 'reactions:write']
      const more = await good.examine()
      expect(more.exitCode).toBe(0)
      expect(more.state(/more than needed: reactions:write/)).toEqual(['careful'])
    })

    test('Slack is not to be reached', async () => {
      const variables = { SLACK_API_URL: `http://127.0.0.1:${await closedPort()}/api/` }
      const { wrong } = await good.examine({ variables })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/^wrong +Slack could not be reached +blinds .*approvers.* means /)
    })

    test('the journal’s folder cannot be written to', async () => {
      const inTheWay = join(good.folder, 'a-file')
      await writeFile(inTheWay, '')
      for (const BACKOUT_DATA of [inTheWay, join(inTheWay, 'data')]) {
        const { wrong } = await good.examine({ variables: { BACKOUT_DATA } })
        expect(wrong).toHaveLength(1)
        expect(wrong[0]).toMatch(/^wrong +journal, .*BACKOUT_DATA/)
      }
    })

    test('the journal is damaged', async () => {
      const damaged = join(good.folder, 'damaged')
      await mkdir(damaged)
      await writeFile(
        join(damaged, 'journal.sqlite'),
        'not a database at all, by any means\n'.repeat(99),
      )
      const { wrong } = await good.examine({ variables: { BACKOUT_DATA: damaged } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/^wrong +journal, .*is not a journal/)
    })

    test('Prometheus refuses the password', async () => {
      const { wrong } = await good.examine({ variables: { PROMETHEUS_PASSWORD: 'wrong' } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(
        /credentials \(Prometheus answered 401\) +blinds +Errors; Refused requests; Logins/,
      )
      expect(wrong[0]).toMatch(/to do +check PROMETHEUS_URL, its credentials/)
    })

    test('Prometheus is not to be reached: one cause, with all that it blinds', async () => {
      const PROMETHEUS_URL = `http://127.0.0.1:${await closedPort()}`
      const { wrong, output } = await good.examine({ variables: { PROMETHEUS_URL } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/^wrong +Prometheus cannot be reached: connection refused/)
      expect(wrong[0]).toMatch(
        /blinds +Errors; Refused requests; Logins; Latency; Traffic; Active users; Scrape targets; Metr/,
      )
      expect(wrong[0]).toMatch(/means +errors, logins and latency are not known/)
      expect(output).toMatch(/^1 thing is wrong/m)
    })

    test('contacts that nobody filled in are worth a word as long as Slack is a local one', async () => {
      const ana = { role: 'Primary', name: 'Ana Example', phone: '+49 000 000000' }
      const settings = { contacts: { onCall: [ana, { role: 'Secondary', name: 'Bo Chen' }] } }
      const { state, exitCode } = await good.examine({ settings })
      expect(exitCode).toBe(0)
      expect(state(/contacts\.onCall\[0\]: still an example \(name, phone\)/)).toEqual(['careful'])
      expect(state(/contacts, on call: no phone, e-mail or Slack id: Bo Chen/)).toEqual(['careful'])
    })

    test('whoever is on call has left the workspace', async () => {
      const del = { role: 'Primary', name: 'Del Gone', slack: DEL }
      const { wrong } = await good.examine({ settings: { contacts: { onCall: [del] } } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/contact U0DEL: the account is deactivated .*contacts\.onCall/)
    })

    test('Redis refuses the password', async () => {
      const REDIS_URL = (good.variables['REDIS_URL'] ?? '').replace('redis-password', 'hunter2')
      const { wrong, output } = await good.examine({ variables: { REDIS_URL } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/wrong password.* blinds +Active users; Maintenance; Cache/)
      expect(output).not.toContain('hunter2')
    })

    test('MongoDB is not to be reached', async () => {
      const MONGODB_URI = `mongodb://bo:hunter2@127.0.0.1:${await closedPort()}/es`
      const { wrong, output } = await good.examine({ variables: { MONGODB_URI } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/MongoDB cannot be reached: .*MONGODB_URI/)
      expect(output).not.toContain('hunter2')
    })

    test('a service that is down is production’s trouble, and not the installation’s', async () => {
      const [backend] = good.apps
      onTestFinished(() => backend?.setFaults({ down: false }))
      await backend?.setFaults({ down: true })
      const { exitCode, state } = await good.examine()
      expect(exitCode).toBe(0)
      expect(state(/Health, backend: .*production is not well/)).toEqual(['careful'])
    })

    test('a service’s address is wrong', async () => {
      const services = [{ name: 'backend', url: 'http://nowhere.invalid' }]
      const { wrong } = await good.examine({ settings: { services, procedures: {} } })
      expect(wrong.length).toBeGreaterThan(0)
      for (const line of wrong) expect(line).toMatch(/(Health|Version), backend/)
    })
  })

  describe('who signs', () => {
    const approval = (settings: object): Broken => ({ settings: { approval: settings } })

    test('is nobody: nothing can be approved, which is worth a word, and Slack is not asked', async () => {
      const before = good.slack.calls('users.info').length
      const { exitCode, lines, state } = await good.examine(approval({}))
      expect(exitCode).toBe(0)
      expect(state(/approvers: none is configured: nothing can be approved/)).toEqual(['careful'])
      expect(lines.filter(({ text }) => /approver/.test(text))).toHaveLength(1)
      expect(good.slack.calls('users.info')).toHaveLength(before)
    })

    test('is one person: that is too few, and wrong', async () => {
      const { wrong, exitCode } = await good.examine(approval({ users: [CY] }))
      expect(exitCode).toBe(1)
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/approvers: together 1 person .*name three people/)
    })

    test('cannot be asked: the question is not asked again, so that the bot can ask it', async () => {
      const limited = good.slack.faults.add(
        'usergroups.users.list',
        { kind: 'rate-limited', retryAfterS: 30 },
        { times: 9 },
      )
      onTestFinished(limited.remove)
      const { wrong } = await good.examine()
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/approver group S0APPROVERS: .*ask again in a minute/)
      expect(limited.hits()).toBe(1)
    })
  })

  describe('its rights in Kubernetes', () => {
    test('one verb short is wrong, and named', async () => {
      const role = await readFile(roleFile, 'utf8')
      onTestFinished(() => good.bot.cluster.applyManifest(role))
      const without = role.replace(
        / {2}- apiGroups: \[''\]\n {4}resources: \[pods\/log\]\n.*\n/,
        '',
      )
      expect(without).not.toBe(role)
      await good.bot.cluster.applyManifest(without)
      // The authorizer hears of it a moment later.
      const { wrong } = await eventually(
        () => good.examine(),
        (seen) => seen.wrong.length > 0,
      )
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/kubernetes, .*missing: get pods\/log.*role\.yaml/)
    })

    test('a ConfigMap that holds a flag is asked for by the name that the pods use', async () => {
      const { cluster } = good.bot
      const name = 'general-5hch2k'
      const where = '/api/v1/namespaces/production/configmaps'
      await cluster.admin.must('POST', where, { metadata: { name }, data: { LEGACY: 'true' } })
      const configMapKeyRef = { name, key: 'LEGACY' }
      const env = [{ name: 'LEGACY', valueFrom: { configMapKeyRef } }]
      await cluster.setImage('production', 'backend', 'pipeshub/backend:v1.9.0', {
        container: { env },
      })
      const places = [{ in: 'config-map', configMap: 'general', services: ['backend'] }]
      const deployments = { backend: 'backend', frontend: 'frontend' }
      const kubernetes = { namespace: 'production', deployments }
      const featureFlag = { name: 'LEGACY', safe: 'false', places }
      const settings = { procedures: { kubernetes, featureFlag } }
      const { wrong } = await good.examine({ settings })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(
        /missing: patch configmaps general-5hch2k in production.*config-map\/role\.yaml/,
      )
      await grantConfigMaps(good.bot, 'production', [name])
      const { wrong: none, state } = await good.examine({ settings })
      expect(none).toEqual([])
      expect(state(/ConfigMap general-5hch2k +LEGACY is "true"/)).toEqual(['ok'])
    })

    test('more than it needs is worth a word, and not wrong', async () => {
      const { exitCode, state } = await good.examine({
        variables: { KUBECONFIG: good.bot.cluster.kubeconfig },
      })
      expect(exitCode).toBe(0)
      expect(state(/kubernetes, .*more than needed: .*secrets/)).toEqual(['careful'])
    })

    test('none, because nobody knows the token', async () => {
      const { wrong } = await good.examine({
        variables: { KUBECONFIG: await good.kubeconfigOf('nobody') },
      })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/Kubernetes: .* blinds +permissions in production; Pods/)
    })
  })

  test('what is not configured is said, and is not wrong', async () => {
    const bare = { PROMETHEUS_URL: '', REDIS_URL: '', MONGODB_URI: '', KUBECONFIG: '' }
    const { exitCode, lines } = await good.examine({
      variables: bare,
      settings: { procedures: {} },
    })
    expect(exitCode).toBe(0)
    const blind = lines.filter(({ text }) => text.includes('not configured'))
    // That no alert opens an incident blinds nobody.
    expect(blind.map(({ state }) => state)).toEqual(['ok', ...Array(5).fill('careful')])
  })
})
