import { OURS, type Labels } from './labels.ts'

/** How the containers of a service are known. */
export type DockerService =
  | { readonly kind: 'compose'; readonly project: string; readonly service: string }
  | { readonly kind: 'container'; readonly name: string }

export type DockerServices = Readonly<Record<string, DockerService>>

export type Membership = { readonly service: string; readonly role: 'serving' | 'kept' }

type Named = { readonly id: string; readonly name: string; readonly labels: Labels }

/** Which service of the settings it belongs to; `null`: to none, and it is never written to. */
export function membershipOf(services: DockerServices, one: Named): Membership | null {
  const { [OURS.service]: ofOurs = '', [OURS.role]: role } = one.labels
  if (role === 'kept') return Object.hasOwn(services, ofOurs) ? { service: ofOurs, role } : null
  for (const [service, known] of Object.entries(services)) {
    const isMember =
      known.kind === 'compose'
        ? isOfCompose(known, one.labels)
        : isCalled(known.name, one) || (role === 'serving' && ofOurs === service)
    if (isMember) return { service, role: 'serving' }
  }
  return null
}

function isOfCompose(
  { project, service }: Extract<DockerService, { kind: 'compose' }>,
  labels: Labels,
): boolean {
  const of = (name: string): string | undefined => labels[`com.docker.compose.${name}`]
  const isOneOff = of('oneoff')?.toLowerCase() === 'true'
  return of('project') === project && of('service') === service && !isOneOff
}

/**
 * One that was renamed aside has no other sign than its name: it begins with the name that it had, and ends with
 * the beginning of its own id, which no container has by chance.
 */
function isCalled(name: string, one: Named): boolean {
  if (one.name === name) return true
  const [, ending] = /-([0-9a-f]{6,64})$/.exec(one.name) ?? []
  return one.name.startsWith(`${name}-`) && ending !== undefined && one.id.startsWith(ending)
}

/** The service of the settings that compose calls so in the same project; its own word where none is. */
export function serviceCalled(
  services: DockerServices,
  project: string | undefined,
  called: string,
): string {
  const found = Object.entries(services).find(
    ([, one]) => one.kind === 'compose' && one.project === project && one.service === called,
  )
  return found?.[0] ?? called
}
