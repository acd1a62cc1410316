import { existsSync } from 'node:fs'
import { copyFile, glob, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import type { EngineClient } from '../servers/docker/client.ts'
import { requireBinary } from '../servers/find.ts'
import { run } from '../servers/run.ts'
import { freshFolder } from '../servers/spawn.ts'

const root = resolve(import.meta.dirname, '../..')

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional() }),
  ),
})

/** What builds the program: of the packages for development the image needs no other. */
const BUILDER = /^node_modules\/(?:rolldown|@rolldown\/|@oxc-project\/)/

/** What `npm ci` installs on this machine and the image is built of. */
const packages = async (): Promise<readonly string[]> => {
  const lock = Lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
  const wanted = Object.entries(lock.packages)
    .filter(
      ([path, { dev, devOptional }]) => BUILDER.test(path) || (path !== '' && !dev && !devOptional),
    )
    .map(([path]) => path)
    .filter((path) => !/\/(node|local-slack)-linux-x64$/.test(path))
  // Those for other machines are not here; and one that lies in another one comes with it.
  return wanted.filter(
    (path) => existsSync(join(root, path)) && !wanted.some((other) => path.startsWith(`${other}/`)),
  )
}

/** Stands in for npm, which would ask a registry: the very packages that the lock file names, from this checkout. */
const npm = `#!/bin/sh
case "$*" in
  'ci --ignore-scripts') cp -r /packages/node_modules . ;;
  'run build') exec node node_modules/rolldown/bin/cli.mjs -c --logLevel warn ;;
  'prune --omit=dev --ignore-scripts') rm -rf node_modules/rolldown node_modules/@rolldown node_modules/@oxc-project ;;
  'cache clean --force') ;;
  *) echo "npm: not known here: $*" >&2; exit 1 ;;
esac
`

/** Stands in for Go, which would fetch modules: the very tools that `npm run servers` has built of that `go.mod`. */
const go = `#!/bin/sh
while [ "$1" != -o ]; do
  [ $# -gt 1 ] || { echo "go: not known here" >&2; exit 1; }
  shift
done
case "$3" in
  github.com/mongodb/mongo-tools/mongodump/main) built=mongodump ;;
  github.com/mongodb/mongo-tools/mongorestore/main) built=mongorestore ;;
  *) echo "go: not known here: $3" >&2; exit 1 ;;
esac
install -D "/built/$built" "$2"
`

/** Programs of this machine with the libraries that they need, and nothing else of it. */
const copyPrograms = async (
  tree: string,
  programs: Readonly<Record<string, string>>,
  under = 'usr/bin',
) => {
  for (const [name, program] of Object.entries(programs)) {
    await copyFile(program, join(tree, under, name))
    await copyLibraries(tree, program)
  }
}

const copyLibraries = async (tree: string, program: string) => {
  const libraries = (await run('ldd', [program])).matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)
  for (const [, library = ''] of libraries) {
    await mkdir(join(tree, dirname(library)), { recursive: true })
    await copyFile(library, join(tree, library))
  }
}

/**
 * In place of the base images of the Dockerfile, which no test pulls: Node, a shell and an `install`, the packages for
 * an `npm` that asks nobody, and the tools for a `go` that does not either.
 */
export const importBase = async (engine: EngineClient, reference: string): Promise<void> => {
  await using folder = await freshFolder('base')
  const tree = join(folder.path, 'tree')
  for (const path of [
    'usr/bin',
    'usr/local/bin',
    'tmp',
    'etc',
    'packages',
    'built',
    'proc',
    'sys',
    'dev',
  ]) {
    await mkdir(join(tree, path), { recursive: true })
  }
  await symlink('usr/bin', join(tree, 'bin'))
  const own = ['sh', 'rm', 'cp', 'ls', 'id', 'find', 'install', 'chmod', 'true']
  const programs = own.map((name) => [name, `/usr/bin/${name}`] as const)
  await copyPrograms(tree, { node: process.execPath, ...Object.fromEntries(programs) })
  for await (const compiled of glob('node_modules/@rolldown/*/*.node', { cwd: root })) {
    await copyLibraries(tree, join(root, compiled))
  }
  await writeFile(join(tree, 'usr/bin/npm'), npm, { mode: 0o755 })
  const tools = ['mongodump', 'mongorestore'].map((name) => [name, requireBinary('mongodb', name)])
  await copyPrograms(tree, Object.fromEntries(tools), 'built')
  await writeFile(join(tree, 'usr/bin/go'), go, { mode: 0o755 })
  await writeFile(join(folder.path, 'packages'), (await packages()).join('\n'))
  const tar = join(folder.path, 'base.tar')
  await run('tar', ['-c', '-f', tar, '-C', tree, '.'])
  await run('tar', [
    '-r',
    `--file=${tar}`,
    `--directory=${root}`,
    '--transform=s,^node_modules,packages/node_modules,',
    `--files-from=${join(folder.path, 'packages')}`,
  ])
  const [repo = '', tag = ''] = reference.split(':')
  const changes = ['ENV PATH=/usr/local/bin:/usr/bin:/bin']
  const body = await readFile(tar)
  await engine.progress('POST', '/images/create', {
    query: { fromSrc: '-', repo, tag, changes },
    body,
    withinMs: 120_000,
  })
}

/** The builder of this Engine makes every stage, needed or not; today's leave the demo out. */
const withoutDemo = (whole: string): string => {
  const demo = /^FROM \S+ AS demo\n[^]*?(?=^FROM )/m
  if (!demo.test(whole)) throw new Error('The Dockerfile has no stage called demo')
  return whole.replace(demo, '')
}

/** What a build is given, as .dockerignore leaves it. */
export const buildBackout = async (
  engine: EngineClient,
  options: { readonly base: string; readonly tag: string },
): Promise<string> => {
  await using folder = await freshFolder('build')
  const tar = join(folder.path, 'context.tar')
  const whole = await readFile(join(root, 'Dockerfile'), 'utf8')
  await writeFile(join(folder.path, 'Dockerfile'), withoutDemo(whole))
  const modules = ['go.mod', 'go.sum'].map((name) => `test/servers/mongo-tools/${name}`)
  const files = ['package.json', 'package-lock.json', 'rolldown.config.ts', 'src', ...modules]
  await run('tar', ['-c', '-f', tar, '-C', folder.path, 'Dockerfile', '-C', root, ...files])
  const query = {
    t: options.tag,
    buildargs: JSON.stringify({ BASE: options.base, GO: options.base }),
    networkmode: 'none',
    rm: '1',
  }
  const body = await readFile(tar)
  const { text } = await engine.request('POST', '/build', { query, body, withinMs: 180_000 })
  const Line = z.object({ stream: z.string().default(''), error: z.string().default('') })
  const told = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return told.map((line) => Object.values(Line.parse(JSON.parse(line))).join('')).join('')
}
