import { DAY_PROBES } from '../src/assess/day-probes.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { probes } from '../src/assess/probes/index.ts'
import { ADD_TO_TIMELINE_SHORTCUT, DECLARE_SHORTCUT } from '../src/chat/reading/action-ids.ts'
import { COMMAND, usageHint } from '../src/chat/reading/commands.ts'
import { SCOPES } from '../src/chat/scopes.ts'
import { SYMPTOM_LABELS } from '../src/chat/reading/symptoms.ts'
import { PROBE_WORDS } from '../src/chat/text/words.ts'
import { Environment } from '../src/config/environment.ts'
import { Symptom } from '../src/domain/assessment/symptom.ts'

const root = new URL('../', import.meta.url)

function text(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

function sourcesUnder(path: string): string {
  return readdirSync(new URL(path, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => text(`${path}/${name}`))
    .join('\n')
}

const Manifest = z.object({
  display_information: z.object({
    name: z.string().max(35),
    description: z.string().max(140),
  }),
  features: z.object({
    app_home: z.object({
      home_tab_enabled: z.literal(true),
      messages_tab_enabled: z.literal(true),
      messages_tab_read_only_enabled: z.literal(true),
    }),
    bot_user: z.object({ display_name: z.literal('Backout') }),
    slash_commands: z.array(
      z.object({
        command: z.string().max(32),
        description: z.string().max(2000),
        usage_hint: z.string().max(1000),
        should_escape: z.literal(true),
      }),
    ),
    shortcuts: z.array(
      z.object({
        name: z.string().max(24),
        type: z.literal('message'),
        callback_id: z.string().max(255),
        description: z.string().max(150),
      }),
    ),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.literal(true) }),
    socket_mode_enabled: z.literal(true),
  }),
})

describe('the Slack app', () => {
  const manifest = Manifest.parse(parse(text('manifests/slack-app.yaml')))
  const slack = sourcesUnder('src/adapters/slack')
  const composition = sourcesUnder('src/compose')

  test('has the one command, with the usage of the command table', () => {
    const [command, ...others] = manifest.features.slash_commands
    expect(others).toEqual([])
    expect(command).toMatchObject({ command: COMMAND, usage_hint: usageHint() })
  })

  test('has the shortcuts that are listened for', () => {
    const ids = manifest.features.shortcuts.map(({ callback_id }) => callback_id)
    expect(ids).toEqual([DECLARE_SHORTCUT, ADD_TO_TIMELINE_SHORTCUT])
  })

  test('asks for the scopes that have a reason, and no others', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual(Object.keys(SCOPES))
    for (const reason of Object.values(SCOPES)) expect(reason).toMatch(/^to .{10,}/)
  })

  test('says in security.md what every scope is for', () => {
    const security = text('docs/security.md')
    for (const [scope, reason] of Object.entries(SCOPES)) {
      expect(security).toContain(`| \`${scope}\` | ${reason} |`)
    }
  })

  test('subscribes to the events that are listened for', () => {
    const heard = [...slack.matchAll(/\.event\('(\w+)'/g)].map(([, event]) => event ?? '')
    expect(manifest.settings.event_subscriptions.bot_events.toSorted()).toEqual(heard.toSorted())
  })

  /** https://docs.slack.dev/reference/methods: what a bot needs for each method; `[]` is no scope. */
  const NEEDED: Record<string, readonly string[]> = {
    'auth.test': [],
    'apps.connections.open': [],
    'views.open': [],
    'views.update': [],
    'views.publish': [],
    'chat.postMessage': ['chat:write'],
    'chat.postEphemeral': ['chat:write'],
    'chat.update': ['chat:write'],
    // Where the bot is a member, as it is wherever it posts.
    'chat.getPermalink': [],
    // Without the second, `users.info` leaves the e-mail address out.
    'users.info': ['users:read', 'users:read.email'],
    'usergroups.users.list': ['usergroups:read'],
    'conversations.info': ['channels:read', 'groups:read'],
    'conversations.history': ['channels:history', 'groups:history'],
    'conversations.replies': ['channels:history', 'groups:history'],
    // The other call of an upload, files.getUploadURLExternal, needs the same one.
    'files.completeUploadExternal': ['files:write'],
  }
  /** What comes to us, and is asked for by a scope too. */
  const RECEIVED = ['commands', 'app_mentions:read']

  test('has exactly the scopes of the methods that are called', () => {
    const families =
      'auth|apps\\.connections|views|chat|users|conversations|files|usergroups(?:\\.users)?|pins'
    const calls = `${slack}\n${composition}`.matchAll(
      new RegExp(`\\b(?:client|bot|app)\\.(${families})\\.([a-zA-Z]+)\\(`, 'g'),
    )
    const methods = [...new Set([...calls].map(([, family, method]) => `${family}.${method}`))]
    expect(methods.length).toBeGreaterThan(5)
    expect(Object.keys(NEEDED)).toEqual(expect.arrayContaining(methods))
    const needed = new Set([...RECEIVED, ...methods.flatMap((method) => NEEDED[method] ?? [])])
    expect(Object.keys(SCOPES).toSorted()).toEqual([...needed].toSorted())
  })
})

describe('the configuration', () => {
  const example = text('.env.example')
  const listed = [...example.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? '')

  test('.env.example lists every variable that is read, once', () => {
    const inYaml = [...text('backout.yaml').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '')
    const read = new Set([
      ...Object.keys(Environment.shape),
      ...inYaml.filter((name) => name !== 'NAME'),
    ])
    expect(listed.toSorted()).toEqual([...read].toSorted())
  })

  test('.env.example holds no secret', () => {
    const filled = [...example.matchAll(/^(\w+)=(.+)$/gm)].map(([, name]) => name ?? '')
    expect(filled.filter((name) => /TOKEN|SECRET|PASSWORD|_URI$/.test(name))).toEqual([])
  })
})

describe('registries', () => {
  test('every probe in the folder is in the registry, once', () => {
    const files = readdirSync(new URL('src/assess/probes/', root))
      .filter((name) => name !== 'index.ts')
      .map((name) => name.replace(/\.ts$/, ''))
    expect(files.length).toBeGreaterThan(5)
    expect(probes.map(({ id }) => id).toSorted()).toEqual(files.toSorted())
  })

  test('every probe has a name for people, and no name is left over', () => {
    const all = [...probes, ...DAY_PROBES].map(({ id }) => id)
    expect(Object.keys(PROBE_WORDS).toSorted()).toEqual(all.toSorted())
  })

  test('every symptom has a label and a meaning that fit into a select', () => {
    expect(Object.keys(SYMPTOM_LABELS)).toEqual(Symptom.options)
    for (const { label, meaning } of Object.values(SYMPTOM_LABELS)) {
      expect(label.length).toBeLessThanOrEqual(75)
      expect(meaning.length).toBeLessThanOrEqual(75)
    }
  })
})
