import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import { textOf, type Pm2Process } from './list.ts'

/** In which pm2 hands a process of a cluster everything that it is to have. */
const OF_CLUSTER = 'pm2_env'

/**
 * The processes of one application as they run. pm2 lists what it will give a process with its next start, and hides
 * the old one of a reload until it has ended: that one runs on with what it was started with. Where the system does
 * not tell, they are as listed.
 */
export async function asTheyRun(
  all: readonly Pm2Process[],
  {
    app,
    variable,
    home,
  }: { readonly app: string; readonly variable: string; readonly home: string },
): Promise<readonly Pm2Process[]> {
  const ours = all.filter(({ name }) => name === app)
  const known = all.map(({ pid }) => pid)
  const hidden = (await childrenOf(home)).filter((pid) => !known.includes(pid))
  const [listed, ending] = await Promise.all([
    Promise.all(ours.map((one) => asItRuns(one, variable))),
    Promise.all(hidden.map((pid) => hiddenOne(pid, ours, variable))),
  ])
  return [...listed, ...ending.flat()]
}

/** As `asTheyRun`, of one that pm2 lists. */
export async function asItRuns(listed: Pm2Process, variable: string): Promise<Pm2Process> {
  if (listed.pid === null) return listed
  const had = await startedWith(listed.pid)
  // Of one that has ended nothing is left; and the number may be that of another one by now.
  const isIt = had('name') === listed.name && had('pm_id') === listed.id.replace(/^_old_/, '')
  return isIt ? { ...listed, value: had(variable) } : listed
}

/** The old one of a process that is listed, called as pm2 calls it for itself. */
async function hiddenOne(
  pid: number,
  ours: readonly Pm2Process[],
  variable: string,
): Promise<readonly Pm2Process[]> {
  const had = await startedWith(pid)
  const id = had('pm_id')
  const next = ours.find((one) => one.id === id && one.name === had('name'))
  if (!next) return []
  const value = had(variable)
  const status = 'stopping'
  return [{ ...next, id: `_old_${id}`, status, pid, value, kept: value, startedAt: null }]
}

/** Whatever pm2's daemon has started and has not ended. */
async function childrenOf(home: string): Promise<readonly number[]> {
  const daemon = (await readFile(join(home, 'pm2.pid'), 'utf8').catch(() => '')).trim()
  if (!/^\d+$/.test(daemon)) return []
  const text = await readFile(`/proc/${daemon}/task/${daemon}/children`, 'utf8').catch(() => '')
  return text.split(' ').flatMap((one) => (/^\d+$/.test(one) ? [Number(one)] : []))
}

/** One variable at a time. Whatever else stands there is dropped: it holds secrets. */
async function startedWith(pid: number): Promise<(name: string) => FlagValue> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  const all = text.split('\0')
  const own = (name: string): string | null =>
    all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
  const given: unknown = jsonOf(own(OF_CLUSTER) ?? '')
  return (name) => {
    const isGiven = typeof given === 'object' && given !== null && Object.hasOwn(given, name)
    // A process of a cluster has what pm2 itself was started with, too.
    return isGiven ? textOf(Reflect.get(given, name)) : own(name)
  }
}
