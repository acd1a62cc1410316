import type { Labels, Listed } from './schema.ts'

/** Which containers are a service's, as `procedures.docker.services` says it. */
export type ConfiguredService =
  | { readonly project: string; readonly service: string }
  | { readonly container: string }

export type ConfiguredServices = Readonly<Record<string, ConfiguredService>>

export type Membership = { readonly service: string; readonly role: 'serving' | 'kept' }

export const COMPOSE = 'com.docker.compose.'

type Named = { readonly id: string; readonly name: string; readonly labels: Labels }

/** Which service of the settings it belongs to; `null`: none, and it is never touched. */
export function membershipOf(services: ConfiguredServices, one: Named): Membership | null {
  const { 'backout.service': service = '', 'backout.role': role } = one.labels
  if (role === 'kept') return Object.hasOwn(services, service) ? { service, role } : null
  const found = Object.entries(services).find(([name, how]) =>
    'project' in how
      ? isOfCompose(how.project, how.service, one.labels)
      : isCalled(how.container, one) || (role === 'serving' && service === name),
  )
  return found ? { service: found[0], role: 'serving' } : null
}

export function membershipOfListed(services: ConfiguredServices, one: Listed): Membership | null {
  return membershipOf(services, { id: one.Id, name: nameOf(one), labels: one.Labels })
}

/** Of a container that others are linked to, more than one is told: its own has one slash. */
function nameOf({ Names }: Pick<Listed, 'Names'>): string {
  const own = Names.find((name) => name.lastIndexOf('/') <= 0) ?? Names[0] ?? ''
  return own.replace(/^\//, '')
}

function isOfCompose(project: string, service: string, labels: Labels): boolean {
  return (
    labels[`${COMPOSE}project`] === project &&
    labels[`${COMPOSE}service`] === service &&
    labels[`${COMPOSE}oneoff`]?.toLowerCase() !== 'true'
  )
}

/** Or it was renamed aside: its old name, and the beginning of its own id. */
function isCalled(name: string, one: Named): boolean {
  if (one.name === name) return true
  const [, ending] = /-([0-9a-f]{6,64})$/.exec(one.name) ?? []
  return one.name.startsWith(`${name}-`) && ending !== undefined && one.id.startsWith(ending)
}
