import type { Workloads } from '../ports/workloads.ts'

type Part = { readonly services: readonly string[]; readonly workloads: Workloads }

/** Services that are run by different things, as one; each is asked only for its own. `null`: nothing runs any. */
export function joinedWorkloads(parts: readonly Part[]): Workloads | null {
  const [only, ...others] = parts
  if (!only) return null
  if (others.length === 0) return only.workloads
  const of = (service: string) =>
    parts.find(({ services }) => services.includes(service))?.workloads
  return {
    async list(services, signal) {
      const lists = parts.map(async ({ services: its, workloads }) => {
        const asked = services.filter((service) => its.includes(service))
        return asked.length > 0 ? workloads.list(asked, signal) : []
      })
      return (await Promise.all(lists)).flat()
    },
    logs: async (service, options) => (await of(service)?.logs(service, options)) ?? [],
    async *evidence(service, signal) {
      yield* of(service)?.evidence(service, signal) ?? []
    },
  }
}
