import type { Release } from '../../ports/deployment-state.ts'
import { cautionsOf } from '../parts/cautions.ts'
import type { FlagBackend, PlaceFound } from '../parts/flag-place.ts'
import type { FlagPlaceIn } from '../parts/flag-settings.ts'
import { NOTHING, partOf } from '../parts/part.ts'
import { deploymentsOf } from '../parts/require-port.ts'
import { NO_SUCH_DEPLOYMENT } from './no-such-deployment.ts'
import { within } from './pace.ts'
import { goneMeanwhile } from './release-cautions.ts'
import { switchable } from './switchable.ts'
import { setVariable } from './steps/set-variable.ts'
import { variableIn } from './variable.ts'

type Place = FlagPlaceIn<'kubernetes-env'>

/** Variables of Deployments' containers. */
export const deploymentFlags: FlagBackend = async (flag, { world, settings, signal }) => {
  const places = flag.places.filter((place): place is Place => place.in === 'kubernetes-env')
  if (places.length === 0) return []
  const { kubernetes } = settings
  if (!kubernetes)
    return places.map(({ service }) => problem(service, 'no Deployment is configured for it'))
  const services = [...new Set(places.map(({ service }) => service))]
  const releases = await deploymentsOf(world).releases(services, signal)
  return places.map((place) => {
    const release = releases.find(({ service }) => service === place.service)
    if (!release) return problem(place.service, NO_SUCH_DEPLOYMENT)
    const { env = flag.name, safe = flag.safe } = place
    return foundAt(release, { ...place, env, safe }, kubernetes.namespace)
  })
}

function problem(service: string, because: string): PlaceFound {
  return { kind: 'problem', because: `${service}: ${because}`, known: true }
}

function foundAt(
  release: Release,
  { container, env, safe: to }: Place & { readonly env: string; readonly safe: string },
  namespace: string,
): PlaceFound {
  const { service, name, uid, replicas } = release
  const standing = switchable(release)
  if ('problem' in standing) return problem(service, standing.problem)
  const { current } = standing
  const seen = variableIn(current.template, env, { name: container, image: current.images[0] })
  if (seen.kind === 'problem') return problem(service, seen.because)
  const { value, of } = seen
  const target = `deployment ${namespace}/${name}`
  const place = `${env} of ${service}`
  const found = { kind: 'found', place, value, to } as const
  if (value === to) return { ...found, switched: NOTHING, cautions: () => [] }
  const input = {
    service,
    name,
    uid,
    container: of.container.name,
    variable: env,
    from: value,
    to,
    templateHash: current.templateHash,
    ...within([release.pace]),
  }
  return {
    ...found,
    switched: partOf(setVariable, input, { targets: [target] }),
    cautions: (suspended) => [
      ...(value === null ? [notSet(service, env, seen.mayComeFromElsewhere)] : []),
      ...(replicas === 0
        ? [`${service}: it is scaled to 0. Nothing of it runs until it is scaled up.`]
        : []),
      ...goneMeanwhile(release),
      ...cautionsOf(release, suspended, 'the old value'),
    ],
  }
}

function notSet(service: string, env: string, mayComeFromElsewhere: boolean): string {
  return mayComeFromElsewhere
    ? `${service}: ${env} is not set there by itself. What a whole ConfigMap or Secret brings in is overruled.`
    : `${service}: ${env} is not set there now. Whether what runs reads it is seen only afterwards.`
}
