import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

const COMMON = ['domain', 'ports', 'zod', 'node:*']

/** What each folder of src/ may import. What is not listed is refused. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: ['zod', 'fastest-levenshtein'],
  ports: ['domain'],
  engine: ['domain', 'ports', 'lru-cache', 'zod'],
  assess: ['domain', 'ports', 'runbook', 'zod'],
  runbook: ['domain', 'engine', 'ports', 'zod'],
  chat: ['domain', 'zod', '@slack/types'],
  sandbox: ['domain', 'ports'],
  config: ['domain', 'runbook settings', 'zod', 'yaml', 'node:*'],
  'adapters/cron': [...COMMON, 'node-cron'],
  'adapters/files': COMMON,
  'adapters/http': [...COMMON, 'undici', 'prom-client'],
  // Of the client only what reads credentials: docs/decisions.md says why.
  'adapters/kubernetes': [
    ...COMMON,
    '@kubernetes/client-node/dist/exec_auth.js',
    '@kubernetes/client-node/dist/file_auth.js',
    '@kubernetes/client-node/dist/config_types.js',
    'undici',
    'yaml',
  ],
  'adapters/log': [...COMMON, 'pino'],
  'adapters/mongodb': [...COMMON, 'mongodb'],
  'adapters/prometheus': COMMON,
  'adapters/redis': [...COMMON, 'ioredis'],
  'adapters/slack': [...COMMON, 'chat', '@slack/bolt', '@slack/types', '@slack/web-api'],
  'adapters/sqlite': COMMON,
  compose: ['*'],
  'main.ts': ['*'],
}

/** Type-only by rule: erased before anything runs. */
const TYPES_ONLY: Record<string, readonly string[]> = {
  ports: ['domain'],
  engine: [],
  assess: ['ports'],
  runbook: ['ports'],
  chat: ['@slack/types'],
}

type Import = { readonly name: string; readonly typeOnly: boolean; readonly dynamic: boolean }

function importsOf(file: string): Import[] {
  const { module } = parseSync(file, readFileSync(file, 'utf8'))
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
      name: readFileSync(file, 'utf8').slice(moduleRequest.start + 1, moduleRequest.end - 1),
      typeOnly: false,
      dynamic: true,
    })),
  ]
}

/** `adapters/x` is a layer of its own: adapters do not know one another. */
function layerOf(file: string): string {
  const [first = '', second = ''] = relative(SRC, file).split('/')
  return first === 'adapters' ? `adapters/${second}` : first
}

function targetOf(file: string, name: string): string {
  return name.startsWith('.') ? layerOf(resolve(dirname(file), name)) : name
}

function matches(target: string, allowed: readonly string[]): boolean {
  return allowed.some(
    (one) => one === '*' || one === target || (one === 'node:*' && target.startsWith('node:')),
  )
}

const files = globSync('**/*.ts', { cwd: SRC }).map((file) => resolve(SRC, file))

describe('the import rule', () => {
  test('sees the files it judges', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(importsOf(resolve(SRC, 'main.ts')).length).toBeGreaterThan(5)
  })

  test.each(files.map((file) => ({ file, name: relative(SRC, file) })))(
    '$name imports only what its folder may',
    ({ file }) => {
      const layer = layerOf(file)
      const allowed = MAY_IMPORT[layer]
      expect(allowed, `src/${layer} is not in the table`).toBeDefined()
      for (const { name, typeOnly, dynamic } of importsOf(file)) {
        const target = targetOf(file, name)
        if (target === layer) continue
        const isSettings = target === 'runbook' && name.endsWith('/settings.ts')
        const found = isSettings && layer === 'config' ? 'runbook settings' : target
        expect(matches(found, allowed ?? []), `${layer} must not import ${name}`).toBe(true)
        if (dynamic)
          expect(['main.ts', 'compose'], 'only the composition loads late').toContain(layer)
        if (matches(target, TYPES_ONLY[layer] ?? []))
          expect(typeOnly, `${name}: types only`).toBe(true)
      }
    },
  )

  test('nobody imports main.ts, and only main.ts imports the composition', () => {
    for (const file of files) {
      for (const { name } of importsOf(file)) {
        const target = targetOf(file, name)
        expect(target, relative(SRC, file)).not.toBe('main.ts')
        if (target === 'compose') expect(['main.ts', 'compose']).toContain(layerOf(file))
      }
    }
  })

  test('no file of src is longer than 250 lines', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 251)
    expect(long.map((file) => relative(SRC, file))).toEqual([])
  })

  test('only config and the composition read the environment', () => {
    const readers = files.filter((file) => /process\.env/.test(readFileSync(file, 'utf8')))
    for (const file of readers) {
      expect(['config', 'compose', 'main.ts'], relative(SRC, file)).toContain(layerOf(file))
    }
  })
})
