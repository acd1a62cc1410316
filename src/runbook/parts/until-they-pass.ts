import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { ItemResult } from '../../domain/verification/item.ts'
import type { WriteContext } from '../../engine/run/step.ts'
import type { Checks } from '../../ports/checks.ts'

/** What the settings name, and is asked for by its id. */
export const Items = z.array(z.object({ id: z.string(), title: z.string() })).min(1)
type Items = z.infer<typeof Items>

/** Five tries of a minute, as long as the settings let one take, and the pauses between them. */
export const ALL_TRIES_MS = 7 * 60_000

type Passed = {
  readonly kind: 'passed'
  readonly ids: readonly string[]
  readonly says: string
}

/** Throws a `Fault` where its own time, or the process's, is over: that says nothing of what was asked. */
export async function untilTheyPass(
  checks: Checks,
  items: Items,
  { signal, interrupted, report }: WriteContext,
  words: {
    readonly again: string
    readonly asked: string
    /** What it means that one of them has not passed. */
    readonly wrong: (title: string) => string
  },
): Promise<Passed | { readonly kind: 'wrong'; readonly says: string }> {
  const found = await checks.prove(
    items.map(({ id }) => id),
    (tried) => report(`${words.again}: ${saidOf(items, wrongIn(tried), words.wrong)}`, null),
    AbortSignal.any([signal, interrupted]),
  )
  const wrong = wrongIn(found)
  if (wrong.length === 0 && found.length === items.length) {
    return {
      kind: 'passed',
      ids: found.map(({ item }) => item),
      says: saidOf(items, found, itself),
    }
  }
  const says = saidOf(items, wrong, words.wrong)
  if (signal.aborted) throw new Fault({ kind: 'retryable', dependency: words.asked, detail: says })
  return { kind: 'wrong', says: interrupted.aborted ? `stopped; ${says}` : says }
}

function wrongIn(found: readonly ItemResult[]): readonly ItemResult[] {
  return found.filter(({ verdict }) => verdict !== 'passed')
}

/** In the words of whoever has found it. */
function saidOf(
  items: Items,
  found: readonly ItemResult[],
  named: (title: string) => string,
): string {
  return found
    .map(({ item, says }) => {
      const title = items.find(({ id }) => id === item)?.title ?? item
      return `${named(title)}: ${says}`
    })
    .join('; ')
}

function itself(title: string): string {
  return title
}
