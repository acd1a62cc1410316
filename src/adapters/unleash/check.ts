import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import { DEPENDENCY, readAs, unleashAt } from './ask.ts'
import { unleashFlag, type UnleashFlagOptions } from './flag.ts'
import { mayDo } from './rights.ts'
import { About, Rights } from './schema.ts'

type Place = Pick<UnleashFlagOptions, 'feature' | 'project' | 'environment'>

/** Whether it is there, takes the tokens, has the flags, and would let them be switched. Switches nothing. */
export async function checkUnleash(
  {
    places,
    ...at
  }: {
    readonly url: string
    readonly token: string
    readonly clientToken: string | null
    readonly endpoints: Endpoints
    readonly places: readonly Place[]
  },
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { url, token, endpoints } = at
  const unleash = unleashAt(url, endpoints)
  try {
    const [about, rights] = await Promise.all([
      unleash.get('/api/admin/ui-config', { token, signal }),
      unleash.get('/api/admin/user', { token, signal }),
    ])
    const { version } = readAs(About, about)
    const may = readAs(Rights, rights)
    return [
      ok(DEPENDENCY, 'address and token', `version ${version}: the token is taken`),
      ...(await Promise.all(places.map((place) => placeCheck({ ...at, ...place }, may, signal)))),
    ]
  } catch (error) {
    return [unreached('address and token', error)]
  }
}

async function placeCheck(
  options: UnleashFlagOptions,
  rights: Rights,
  signal: AbortSignal,
): Promise<Check> {
  const { feature, project, environment } = options
  const tried = `flag ${feature} of ${environment}`
  try {
    const { value, obstacle } = await unleashFlag(options).look('off', signal)
    if (obstacle !== null) {
      return wrong(DEPENDENCY, tried, obstacle, 'let the token skip change requests there')
    }
    if (!mayDo(rights, 'UPDATE_FEATURE_ENVIRONMENT', { project, environment })) {
      const found = `it is ${value}, and UNLEASH_TOKEN does not seem to be allowed to switch it`
      const todo = 'give its user UPDATE_FEATURE_ENVIRONMENT there, or another token'
      return careful(DEPENDENCY, tried, found, todo)
    }
    return ok(DEPENDENCY, tried, `it is ${value}, and may be switched`)
  } catch (error) {
    return unreached(tried, error)
  }
}

function unreached(tried: string, error: unknown): Check {
  if (!(error instanceof Fault)) throw error
  const todo =
    error.kind === 'terminal'
      ? 'check UNLEASH_URL, the tokens, and the place in backout.yaml'
      : 'check the way there, and ask again in a minute'
  return wrong(DEPENDENCY, tried, error.detail, todo)
}
