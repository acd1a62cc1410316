import type { ContainerWritten } from '../../../ports/containers.ts'
import { containerPath } from '../read/ask.ts'
import { repositoryOf } from '../read/image-names.ts'
import { isComposeLabel } from '../read/labels.ts'
import { sent } from './answers.ts'
import type { Target } from './target.ts'

/** A large file system takes its time. */
const COMMIT_MS = 10 * 60_000

/** What it has written beside its volumes, as an image of that name, where there is any. */
export async function keepChanges(target: Target, name: string): Promise<ContainerWritten> {
  let changes = false
  const asked = await sent(async () => {
    changes = await hasChanges(target)
  })
  if (asked.kind !== 'done' || !changes) return asked
  const { host, seen, signal } = target
  const repo = repositoryOf(name)
  const tag = name.slice(repo.length + 1)
  // What is made of it one day is neither a container of compose nor one of ours.
  const signs = Object.keys(seen.Config.Labels).filter(
    (label) => isComposeLabel(label) || label.startsWith('backout.'),
  )
  const body = { Labels: Object.fromEntries(signs.map((label) => [label, ''])) }
  const query = { container: seen.Id, repo, tag, pause: 'false' }
  return sent(() =>
    host.write({ method: 'POST', path: '/commit', query, body, signal, deadlineMs: COMMIT_MS }),
  )
}

/** The list may be very long, and its beginning tells: `null`, `[]` or `[{`. */
async function hasChanges({ host, seen, signal }: Target): Promise<boolean> {
  const path = `${containerPath(seen.Id)}/changes`
  await using answer = await host.stream({ path, signal })
  let begun = ''
  for await (const chunk of answer.chunks) {
    begun += Buffer.from(chunk).toString('utf8')
    if (begun.length >= 4) break
  }
  return begun.trimStart().startsWith('[{')
}
