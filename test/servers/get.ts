// npm run servers: gets every real server the integration tests run against.
import { access, chmod, copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { binaryPath, builtFolder, debianPackages, goModuleNames, goModules } from './find.ts'
import { npmFolder, npmServerNames, npmServers } from './find.ts'
import type { GoModuleName, NpmServerName } from './find.ts'
import { reap, spare } from './reaper.ts'
import { isRunning, run } from './run.ts'

const columnWidth = 24

const say = (name: string, what: string): void => {
  process.stdout.write(`${name.padEnd(columnWidth)}${what}\n`)
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.trimEnd() : String(error)

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )

type DebianPackage = (typeof debianPackages)[number]

const isInstalled = async ({ debian, binary }: DebianPackage): Promise<boolean> => {
  if (binary !== undefined) return binaryPath(binary) !== undefined
  const status = run('dpkg-query', ['--show', '--showformat=${db:Status-Status}', debian])
  return (await status.catch(() => '')) === 'installed'
}

const stillMissing = async (wanted: readonly DebianPackage[]): Promise<DebianPackage[]> => {
  const installed = await Promise.all(wanted.map(isInstalled))
  return wanted.filter((_, index) => !installed[index])
}

/**
 * Debian starts the services of what it installs: an Engine of the system would be left behind, with
 * its bridge and its firewall rules. This file, while it is there, forbids that; a container has one.
 */
const withoutServices = async (work: () => Promise<unknown>): Promise<void> => {
  const policy = '/usr/sbin/policy-rc.d'
  const forbids = { mode: 0o755, flag: 'wx' } as const
  const ours = await succeeds(writeFile(policy, '#!/bin/sh\nexit 101\n', forbids))
  if (!ours) return void (await work())
  reap({ folder: policy })
  try {
    await work()
  } finally {
    await rm(policy)
    spare({ folder: policy })
  }
}

/** Only root on a system that has apt-get installs; anybody else is told the one command. */
const install = async (missing: readonly DebianPackage[]): Promise<void> => {
  const names = missing.map(({ debian }) => debian)
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...names]
  if (process.getuid?.() !== 0 || binaryPath('apt-get') === undefined) {
    throw new Error(`run sudo ${command.join(' ')}`)
  }
  await run('apt-get', ['update'])
  await withoutServices(() => run('env', ['DEBIAN_FRONTEND=noninteractive', ...command]))
}

const getDebianPackages = async (): Promise<boolean> => {
  const missing = await stillMissing(debianPackages)
  for (const wanted of debianPackages.filter((one) => !missing.includes(one))) {
    say(wanted.debian, 'found')
  }
  if (missing.length === 0) return true
  const started = performance.now()
  const failed = await install(missing).then(() => '', messageOf)
  const seconds = Math.round((performance.now() - started) / 1000)
  const without = await stillMissing(missing)
  for (const wanted of missing) {
    const gone = without.includes(wanted)
    say(wanted.debian, gone ? `missing: ${failed}` : `installed in ${seconds} s`)
  }
  return without.length === 0
}

/** What a build left behind that was cut off. */
const removeAbandoned = async (parent: string): Promise<void> => {
  for (const entry of await readdir(parent)) {
    const pid = /\.partial-(\d+)$/.exec(entry)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) {
      await rm(join(parent, entry), { recursive: true, force: true })
    }
  }
}

/** The folder gets its name when everything is in it, so that half a build is never taken for one. */
const make = async (target: string, fill: (partial: string) => Promise<void>): Promise<void> => {
  const partial = `${target}.partial-${process.pid}`
  try {
    await mkdir(partial, { recursive: true })
    await fill(partial)
    const renamed = await succeeds(rename(partial, target))
    // Somebody else, building the same, may have been faster; theirs is as good.
    if (!renamed && !(await succeeds(access(target)))) throw new Error(`cannot make ${target}`)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

const build = async (name: GoModuleName, partial: string): Promise<void> => {
  const { folder, packages, ldflags } = goModules[name]
  for (const [binary, goPackage] of Object.entries(packages)) {
    const flags = ['-mod=readonly', '-buildvcs=false', `-ldflags=-s -w ${ldflags}`]
    await run('go', ['build', ...flags, '-o', join(partial, binary), goPackage], folder)
  }
}

/** Exactly what the lock file says, and nothing of it is run. */
const installFromNpm = async (name: NpmServerName, partial: string): Promise<void> => {
  const { folder, own, programs } = npmServers[name]
  for (const file of ['package.json', 'package-lock.json', ...own]) {
    await copyFile(join(folder, file), join(partial, file))
  }
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund']
  await run('npm', ['ci', '--prefix', partial, ...flags], partial)
  for (const program of Object.values(programs)) await chmod(join(partial, program), 0o755)
}

const getMade = async (
  name: string,
  target: string,
  fill: (partial: string) => Promise<void>,
): Promise<boolean> => {
  if (await succeeds(access(target))) {
    say(name, `found (${basename(target)})`)
    return true
  }
  await mkdir(dirname(target), { recursive: true })
  await removeAbandoned(dirname(target))
  const started = performance.now()
  try {
    await make(target, fill)
  } catch (error) {
    say(name, `missing: ${messageOf(error)}`)
    return false
  }
  say(name, `made in ${Math.round((performance.now() - started) / 1000)} s`)
  return true
}

const getBuilt = async (name: GoModuleName): Promise<boolean> => {
  const target = builtFolder(name)
  if (!(await succeeds(access(target))) && binaryPath('go') === undefined) {
    say(name, 'missing: it is built with Go 1.26 or later, see https://go.dev/dl')
    return false
  }
  return getMade(name, target, (partial) => build(name, partial))
}

const results = [await getDebianPackages()]
// One after the other: each build uses every core.
for (const name of goModuleNames) results.push(await getBuilt(name))
for (const name of npmServerNames) {
  results.push(await getMade(name, npmFolder(name), (partial) => installFromNpm(name, partial)))
}
process.exitCode = results.every(Boolean) ? 0 : 1
