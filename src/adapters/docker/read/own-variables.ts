/**
 * What a container was given beside the variables of its image. The Engine puts the image's own behind those that
 * were given, each that was not: a variable that stands before was given, also where its value is the same.
 * https://github.com/moby/moby/blob/v28.2.2/daemon/commit.go#L19
 */
export function ownVariables(
  all: readonly string[],
  ofImage: readonly string[],
): readonly string[] {
  let left = ofImage.length
  let end = all.length
  while (end > 0) {
    const at = ofImage.slice(0, left).lastIndexOf(all[end - 1] ?? '')
    if (at < 0) break
    left = at
    end -= 1
  }
  // Of two values of one name the last one is in force.
  return [...new Map(all.slice(0, end).map((one) => [nameOf(one), one])).values()]
}

/** Those that look like the next image's own stand first, so that they can be told apart again. */
export function inOrderFor(
  own: readonly string[],
  nextImage: readonly string[],
): readonly string[] {
  const isSame = (one: string): boolean => nextImage.includes(one)
  return [...own.filter(isSame), ...own.filter((one) => !isSame(one))]
}

export function nameOf(variable: string): string {
  return variable.split('=', 1)[0] ?? ''
}
