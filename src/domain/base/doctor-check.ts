/** One thing the doctor looked at. */
export type Check = {
  readonly dependency: string
  readonly tried: string
  readonly found: string
  readonly state: 'ok' | 'careful' | 'wrong'
  /** What to do about it; `null` when all is well. */
  readonly todo: string | null
  /** What was asked, exactly, where a person can ask the same. */
  readonly query?: string
}

export function ok(dependency: string, tried: string, found: string): Check {
  return { dependency, tried, found, state: 'ok', todo: null }
}

export function careful(dependency: string, tried: string, found: string, todo: string): Check {
  return { dependency, tried, found, state: 'careful', todo }
}

export function wrong(dependency: string, tried: string, found: string, todo: string): Check {
  return { dependency, tried, found, state: 'wrong', todo }
}

/** Checks that found the same: one cause, however many questions it spoilt. */
export type Cause = {
  readonly state: Check['state']
  readonly found: string
  readonly dependency: string
  readonly checks: readonly Check[]
}

/** A dependency that is away is one cause, and not one for each question it was to answer. */
export function causesOf(checks: readonly Check[]): readonly Cause[] {
  const groups = Map.groupBy(checks, ({ state, dependency, found }) =>
    // What names the dependency itself may come from a question to several of them.
    [state, /^[A-Z]\w+:? /.test(found) ? '' : dependency, found].join('\n'),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { state, found } = first
    const dependencies = group.map(({ dependency }) => dependency)
    // "one or the other" is the longer one.
    const dependency = dependencies.toSorted((a, b) => a.length - b.length)[0] ?? ''
    return [{ state, found, dependency, checks: group }]
  })
}
