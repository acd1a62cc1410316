import { dirname, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { booleanParameters, comparedKinds, longFunctions } from './support/code-rules.ts'
import { parsed, sources, SRC, type Source } from './support/source.ts'

const COMMON = ['domain', 'ports', 'zod', 'node:*']
const RUNBOOK = ['domain', 'engine', 'ports', 'runbook', 'runbook/parts', 'zod']

/** What each folder of src/ may import. What is not listed is refused. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: ['zod', 'fastest-levenshtein'],
  ports: ['domain'],
  engine: ['domain', 'ports', 'lru-cache', 'zod'],
  // What every journal is, whatever it is kept in.
  journal: ['domain', 'ports', 'zod', 'node:crypto'],
  // What several adapters need of the machine itself.
  machine: ['domain', 'node:*'],
  assess: ['domain', 'ports', 'promql', 'zod'],
  // The language of queries, read by the parser that its own project keeps.
  promql: ['domain', '@prometheus-io/lezer-promql', 'lru-cache', 'node:module'],
  // The registry names every backend; what each finds feasible is asked through it.
  runbook: ['domain', 'engine', 'ports', 'runbook/*', 'zod'],
  // A backend's own folder, and what backends share: `actions`, `parts` and `evidence`.
  'runbook/*': RUNBOOK,
  // It is the other ways back in order.
  'runbook/full': [...RUNBOOK, 'runbook/*'],
  chat: ['domain', 'zod', '@slack/types'],
  sandbox: ['domain', 'ports', 'promql'],
  config: ['domain', 'promql', 'runbook settings', 'zod', 'yaml', 'node:*'],
  'adapters/alertmanager': COMMON,
  // Of the driver only what reads BSON.
  'adapters/backups': [...COMMON, 'mongodb'],
  'adapters/cron': [...COMMON, 'node-cron'],
  'adapters/docker': [...COMMON, 'dockerode', 'p-map'],
  'adapters/docker-proxy': COMMON,
  'adapters/files': COMMON,
  'adapters/http': [...COMMON, 'machine', 'undici', 'prom-client'],
  // Of the client only what reads credentials: docs/decisions.md says why.
  'adapters/kubernetes': [
    ...COMMON,
    '@kubernetes/client-node/dist/exec_auth.js',
    '@kubernetes/client-node/dist/file_auth.js',
    '@kubernetes/client-node/dist/config_types.js',
    'p-map',
    'undici',
    'yaml',
  ],
  'adapters/log': [...COMMON, 'pino'],
  'adapters/mongodb': [...COMMON, 'mongodb'],
  'adapters/pager': COMMON,
  'adapters/pm2': COMMON,
  'adapters/postgres': [...COMMON, 'journal', 'pg'],
  'adapters/prometheus': COMMON,
  'adapters/redis': [...COMMON, 'ioredis'],
  'adapters/resvg': [...COMMON, '@resvg/resvg-js'],
  'adapters/second-factor': [...COMMON, 'machine', 'otplib'],
  'adapters/signing-page': [...COMMON, 'machine', 'chat'],
  'adapters/slack': [
    ...COMMON,
    'chat',
    'machine',
    '@slack/bolt',
    '@slack/types',
    '@slack/web-api',
    'lru-cache',
  ],
  'adapters/smtp': [...COMMON, 'nodemailer/lib/mail-composer', 'nodemailer/lib/smtp-connection'],
  'adapters/sqlite': [...COMMON, 'journal', 'machine'],
  'adapters/status-page': COMMON,
  'adapters/unleash': COMMON,
  compose: ['*'],
  'main.ts': ['*'],
}

/** Type-only by rule: erased before anything runs. */
const TYPES_ONLY: Record<string, readonly string[]> = {
  ports: ['domain'],
  journal: ['ports'],
  assess: ['ports'],
  runbook: ['ports'],
  'runbook/*': ['ports'],
  chat: ['@slack/types'],
}

type Import = { readonly name: string; readonly typeOnly: boolean; readonly dynamic: boolean }

function importsOf({ text, module }: Source): Import[] {
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      name: moduleRequest.value,
      typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
      dynamic: false,
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ name: moduleRequest.value, typeOnly: isType, dynamic: false }] : [],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      name: text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
      typeOnly: false,
      dynamic: true,
    })),
  ]
}

/** Adapters do not know one another, and neither do the ways back: each is a layer of its own. */
function layerOf(name: string): string {
  const [first = '', second = '', third] = name.split('/')
  const isFolder = first === 'adapters' || (first === 'runbook' && third !== undefined)
  return isFolder ? `${first}/${second}` : first
}

function targetOf({ name }: Source, imported: string): string {
  if (!imported.startsWith('.')) return imported
  return layerOf(relative(SRC, resolve(SRC, dirname(name), imported)))
}

/** What the table says of a layer; `runbook/docker` is one of `runbook/*`. */
function ruleFor<Rule>(table: Record<string, Rule>, layer: string): Rule | undefined {
  return table[layer] ?? table[layer.replace(/\/.*/, '/*')]
}

function matches(target: string, allowed: readonly string[]): boolean {
  return allowed.some(
    (one) =>
      one === '*' ||
      one === target ||
      (one === 'node:*' && target.startsWith('node:')) ||
      (one === 'runbook/*' && target.startsWith('runbook/')),
  )
}

/** Why this file may not import what it does. */
function brokenImports(source: Source): readonly string[] {
  const layer = layerOf(source.name)
  const allowed = ruleFor(MAY_IMPORT, layer)
  if (!allowed) return [`src/${layer} is not in the table`]
  return importsOf(source).flatMap(({ name, typeOnly, dynamic }) => {
    const target = targetOf(source, name)
    if (target === layer) return []
    const isSettings = /^runbook\/[^/]+$/.test(target) && name.endsWith('/settings.ts')
    const found = isSettings && layer === 'config' ? 'runbook settings' : target
    const isLate = layer === 'main.ts' || layer === 'compose'
    const isTypes = matches(target, ruleFor(TYPES_ONLY, layer) ?? [])
    return [
      ...(matches(found, allowed) ? [] : [`${layer} must not import ${name}`]),
      ...(dynamic && !isLate ? [`only the composition loads late, and not ${layer}`] : []),
      ...(isTypes && !typeOnly ? [`${layer} imports only types of ${name}`] : []),
    ]
  })
}

/**
 * Names of what a rollback is carried out with, and of what tells how production does: of each there
 * may be another one tomorrow. Not among them: Slack, which is where people are; and nouns that
 * people use whatever runs their services: deployment, pod, image, target.
 */
const BACKENDS =
  /kube(rnetes|ctl|config|let)|\bk8s\b|docker|podman|containerd|(replica|stateful|daemon)set|\bargo|\bflux|\bkeda|\bhelm|kustomiz|mongo|postgres|\bredis|prometheus|promql|unleash|launchdarkly|\bpm2\b/i

/** Where they may stand: the table of requests, the registry of words, and how secrets of all kinds look. */
const MAY_NAME_BACKENDS =
  /^domain\/(plan\/(plan-request|requests)\.ts|text\/(product-names\.ts|redaction\/tokens\.ts))$/

/** Lines that name one, of what has to hold for every backend. */
function namedBackends({ name, text }: Source): readonly string[] {
  if (!/^(domain|engine|chat)\//.test(name) || MAY_NAME_BACKENDS.test(name)) return []
  const lines = text.split('\n').flatMap((line, index) => {
    const found = BACKENDS.exec(line)
    return found ? [`${name}:${index + 1} names ${found[0]}`] : []
  })
  return BACKENDS.test(name) ? [`${name} is named after one`, ...lines] : lines
}

const files = sources()

function allOf(rule: (source: Source) => readonly string[]): readonly string[] {
  return files.flatMap(rule)
}

test('the rules see the files that they judge', () => {
  expect(files.length).toBeGreaterThan(250)
  for (const layer of new Set(files.map(({ name }) => layerOf(name)))) {
    expect(ruleFor(MAY_IMPORT, layer), layer).toBeDefined()
  }
  expect(files.flatMap(importsOf).length).toBeGreaterThan(1_000)
  const main = files.find(({ name }) => name === 'main.ts')
  expect(main && importsOf(main).length).toBeGreaterThan(5)
})

describe('imports', () => {
  test('each folder imports only what it may', () => {
    expect(allOf((source) => brokenImports(source).map((why) => `${source.name}: ${why}`))).toEqual(
      [],
    )
  })

  test('nobody imports main.ts, and only main.ts imports the composition', () => {
    for (const source of files) {
      for (const { name } of importsOf(source)) {
        const target = targetOf(source, name)
        expect(target, source.name).not.toBe('main.ts')
        if (target === 'compose') expect(['main.ts', 'compose']).toContain(layerOf(source.name))
      }
    }
  })

  test('of the runbook only the registry and `full` know which backends there are', () => {
    const shared = ['runbook', 'runbook/actions', 'runbook/parts', 'runbook/evidence']
    for (const source of files.filter(({ name }) => name.startsWith('runbook/'))) {
      const layer = layerOf(source.name)
      if (source.name === 'runbook/registry.ts' || layer === 'runbook/full') continue
      for (const { name } of importsOf(source)) {
        const target = targetOf(source, name)
        const isOther = target.startsWith('runbook/') && target !== layer
        if (isOther) expect(shared, `${source.name} imports ${name}`).toContain(target)
      }
    }
  })

  test.each([
    ['engine/x.ts', "import { x } from '../assess/x.ts'"],
    ['assess/x.ts', "import type { Procedure } from '../runbook/procedure.ts'"],
    ['runbook/docker/x.ts', "import { x } from '../kubernetes/ways.ts'"],
    ['runbook/docker/x.ts', "import { workloads } from '../../ports/workloads.ts'"],
    ['config/x.ts', "import { x } from '../runbook/kubernetes/ways.ts'"],
    ['adapters/redis/x.ts', "import { x } from '../slack/ask.ts'"],
    ['engine/x.ts', "const late = await import('../domain/x.ts')"],
    ['domain/x.ts', "import { readFile } from 'node:fs'"],
    ['somewhere/x.ts', ''],
  ])('refused: %s with %s', (name, text) => {
    expect(brokenImports(parsed(name, text))).not.toEqual([])
  })
})

describe('words', () => {
  test('domain, engine and chat name no backend, and no comment in them does', () => {
    expect(allOf(namedBackends)).toEqual([])
  })

  test('the table and the registry do, so that the rule looks for the right names', () => {
    const said = ['domain/plan/requests.ts', 'domain/text/product-names.ts'].map((file) => {
      return BACKENDS.test(files.find(({ name }) => name === file)?.text ?? '')
    })
    expect(said).toEqual([true, true])
    expect(namedBackends(parsed('chat/x.ts', '// as kubectl says it'))).toHaveLength(1)
    expect(namedBackends(parsed('engine/redis.ts', ''))).toHaveLength(1)
  })
})

describe('code', () => {
  test('no function is longer than 60 lines, or 120 with the functions inside it', () => {
    expect(allOf((source) => longFunctions(source, { own: 60, whole: 120 }))).toEqual([])
    const long = parsed('x.ts', `export function long() {${'\n  x()'.repeat(60)}\n}`)
    expect(longFunctions(long, { own: 60, whole: 120 })).toHaveLength(1)
    const table = parsed('x.ts', `export const table = {${'\n  a: 1,'.repeat(60)}\n}`)
    expect(longFunctions(table, { own: 60, whole: 120 })).toEqual([])
  })

  test('no exported function takes a bare boolean', () => {
    expect(allOf(booleanParameters)).toEqual([])
    for (const text of [
      'export function open(door: string, wide = false) {}',
      'export const open = (wide: boolean | null) => wide',
      'export type Door = { open(wide: boolean): void }',
    ]) {
      expect(booleanParameters(parsed('x.ts', text)), text).toHaveLength(1)
    }
    expect(booleanParameters(parsed('x.ts', 'function open(wide: boolean) {}'))).toEqual([])
  })

  test('only the table of requests and what is said of it knows one kind from another', () => {
    const table = /^domain\/plan\/(requests|about-request)\.ts$/
    const others = files.filter(({ name }) => !table.test(name))
    expect(others.flatMap(comparedKinds)).toEqual([])
    for (const text of [
      "if (request.kind === 'restart') go()",
      "switch (state.request.kind) { case 'undo': go() }",
      "const isDocker = kind !== 'docker'",
    ]) {
      expect(comparedKinds(parsed('x.ts', text)), text).toHaveLength(1)
    }
  })

  test('no file is longer than 250 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 251)
    expect(long.map(({ name }) => name)).toEqual([])
  })

  test('only config and the composition read the environment', () => {
    const readers = files.filter(({ text }) => /process\.env/.test(text))
    expect(readers.length).toBeGreaterThan(0)
    for (const { name } of readers) {
      expect(['config', 'compose', 'main.ts'], name).toContain(layerOf(name))
    }
  })
})
