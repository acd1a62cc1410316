/** A process that dies at a chosen call outward: before it takes effect, or after and before the reply. */
export type Life = {
  /** Calls made so far. */
  calls: number
  dead: boolean
}

export type Death = { readonly at: number; readonly when: 'before' | 'after' } | null

/** Everything a dead process waits for never comes. */
const NEVER: Promise<never> = new Promise(() => {})

class Died extends Error {}

/**
 * The port as a mortal process sees it. Asynchronous methods hang once it is dead; synchronous ones
 * throw, so that a dead process writes nothing more.
 */
export function mortal<Port extends object>(port: Port, life: Life, death: Death): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        if (life.dead) return deadAnswer(name)
        life.calls += 1
        const dying = death?.at === life.calls
        if (dying && death.when === 'before') {
          life.dead = true
          return deadAnswer(name)
        }
        const answer: unknown = Reflect.apply(method, target, args)
        if (!dying) {
          return answer instanceof Promise
            ? answer.then((value) => (life.dead ? NEVER : value))
            : answer
        }
        life.dead = true
        if (answer instanceof Promise) return answer.then(() => NEVER)
        throw new Died(String(name))
      }
    },
  })
}

/** The journal answers at once or not at all; everything else would have answered later. */
const SYNCHRONOUS = new Set<PropertyKey>(['append', 'read', 'declared', 'recent', 'check'])

function deadAnswer(name: PropertyKey): Promise<never> {
  if (SYNCHRONOUS.has(name)) throw new Died(String(name))
  return NEVER
}
