import type { Container } from '../../ports/containers.ts'

/**
 * Nobody keeps there what is to last: they are empty whenever a machine starts, and every container that may write
 * nowhere else has them. What lies below them is no other.
 */
const PASSING = ['/tmp', '/run', '/var/run', '/dev/shm']

/** What those that end keep in memory, for whoever signs; a sentence for each service. */
export function inMemory(
  ended: readonly Pick<Container, 'service' | 'tmpfs'>[],
): readonly string[] {
  return [...Map.groupBy(ended, ({ service }) => service)].flatMap(([service, those]) => {
    const folders = [...new Set(those.flatMap(({ tmpfs }) => tmpfs))].filter(isKept)
    if (folders.length === 0) return []
    const are = folders.length === 1 ? 'is' : 'are'
    return [
      `${service}: ${folders.join(' and ')} ${are} kept in memory (tmpfs) and ${are} empty afterwards: what lies there is lost.`,
    ]
  })
}

function isKept(folder: string): boolean {
  return !PASSING.some((one) => folder === one || folder.startsWith(`${one}/`))
}
