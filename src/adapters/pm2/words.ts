import { flagInWords, type FlagValue } from '../../domain/plan/flag-value.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { FlagHolder } from '../../ports/flag-stores.ts'
import { namesUpTo } from '../../domain/text/names-up-to.ts'
import type { Pm2Process } from './list.ts'

/** As people know it: `backend (3)`. */
export function holderName({ name, id }: Pick<Pm2Process, 'name' | 'id'>): string {
  const ending = /^_old_(\d+)$/.exec(id)?.[1]
  return ending === undefined ? `${name} (${id})` : `${name} (${ending}, ending)`
}

/** Whether it serves, as pm2 tells it: one that has only just been started may end again at once. */
export function downOf(
  { id, status, startedAt, minUptimeMs }: Pm2Process,
  nowMs: number,
): Pick<FlagHolder, 'down'> {
  // The old one of a reload serves until it has ended.
  if (id.startsWith('_old_') || status === 'stopping') return {}
  if (status !== 'online') return { down: { says: status, givenUp: status === ERRORED } }
  const isYoung = startedAt !== null && nowMs - toMs(startedAt) < minUptimeMs
  return isYoung ? { down: { says: 'only just started', givenUp: false } } : {}
}

/** It has ended so often at once that pm2 starts it no more. */
const ERRORED = 'errored'

/** What a switch does besides switching, in sentences for who signs. */
export function cautionsOf(
  { app, variable }: { readonly app: string; readonly variable: string },
  { running, stopped }: Seen,
): readonly string[] {
  const values = [...new Set(running.map(({ value }) => value))]
  const forgotten = [...new Set(running.flatMap((one) => one.forgotten))]
  const errored = running.filter(({ status }) => status === ERRORED)
  const forked = running.filter(({ mode }) => mode === 'fork')
  return [
    `pm2 starts ${running.length === 1 ? 'its one process' : `its ${running.length} processes one after the other`} anew, with ${variable} as it is to be and everything else as it was.`,
    ...(errored.length > 0
      ? [
          `Not running now, as ${errored.length === 1 ? 'it has' : 'they have'} ended again and again: ${namesUpTo(5, errored.map(holderName))}. Started anew with the others.`,
        ]
      : []),
    ...(forked.length > 0
      ? [`In fork mode each is away while it starts: ${namesUpTo(5, forked.map(holderName))}.`]
      : []),
    ...(values.length > 1 ? [disagreement(running)] : []),
    ...running.flatMap((one) => behind(one)),
    ...(values.includes(null)
      ? [
          `${variable} is not set now. pm2 keeps what was set once, so it cannot be made "not set" again: an undo of this is refused.`,
        ]
      : []),
    ...(stopped.length > 0
      ? [
          `Stopped, and left as they are: ${namesUpTo(5, stopped.map(withValue))}. Started again, they have that value.`,
        ]
      : []),
    ...(forgotten.length > 0
      ? [
          `pm2 sets back ${forgotten.join(' and ')} to its default, as with every restart from its command line; a start from the ecosystem file brings it back.`,
        ]
      : []),
    `The ecosystem file of ${app} is not changed: the next start from it brings its value back. After a reboot comes what \`pm2 save\` saved last.`,
  ]
}

export type Seen = {
  /** They have the flag, or would have it as soon as they are up. */
  readonly running: readonly Pm2Process[]
  /** Somebody has stopped them. */
  readonly stopped: readonly Pm2Process[]
}

function disagreement(running: readonly Pm2Process[]): string {
  const all = namesUpTo(8, running.map(withValue))
  return `They do not agree now: ${all}. Afterwards, and after an undo, all of them have the same.`
}

/** Where pm2 would tell another value than the one that counts. */
function behind(one: Pm2Process): readonly string[] {
  if (one.value === one.kept) return []
  return [
    `${withValue(one)} is what it was started with; pm2 itself lists ${flagInWords(one.kept)}, which it gets with its next start.`,
  ]
}

function withValue(one: Pm2Process): string {
  return `${holderName(one)} ${flagInWords(one.value)}`
}

/** Why it cannot be switched as it stands, in a clause. */
export function obstacleOf(
  variable: string,
  { running, stopped }: Seen,
  wanted: FlagValue,
): string | null {
  if (wanted === null && running.some(({ value, kept }) => (value ?? kept) !== null)) {
    return `pm2 keeps a variable that was set once: ${variable} cannot be made "not set" again`
  }
  if (running.length === 0) return `none of its ${stopped.length} processes runs`
  if (running.some(({ isOfPm2 }) => isOfPm2)) {
    return `${variable} is a setting of pm2 itself, and no variable of the application`
  }
  const others = new Set(running.map(({ value }) => value).filter((value) => value !== wanted))
  if (others.size > 1) {
    const all = namesUpTo(8, running.map(withValue))
    return `its processes have more than one other value (${all}): make them the same first`
  }
  const scripts = new Set(running.map(({ script }) => script))
  if (scripts.size > 1) return 'processes of that name run different scripts'
  return null
}
