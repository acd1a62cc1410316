import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { flagInWords } from '../../domain/plan/flag-value.ts'
import { pm2At, type Pm2At } from './command.ts'
import { pm2Flag } from './flag.ts'
import { DEPENDENCY } from './list.ts'

/** What the tests run against; older ones were tried by nobody. */
const TRIED_MAJOR = 7

type Place = { readonly app: string; readonly variable: string; readonly safe: string }

/** Whether its daemon runs and is ours to ask, and has the applications. Starts nothing anew. */
export async function checkPm2(
  { places, ...at }: Pm2At & { readonly places: readonly Place[] },
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const pm2 = pm2At(at)
  try {
    await pm2.reachable(signal)
    const { output } = await pm2.ask(['--version'], signal)
    return [
      versionCheck(/^\d+\.\d+\.\d+\S*$/m.exec(output)?.[0] ?? null),
      ...(await Promise.all(places.map((place) => placeCheck(at, place, signal)))),
    ]
  } catch (error) {
    return [unreached('daemon', error)]
  }
}

function versionCheck(version: string | null): Check {
  if (version === null) {
    return wrong(DEPENDENCY, 'daemon', 'it does not say which version it is', TODO)
  }
  if (Number(version.split('.')[0]) >= TRIED_MAJOR) {
    return ok(DEPENDENCY, 'daemon', `version ${version}, and ours to ask`)
  }
  const todo = `try it where nothing can break, or upgrade pm2 to ${TRIED_MAJOR}`
  return careful(DEPENDENCY, 'daemon', `version ${version}: older than was tried`, todo)
}

async function placeCheck(
  at: Pm2At,
  { app, variable, safe }: Place,
  signal: AbortSignal,
): Promise<Check> {
  const tried = `${variable} of ${app}`
  try {
    const { holders, obstacle } = await pm2Flag({ ...at, app, variable }).look(safe, signal)
    if (obstacle !== null) return wrong(DEPENDENCY, tried, obstacle, TODO)
    const values = new Set(holders.map(({ value }) => flagInWords(value)))
    const found = `${[...values].join(' and ')} in ${holders.length} of its processes`
    return ok(DEPENDENCY, tried, found)
  } catch (error) {
    return unreached(tried, error)
  }
}

const TODO = 'compare the place in backout.yaml with `pm2 list`'

function unreached(tried: string, error: unknown): Check {
  if (!(error instanceof Fault)) throw error
  const todo =
    error.kind === 'terminal'
      ? 'check BACKOUT_PM2, PM2_HOME, the user that Backout runs as, and the place in backout.yaml'
      : 'start pm2 as the user of the applications, and ask again'
  return wrong(DEPENDENCY, tried, error.detail, todo)
}
