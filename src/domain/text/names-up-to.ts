/** "a, b and 2 more": so many names at most. */
export function namesUpTo(max: number, names: readonly string[]): string {
  const shown = names.slice(0, max).join(', ')
  return names.length > max ? `${shown} and ${names.length - max} more` : shown
}
