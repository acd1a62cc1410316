import type { ContainerWrite, ContainerWritten, VariableChange } from '../../ports/containers.ts'
import type { SimulatedHosts } from './hosts.ts'
import type { SimulatedContainer } from './simulated-container.ts'
import { sha256Of, type Specification } from './specification.ts'

type Create = Extract<ContainerWrite, { kind: 'create' }>
type Start = Extract<ContainerWrite, { kind: 'start' }>
type Stop = Extract<ContainerWrite, { kind: 'stop' }>

const done: ContainerWritten = { kind: 'done' }
const changed = (because: string): ContainerWritten => ({ kind: 'changed-meanwhile', because })
const refused = (because: string): ContainerWritten => ({ kind: 'refused', because })

const isThereNoMore = changed('the container is not there any more')
const isNobodys = refused('it belongs to no service of the settings')
const isKept = refused('it is kept to make others like it, and never started')

/** Carries out one write, as a host would that lets nobody else in between. */
export function written(hosts: SimulatedHosts, write: ContainerWrite): ContainerWritten {
  if (!hosts.host(write.host)) return refused(`there is no host ${write.host} in the settings`)
  if (write.kind === 'remove-image') {
    if (!write.name.startsWith('backout-kept/')) return refused('nothing that was kept')
    return hosts.changes.forget(write) ? done : changed('it is not that image any more')
  }
  const containers = hosts.existing(write.host)
  const isTaken = (name: string): boolean => containers.some((one) => one.name === name)
  const id = write.kind === 'create' ? write.like : write.id
  const found = containers.find((one) => one.id === id)
  if (!found) return isThereNoMore
  if (found.service === null) return isNobodys
  if ((write.kind === 'create' || write.kind === 'rename') && isTaken(write.name)) {
    return changed(`the name ${write.name} is taken`)
  }
  switch (write.kind) {
    case 'create':
      return created(hosts, write, found)
    case 'start':
      return started(hosts, write, found)
    case 'stop':
      return stopped(hosts, write.next, found)
    case 'rename':
      hosts.rename(found.id, write.name)
      return done
    case 'remove': {
      if (hosts.isKeptRunning(found)) {
        return refused(`You cannot remove a running container ${found.id}. Stop it before that`)
      }
      // Whatever has run has written something.
      const { keepChangesAs: kept } = write
      if (kept !== null && found.runs.length > 0) hosts.changes.keep(kept, found)
      hosts.remove(found)
      return done
    }
    default:
      return write satisfies never
  }
}

function stopped(
  hosts: SimulatedHosts,
  next: Stop['next'],
  found: SimulatedContainer,
): ContainerWritten {
  if (next) {
    const ready = hosts.existing(found.host).find(({ id }) => id === next.id)
    if (!ready) return isThereNoMore
    if (ready.service === null) return isNobodys
    if (ready.role === 'kept') return isKept
    hosts.setPolicy(ready.id, next.restartPolicy)
  }
  hosts.stop(found)
  return done
}

function isAmong(
  hosts: SimulatedHosts,
  among: Start['among'],
  { host, service }: SimulatedContainer,
): boolean {
  if (!among) return true
  const now = hosts.existing(host).filter((one) => one.service === service)
  return (
    now.length === among.length &&
    now.every((one) =>
      among.some(({ id, name, state }) => {
        return one.id === id && one.name === name && hosts.life(one).state === state
      }),
    )
  )
}

function created(hosts: SimulatedHosts, write: Create, like: SimulatedContainer): ContainerWritten {
  const { host, service, name, role, mark, image, variable } = write
  if (like.service !== service) return refused(`it is a container of ${like.service}`)
  if (sha256Of(like.specification) !== write.sha256) {
    return changed('the container was made in another way than was seen')
  }
  const { environment } = like.specification
  if (variable && (environment[variable.name] ?? null) !== variable.from) {
    return changed(`${variable.name} of ${like.name} says something else than was seen`)
  }
  if (!hosts.hasImage(host, image)) return refused(`No such image: ${image.id}`)
  const keptPolicy = role === 'kept' ? policyFor(like) : null
  const specification = variable ? withVariable(like.specification, variable) : like.specification
  hosts.add({
    host,
    service,
    name,
    role,
    mark,
    image,
    specification,
    restartPolicy: 'no',
    keptPolicy,
  })
  return done
}

function withVariable(
  { environment, ...rest }: Specification,
  { name, to }: VariableChange,
): Specification {
  const { [name]: _, ...others } = environment
  return { ...rest, environment: to === null ? others : { ...others, [name]: to } }
}

/** What a container has that is made like this one and started. */
export function policyFor({ keptPolicy, restartPolicy }: SimulatedContainer): string {
  return keptPolicy ?? restartPolicy
}

function started(
  hosts: SimulatedHosts,
  { restartPolicy, among }: Start,
  found: SimulatedContainer,
): ContainerWritten {
  if (found.role === 'kept') return isKept
  if (!isAmong(hosts, among, found)) return changed('something else stands there by now')
  if (hosts.isKeptRunning(found)) {
    hosts.setPolicy(found.id, restartPolicy)
    return done
  }
  const { ports } = found.specification
  const others = hosts.existing(found.host).filter((one) => hosts.isKeptRunning(one))
  const taken = ports.find((port) => others.some((one) => one.specification.ports.includes(port)))
  if (taken !== undefined) {
    const [port] = taken.split(':')
    return refused(`Bind for 0.0.0.0:${port} failed: port is already allocated`)
  }
  hosts.start(found, restartPolicy)
  return done
}
