import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import { toIso } from '../../domain/base/instant.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'

export const DEPENDENCY = 'pm2'

/** One process, as `pm2 jlist` tells it. Whatever else stands there is dropped at once: it holds secrets. */
export type Pm2Process = {
  readonly name: string
  /** Its number; of one that a reload is about to end, `_old_3`. */
  readonly id: string
  readonly status: string
  /** Its number in the system; `null`: it does not run. */
  readonly pid: number | null
  readonly mode: 'fork' | 'cluster'
  /** What it runs. */
  readonly script: string
  /** The one variable that was asked for, by which it goes. */
  readonly value: FlagValue
  /** The same, as pm2 will give it to its next start. */
  readonly kept: FlagValue
  /** pm2 keeps something of its own under that name. */
  readonly isOfPm2: boolean
  /** Since when it runs; `null`: it does not tell. */
  readonly startedAt: string | null
  /** What has ended sooner after its start has not come up, for pm2. */
  readonly minUptimeMs: number
  /** As its own environment has it. */
  readonly home: string | null
  /** Settings that pm2 sets back to its own defaults with every restart from the command line. */
  readonly forgotten: readonly string[]
}

const Environment = z.record(z.string(), z.unknown())

const Listed = z.array(
  z.object({
    name: z.string(),
    pid: z.int().nullish(),
    pm_id: z.union([z.int(), z.string()]),
    pm2_env: z.looseObject({
      status: z.string(),
      exec_mode: z.string().nullish(),
      pm_exec_path: z.string(),
      pm_uptime: z.unknown().optional(),
      min_uptime: z.unknown().optional(),
      namespace: z.string().nullish(),
      instance_var: z.unknown().optional(),
      kill_retry_time: z.unknown().optional(),
      filter_env: z.unknown().optional(),
      env: Environment.nullish(),
    }),
  }),
)

export type Pm2List = {
  readonly processes: readonly Pm2Process[]
  /** Of every process: a number among them is taken for a name in place of a process. */
  readonly names: readonly string[]
}

/** Lines of pm2's own may stand before the list, and each may begin with a bracket as well. */
export function readList(output: string, variable: string): Pm2List {
  for (const line of output.split('\n').toReversed()) {
    const text = line.trim()
    if (!text.startsWith('[')) continue
    const listed = Listed.safeParse(jsonOf(text))
    if (listed.success) return listOf(listed.data, variable)
  }
  const detail = 'pm2 jlist did not answer with a list of processes'
  throw new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail })
}

function listOf(listed: z.infer<typeof Listed>, variable: string): Pm2List {
  const processes = listed.map(({ name, pid = null, pm_id, pm2_env }): Pm2Process => {
    const env = pm2_env.env ?? {}
    const kept = Object.hasOwn(env, variable) ? textOf(env[variable]) : null
    return {
      name,
      id: String(pm_id),
      status: pm2_env.status,
      pid: pid === null || pid <= 0 ? null : pid,
      mode: pm2_env.exec_mode === 'cluster_mode' ? 'cluster' : 'fork',
      script: pm2_env.pm_exec_path,
      value: kept,
      kept,
      isOfPm2: Object.hasOwn(pm2_env, variable) && !Object.hasOwn(env, variable),
      startedAt: momentOf(pm2_env.pm_uptime),
      minUptimeMs: typeof pm2_env.min_uptime === 'number' ? pm2_env.min_uptime : MIN_UPTIME_MS,
      home: textOf(env['PM2_HOME']),
      forgotten: forgottenOf(pm2_env),
    }
  })
  const namespaces = listed.flatMap(({ pm2_env }) => pm2_env.namespace ?? [])
  return { processes, names: [...new Set([...processes.map(({ name }) => name), ...namespaces])] }
}

/** Of pm2 itself, where nothing else is set. */
const MIN_UPTIME_MS = 1_000

/** pm2 7.0.4 takes these for given with the command, at their defaults. */
function forgottenOf({
  instance_var,
  kill_retry_time,
  filter_env,
}: z.infer<typeof Listed>[number]['pm2_env']): readonly string[] {
  return [
    ...((instance_var ?? 'NODE_APP_INSTANCE') === 'NODE_APP_INSTANCE' ? [] : ['instance_var']),
    ...((kill_retry_time ?? 100) === 100 ? [] : ['kill_retry_time']),
    ...(Array.isArray(filter_env) && filter_env.length > 0 ? ['filter_env'] : []),
  ]
}

/** Milliseconds since the epoch. */
function momentOf(ms: unknown): string | null {
  return typeof ms === 'number' && ms > 0 && ms < 8.64e15 ? toIso(ms) : null
}

/** A number or a truth of the ecosystem file is a text in the process; anything else it never gets. */
export function textOf(value: unknown): FlagValue {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
