import type { DockerHost } from '../client/client.ts'

/** What happens to containers within that time, by the clock of the host. What ends in the past ends by itself. */
export function openEvents(
  host: DockerHost,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  options: Pick<Parameters<DockerHost['stream']>[0], 'signal' | 'deadlineMs'>,
): ReturnType<DockerHost['stream']> {
  return host.stream({
    path: '/events',
    query: {
      since: String(fromMs / 1_000),
      until: String(untilMs / 1_000),
      filters: JSON.stringify({ type: ['container'] }),
    },
    ...options,
  })
}
