import type { Circumstances } from '../procedure.ts'
import type { Part } from './part.ts'

/** What one backend keeps for ways back, and the part that removes it. */
export type Tidied =
  | {
      readonly kind: 'kept'
      readonly part: Part
      /** "2 kept containers". */
      readonly what: string
      /** It is data of people: whoever owns that signs for it. */
      readonly ofPeople: boolean
    }
  /** Why there is nothing to remove; `null`: nothing of that kind is configured. */
  | { readonly kind: 'nothing'; readonly because: string | null }

export type Tidying = (circumstances: Circumstances) => Promise<Tidied>
