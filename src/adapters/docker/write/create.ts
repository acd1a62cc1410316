import { Fault } from '../../../domain/base/fault.ts'
import type { ContainerWrite, ContainerWritten } from '../../../ports/containers.ts'
import { containerPath, inspectedImage } from '../read/ask.ts'
import { createSpec, sha256Of } from '../read/create-spec.ts'
import { OURS } from '../read/labels.ts'
import { ownObstacles } from '../read/obstacles.ts'
import { policyText } from '../read/restart-policy.ts'
import { Created } from '../read/schema.ts'
import { valueIn, withVariable } from '../read/variables.ts'
import { changed, DONE, refused, sent } from './answers.ts'
import { createBody, type CreateBody } from './create-body.ts'
import { join } from './join.ts'
import type { Target } from './target.ts'

type Create = Extract<ContainerWrite, { kind: 'create' }>

/** From here on a container can be created in several networks at once. */
const NETWORKS_AT_ONCE = '1.44'
const CREATE_MS = 60_000

export async function create(target: Target, wanted: Create): Promise<ContainerWritten> {
  const { host, seen, member, signal } = target
  if (member.service !== wanted.service) {
    return refused(`${seen.Name} belongs to ${member.service}, and not to ${wanted.service}`)
  }
  const [ofImage, image, atOnce] = await Promise.all([
    inspectedImage(host, seen.Image, signal),
    inspectedImage(host, wanted.image.id, signal),
    host.speaks(NETWORKS_AT_ONCE, signal),
  ])
  if (!ofImage) return refused(`the image of ${seen.Name} is not on ${host.name} any more`)
  if (image?.Id !== wanted.image.id) {
    return refused(`no such image on ${host.name}: ${wanted.image.reference} (${wanted.image.id})`)
  }
  const spec = createSpec(seen, ofImage.Config)
  if (sha256Of(spec) !== wanted.sha256) {
    return changed(`${seen.Name} is not configured any more as it was seen`)
  }
  const obstacle = ownObstacles(seen).find(([stands]) => stands)
  if (obstacle) return refused(`${seen.Name} cannot be made again as it is: ${obstacle[1]}`)
  const { variable } = wanted
  if (variable && valueIn(seen.Config.Env, variable.name) !== variable.from) {
    return changed(`${variable.name} of ${seen.Name} says something else than was seen`)
  }
  const next = variable ? withVariable(spec, variable, image.Config) : spec
  const { body, later } = createBody(next, {
    ...wanted,
    imageConfig: image.Config,
    restartPolicy:
      seen.Config.Labels[OURS.restartPolicy] ?? policyText(seen.HostConfig.RestartPolicy),
    networksAtOnce: atOnce ? 'all' : 'one',
  })
  return inAllNetworks(target, wanted.name, body, later)
}

/** One that is not in all of its networks is taken away again: it would serve, and not be found. */
async function inAllNetworks(
  { host, signal }: Target,
  name: string,
  body: CreateBody['body'],
  later: CreateBody['later'],
): Promise<ContainerWritten> {
  let id = ''
  const made = await sent(async () => {
    const call = {
      path: '/containers/create',
      query: { name },
      body,
      signal,
      deadlineMs: CREATE_MS,
    }
    const answer = Created.safeParse(await host.write({ method: 'POST', ...call }))
    if (!answer.success) throw nobodyKnows(host.name)
    id = answer.data.Id
  })
  if (made.kind !== 'done') return made
  const joined = await join(host, id, later, signal)
  if (joined.kind === 'done') return DONE
  await host.write({ method: 'DELETE', path: containerPath(id), signal })
  return refused(joined.because)
}

/** Somebody else than the Engine has answered: what became of it is not known. */
function nobodyKnows(name: string): Fault {
  const detail = `unexpected answer from ${name} to what was to be created`
  return new Fault({
    kind: 'unknown-outcome',
    dependency: 'docker',
    detail,
    code: 'UNEXPECTED_ANSWER',
  })
}
