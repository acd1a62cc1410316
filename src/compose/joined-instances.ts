import { Fault } from '../domain/base/fault.ts'
import type { Instance, Instances } from '../ports/instances.ts'

type Part = { readonly services: readonly string[]; readonly instances: Instances }

/** Services that are run by different things, as one; each is asked only for its own. `null`: nothing runs any. */
export function joinedInstances(parts: readonly Part[]): Instances | null {
  const [only, ...others] = parts
  if (!only) return null
  if (others.length === 0) return only.instances
  const allOf = (service: string): readonly Instances[] => {
    const found = parts.filter(({ services }) => services.includes(service))
    // To say that none runs would be to say that every one has answered (J10).
    if (found.length === 0) throw nobody(`nothing in the settings runs the service ${service}`)
    return found.map(({ instances }) => instances)
  }
  return {
    async list(service, signal) {
      return (await listed(allOf(service), service, signal)).flatMap(({ its }) => its)
    },
    async ask(service, instance, question) {
      const [first, ...rest] = allOf(service)
      if (first && rest.length === 0) return first.ask(service, instance, question)
      const all = await listed(allOf(service), service, question.signal)
      const its = all.find((one) => one.its.some(({ id }) => id === instance))
      if (!its) throw nobody(`nothing of ${service} is called ${instance} any more`)
      return its.by.ask(service, instance, question)
    },
  }
}

type Listed = { readonly by: Instances; readonly its: readonly Instance[] }

function listed(
  all: readonly Instances[],
  service: string,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  return Promise.all(all.map(async (by) => ({ by, its: await by.list(service, signal) })))
}

function nobody(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'settings', detail })
}
