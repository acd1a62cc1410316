import type { Containers, VariableChange, VariableSeen } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { inspected, inspectedImage, listed } from './ask.ts'
import type { CreateSpec } from './create-spec.ts'
import { membersOf } from './look.ts'
import type { DockerServices } from './members.ts'
import { nameOf, ownVariables } from './own-variables.ts'
import type { Config, Inspected } from './schema.ts'

/** One variable of every container of these services on a host, by a look at each. */
export async function variablesAt(
  host: DockerHost,
  services: DockerServices,
  wanted: readonly string[],
  name: string,
  signal: AbortSignal,
): ReturnType<Containers['variableOf']> {
  const members = membersOf(await listed(host, signal), services, wanted)
  const found = await Promise.all(
    members.map(async ({ one }) => {
      const [seen, image] = await Promise.all([
        inspected(host, one.Id, signal),
        inspectedImage(host, one.ImageID, signal),
      ])
      return seen && variableSeen(seen, image?.Config.Env ?? [], name)
    }),
  )
  return found.filter((one) => one !== null)
}

function variableSeen(
  { Id: id, Config: { Env: all } }: Inspected,
  ofImage: readonly string[],
  name: string,
): VariableSeen {
  const value = valueIn(all, name)
  if (value === null) return { id, value, from: null }
  const isOwn = ownVariables(all, ofImage).some((one) => nameOf(one) === name)
  return { id, value, from: isOwn ? 'container' : 'image' }
}

/** What is in force, of the image's own too. One without `=` takes away what the image sets. */
export function valueIn(all: readonly string[], name: string): string | null {
  const last = all.findLast((one) => nameOf(one) === name)
  return last?.includes('=') ? last.slice(name.length + 1) : null
}

/** The same but for that variable. */
export function withVariable(
  spec: CreateSpec,
  { name, to }: Pick<VariableChange, 'name' | 'to'>,
  image: Config,
): CreateSpec {
  const others = spec.config.Env.filter((one) => nameOf(one) !== name)
  const isOfImage = image.Env.some((one) => nameOf(one) === name)
  const taken = isOfImage ? [name] : []
  const Env = [...others, ...(to === null ? taken : [`${name}=${to}`])]
  return { ...spec, config: { ...spec.config, Env } }
}
