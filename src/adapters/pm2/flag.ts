import { realpath } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import { Fault } from '../../domain/base/fault.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import { nearest } from '../../domain/text/nearest.ts'
import { redact } from '../../domain/text/redact.ts'
import type { FlagStore, FlagWritten, StoredFlag } from '../../ports/flag-stores.ts'
import { pm2At, type Pm2, type Pm2At, type Said } from './command.ts'
import { DEPENDENCY, readList, type Pm2List, type Pm2Process } from './list.ts'
import { asTheyRun } from './own-environment.ts'
import { cautionsOf, downOf, holderName, obstacleOf, type Seen } from './words.ts'

export type Pm2FlagOptions = Pm2At & {
  readonly app: string
  readonly variable: string
  /** Of this machine, as pm2 is. */
  readonly now?: () => number
}

type Found = Seen & { readonly flag: StoredFlag; readonly list: Pm2List }

/**
 * A variable of an application of pm2, on this machine. pm2 merges the environment of whoever calls it into that
 * of the process (`restart --update-env`), so a call is given the one variable and nothing else.
 */
export function pm2Flag({ app, variable, now = Date.now, ...at }: Pm2FlagOptions): FlagStore {
  const pm2 = pm2At(at)

  async function look(wanted: FlagValue, signal: AbortSignal): Promise<Found> {
    const list = await listed(pm2, variable, signal)
    const ours = await asTheyRun(list.processes, { app, variable, home: at.home })
    const [first] = ours
    if (!first) throw unknownApp(app, list)
    // Whatever crashes again and again is started by pm2 again and again.
    const running = ours.filter(({ status }) => status !== 'stopped')
    const stopped = ours.filter(({ status }) => status === 'stopped')
    const seen = { running, stopped }
    const asked = running.length > 0 ? running : stopped
    const other = asked.find(({ value }) => value !== wanted)
    const flag = {
      identity: `${app} ${first.script}`,
      value: other ? other.value : wanted,
      holders: running.map((one) => {
        return { name: holderName(one), value: one.value, ...downOf(one, now()) }
      }),
      ...startedAnew(running),
      obstacle: obstacleOf(variable, seen, wanted),
      cautions: cautionsOf({ app, variable }, seen),
    }
    return { ...seen, flag, list }
  }

  /** One after the other, so that never all of them are away. */
  async function switchAll(
    all: readonly Pm2Process[],
    to: string,
    signal: AbortSignal,
  ): Promise<FlagWritten> {
    let told = 0
    for (const { id, mode, home } of all) {
      const command = mode === 'cluster' ? 'reload' : 'restart'
      // Its own spelling of the folder: whatever it is given stays with it.
      const env = { PM2_HOME: home ?? at.home, [variable]: to }
      try {
        // oxlint-disable-next-line no-await-in-loop -- see above
        const said = await pm2.tell([command, id, '--update-env'], env, signal)
        if (said.code !== 0) throw failed(said)
      } catch (error) {
        throw cutOff(error, told, all.length)
      }
      told += 1
    }
    return { kind: 'written' }
  }

  return {
    look: async (wanted, signal) => (await look(wanted, signal)).flag,

    async write({ identity, from, to }, { signal }) {
      const { flag, running, list } = await look(to, signal)
      if (flag.identity !== identity || flag.value !== from) return { kind: 'changed-meanwhile' }
      const because = flag.obstacle ?? (await unclear(running, list, at.home))
      if (because !== null) return { kind: 'refused', because }
      // An undo to "not set" where nothing was ever set has nothing to do.
      if (to === null) return { kind: 'written' }
      return switchAll(
        running.filter(({ value }) => value !== to),
        to,
        signal,
      )
    },
  }
}

/** All of them were, by then: one alone may have crashed. */
function startedAnew(running: readonly Pm2Process[]): Pick<StoredFlag, 'lastChange'> {
  const starts = running.flatMap(({ startedAt }) => startedAt ?? [])
  const first = starts.reduce<string | null>(
    (earlier, one) => (earlier === null || one < earlier ? one : earlier),
    null,
  )
  if (first === null || starts.length < running.length) return {}
  return { lastChange: { what: 'started-anew', at: first, by: null } }
}

async function listed(pm2: Pm2, variable: string, signal: AbortSignal): Promise<Pm2List> {
  await pm2.reachable(signal)
  const said = await pm2.ask(['jlist'], signal)
  if (said.code !== 0) {
    const detail = `pm2 jlist ended with ${said.code ?? '?'}${inItsWords(said)}`
    throw new Fault({ kind: 'retryable', dependency: DEPENDENCY, detail })
  }
  return readList(said.output, variable)
}

function unknownApp(app: string, { processes }: Pm2List): Fault {
  const meant = nearest(
    app,
    processes.map(({ name }) => name),
  )
  const hint = meant === null ? '' : `; did you mean ${meant}?`
  const detail = `there is no application ${app} in pm2${hint}`
  return new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail })
}

/** What would make a call reach something else, in a clause. Throws a `Fault` while somebody else is at it. */
async function unclear(
  running: readonly Pm2Process[],
  { names }: Pm2List,
  home: string,
): Promise<string | null> {
  const moving = running.find(({ id, status }) => !/^\d+$/.test(id) || status === 'stopping')
  if (moving) {
    const detail = `${holderName(moving)} is being restarted by somebody else`
    throw new Fault({ kind: 'retryable', dependency: DEPENDENCY, detail })
  }
  const taken = running.find(({ id }) => names.includes(id))
  if (taken) return `something in pm2 is called ${taken.id}, like the number of a process`
  const ours = await realpath(home)
  for (const one of running) {
    // oxlint-disable-next-line no-await-in-loop -- mostly they are all the same
    if (one.home !== null && (await realpath(one.home).catch(() => null)) !== ours) {
      return `${holderName(one)} was started under another PM2_HOME`
    }
  }
  return null
}

function failed(said: Said): Fault {
  const isBusy = /Reload already in progress/.test(said.words + said.output)
  const detail = isBusy
    ? 'another reload is going on, or broke off within the last half minute'
    : `pm2 ended with ${said.code ?? '?'}${inItsWords(said)}`
  return new Fault({
    kind: isBusy ? 'retryable' : 'unknown-outcome',
    dependency: DEPENDENCY,
    detail,
  })
}

/** Once one of them was told, or may have been, it is looked at before anything is sent again (J4). */
function cutOff(error: unknown, told: number, all: number): unknown {
  if (!(error instanceof Fault)) return error
  const isOver = error.code === 'ETIMEDOUT'
  if (told === 0 && !isOver) return error
  const detail = `${error.detail}, with ${told} of ${all} processes started anew`
  const { code } = error
  return new Fault({ kind: 'unknown-outcome', dependency: DEPENDENCY, detail, code, cause: error })
}

/** Its last complaint, in one line. */
function inItsWords({ words, output }: Said): string {
  const complaint = `${words}\n${output}`
    .split('\n')
    .map((line) => stripVTControlCharacters(line).trim())
    .findLast((line) => line.startsWith('[PM2][ERROR]'))
  return complaint === undefined ? '' : `: ${redact(complaint.slice(12).trim()).slice(0, 200)}`
}
