/** A process that dies at a chosen call outward: before it takes effect, or after and before the reply. */
export type Life = {
  /** Calls made so far. */
  calls: number
  /** Which of them change something: what a process has only asked dies with it. */
  readonly effects: number[]
  dead: boolean
}

export type Death = { readonly at: number; readonly when: 'before' | 'after' } | null

/** These change nothing. A method that is not named here is taken for one that does. */
const QUESTIONS = new Set<PropertyKey>(
  [
    'read follow head receivedUnder declared open inThread recent check find findFile accountOf membersOf assess look',
    'list logs releases sightings rollouts identity count readText ask',
    'localImages sharers imageAt atRegistry entries',
    'server measure contents compare expired tryWrite moment writtenSince quiet freeBytes tools',
  ].flatMap((names) => names.split(' ')),
)

export function deathsAt(calls: readonly number[]): readonly NonNullable<Death>[] {
  return calls.flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ])
}

/**
 * Between any two of all that a process changes, and at both ends: to die after one of them leaves the
 * same behind as to die before the next, but for the time that has passed.
 */
export function deathsBetween(effects: readonly number[]): readonly NonNullable<Death>[] {
  const before = effects.slice(0, 1).map((at) => ({ at, when: 'before' as const }))
  return [...before, ...effects.map((at) => ({ at, when: 'after' as const }))]
}

/** Everything a dead process waits for never comes. */
const NEVER: Promise<never> = new Promise(() => {})

/** The port as a mortal process sees it: once it is dead, no call comes back, and none takes effect. */
export function mortal<Port extends object>(port: Port, life: Life, death: Death): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        if (life.dead) return NEVER
        life.calls += 1
        if (!QUESTIONS.has(name)) life.effects.push(life.calls)
        const dying = death?.at === life.calls
        if (dying && death.when === 'before') {
          life.dead = true
          return NEVER
        }
        const answer: unknown = Reflect.apply(method, target, args)
        if (!dying) {
          return answer instanceof Promise
            ? answer.then((value) => (life.dead ? NEVER : value))
            : answer
        }
        life.dead = true
        return Promise.resolve(answer).then(() => NEVER)
      }
    },
  })
}
