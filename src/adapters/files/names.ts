/** Of one part of a name; with a number and an ending it still fits where 255 bytes may stand. */
const longestPart = 120

/**
 * A name as a path within a folder, and nowhere else: letters, digits, dots, dashes and underscores,
 * never a dot first. For names that come from others: a container may be called anything.
 */
function safePath(name: string): string {
  const parts = name.split(/[/\\]+/).map(safePart)
  return parts.filter((part) => part !== '').join('/') || '_'
}

export function safePart(part: string): string {
  const safe = part.replaceAll(/[^\w.-]/g, '_').replace(/^\.+/, '_')
  if (safe.length <= longestPart) return safe
  const ending = /\.\w{1,8}$/.exec(safe)?.[0] ?? ''
  return safe.slice(0, longestPart - ending.length) + ending
}

/** Gives every name once, also to a disk that does not tell `a` from `A`; the second is `name-2.log`. */
export function unusedNames(taken: readonly string[]): (name: string) => string {
  const used = new Set(taken)
  return (name) => {
    const path = safePath(name)
    const [, stem = path, ending = ''] = /^(.*[^/.])(\.[^/.]*)$/.exec(path) ?? []
    let free = path
    for (let number = 2; used.has(free.toLowerCase()); number += 1) {
      free = `${stem}-${number}${ending}`
    }
    used.add(free.toLowerCase())
    return free
  }
}
