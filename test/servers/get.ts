// npm run servers: gets every real server the integration tests run against.
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { binaryPath, builtFolder, debianPackages, goModuleNames, goModules } from './find.ts'
import type { GoModuleName } from './find.ts'
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
const build = async (name: GoModuleName): Promise<void> => {
  const target = builtFolder(name)
  const partial = `${target}.partial-${process.pid}`
  const { folder, packages, ldflags } = goModules[name]
  try {
    await mkdir(partial, { recursive: true })
    for (const [binary, goPackage] of Object.entries(packages)) {
      const flags = ['-mod=readonly', '-buildvcs=false', `-ldflags=-s -w ${ldflags}`]
      await run('go', ['build', ...flags, '-o', join(partial, binary), goPackage], folder)
    }
    const renamed = await succeeds(rename(partial, target))
    // Somebody else, building the same, may have been faster; theirs is as good.
    if (!renamed && !(await succeeds(access(target)))) throw new Error(`cannot make ${target}`)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

const getBuilt = async (name: GoModuleName): Promise<boolean> => {
  const target = builtFolder(name)
  if (await succeeds(access(target))) {
    say(name, `found (${basename(target)})`)
    return true
  }
  if (binaryPath('go') === undefined) {
    say(name, 'missing: it is built with Go 1.26 or later, see https://go.dev/dl')
    return false
  }
  await mkdir(dirname(target), { recursive: true })
  await removeAbandoned(dirname(target))
  const started = performance.now()
  try {
    await build(name)
  } catch (error) {
    say(name, `missing: ${messageOf(error)}`)
    return false
  }
  say(name, `built in ${Math.round((performance.now() - started) / 1000)} s`)
  return true
}

const results = [await getDebianPackages()]
// One after the other: each build uses every core.
for (const name of goModuleNames) results.push(await getBuilt(name))
process.exitCode = results.every(Boolean) ? 0 : 1
