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
  const unknown = (await childrenOf(home)).filter((pid) => !known.includes(pid))
  const [listed, hidden] = await Promise.all([
    Promise.all(ours.map((one) => lookAt(one, variable))),
    Promise.all(unknown.map((pid) => hiddenOne(pid, variable))),
  ])
  return listed.flatMap(({ one, isThere }) => {
    const others = hidden.filter(({ id, name }) => id === one.id && name === one.name)
    if (isThere) return [one, ...others.map((other) => endingOne(one, other))]
    const next = others.at(-1)
    if (next !== undefined) return [startedSince(one, next)]
    return [isStartedNext(one) ? { ...one, status: LAUNCHING } : one]
  })
}

type Looked = { readonly one: Pm2Process; readonly isThere: boolean }

async function lookAt(listed: Pm2Process, variable: string): Promise<Looked> {
  if (listed.pid === null) return { one: listed, isThere: false }
  const had = await startedWith(listed.pid)
  // Of one that has ended nothing is left; and the number may be that of another one by now.
  const isThere = had('name') === listed.name && had('pm_id') === listed.id.replace(/^_old_/, '')
  return { one: isThere ? { ...listed, value: had(variable) } : listed, isThere }
}

type Hidden = {
  readonly pid: number
  readonly id: FlagValue
  readonly name: FlagValue
  readonly value: FlagValue
}

async function hiddenOne(pid: number, variable: string): Promise<Hidden> {
  const had = await startedWith(pid)
  return { pid, id: had('pm_id'), name: had('name'), value: had(variable) }
}

/** The old one of a process that is listed and there, called as pm2 calls it for itself. */
function endingOne(listed: Pm2Process, { pid, value }: Hidden): Pm2Process {
  const id = `_old_${listed.id}`
  return { ...listed, id, status: 'stopping', pid, value, kept: value, startedAt: null }
}

/** What pm2 has started in place of one that has ended since it was listed. */
function startedSince(listed: Pm2Process, { pid, value }: Hidden): Pm2Process {
  return { ...listed, status: LAUNCHING, pid, value }
}

/**
 * pm2 7.0.4 calls what has ended by itself *stopped* for the moment until it starts it anew, with the number it had; of
 * what somebody has stopped it keeps no number.
 */
const isStartedNext = ({ status, pid }: Pm2Process): boolean => status === 'stopped' && pid !== null

const LAUNCHING = 'launching'

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
