/** One thing the doctor looked at. */
export type Check = {
  readonly dependency: string
  readonly tried: string
  readonly found: string
  readonly state: 'ok' | 'careful' | 'wrong'
  /** What to do about it; `null` when all is well. */
  readonly todo: string | null
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
