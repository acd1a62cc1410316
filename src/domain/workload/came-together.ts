/**
 * The newest release: the services that came together, each within the window of another one of them, the newest
 * included. `ms`: when it came, in milliseconds since the epoch.
 */
export function cameTogether(
  dated: readonly { readonly service: string; readonly ms: number }[],
  windowMs: number,
): ReadonlySet<string> {
  const newestFirst = dated.toSorted((a, b) => b.ms - a.ms)
  const apart = newestFirst.findIndex(({ ms }, index) => {
    const newer = newestFirst[index - 1]
    return newer !== undefined && newer.ms - ms > windowMs
  })
  const together = apart < 0 ? newestFirst : newestFirst.slice(0, apart)
  return new Set(together.map(({ service }) => service))
}
