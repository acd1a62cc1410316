import { canonicalJson } from '../../domain/text/canonical-json.ts'
import type { ImageId } from '../../ports/containers.ts'
import { password } from '../release.ts'
import { digest } from '../metrics/noise.ts'

const project = 'pipeshub'

/** What a container is created with beside its image, its name and its restart policy. */
export type Specification = {
  readonly environment: Readonly<Record<string, string>>
  /** Those that compose puts there. */
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  readonly aliases: readonly string[]
  readonly volumes: readonly string[]
  readonly dependsOn: readonly string[]
  readonly stopSeconds: number
  readonly obstacles: readonly string[]
}

/** What the team's compose file says of a service. */
export type ComposeService = {
  readonly service: string
  readonly image: ImageId
  /** Beside those that are always there. */
  readonly environment: Readonly<Record<string, string>>
  readonly obstacles: readonly string[]
}

const PORTS: Readonly<Record<string, readonly string[]>> = { frontend: ['8080:8080'] }
const VOLUMES: Readonly<Record<string, readonly string[]>> = {
  backend: [`${project}_uploads at /var/lib/app`],
}
const NEEDS: Readonly<Record<string, readonly string[]>> = { frontend: ['backend'] }

/** As `docker compose up` makes it. */
export function composed(file: ComposeService, services: readonly string[]): Specification {
  const { service, image, obstacles } = file
  const dependsOn = (NEEDS[service] ?? []).filter((one) => services.includes(one))
  const labels = {
    'com.docker.compose.project': project,
    'com.docker.compose.project.working_dir': `/srv/${project}`,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.config-hash': digest(canonicalJson(file)),
    'com.docker.compose.image': image.id,
    'com.docker.compose.depends_on': dependsOn
      .map((one) => `${one}:service_started:false`)
      .join(','),
  }
  return {
    environment: {
      NODE_ENV: 'production',
      MONGODB_URI: `mongodb://pipeshub:${password}@mongo-0.mongo/pipeshub`,
      ...file.environment,
    },
    labels,
    ports: PORTS[service] ?? [],
    aliases: [`${project}_default/${service}`],
    volumes: VOLUMES[service] ?? [],
    dependsOn,
    stopSeconds: 10,
    obstacles,
  }
}

/** Of those that were asked for: a look asks for each of them once more. */
const known = new WeakMap<Specification, string>()

export function sha256Of(specification: Specification): string {
  const found = known.get(specification) ?? digest(canonicalJson(specification))
  known.set(specification, found)
  return found
}

export function composeName(service: string): string {
  return `${project}-${service}-1`
}
