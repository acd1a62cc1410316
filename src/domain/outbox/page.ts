import { z } from 'zod'
import { PagerName } from '../text/product-names.ts'

/**
 * Why somebody is called. `relapse-47`: production was bad again, as the 47th event says; `signatures-2`:
 * the second plan lacks some. Journaled: never rename.
 */
export const Occasion = z.union([
  z.literal('declared'),
  z.templateLiteral(['relapse-', z.int().positive()]),
  z.templateLiteral(['signatures-', z.int().positive()]),
])
export type Occasion = z.infer<typeof Occasion>

/** Somebody is called; somebody has it, and nobody else is called; it is over. */
export const PageDeed = z.enum(['trigger', 'acknowledge', 'resolve'])
export type PageDeed = z.infer<typeof PageDeed>

/** What tells two pages of an incident apart: `declared:trigger:pagerduty`. */
export const PageKey = z.templateLiteral([Occasion, ':', PageDeed, ':', PagerName])
export type PageKey = z.infer<typeof PageKey>

export const PageTo = z.object({
  pager: PagerName,
  deed: PageDeed,
  occasion: Occasion,
  /** When that was. */
  since: z.iso.datetime(),
})
export type PageTo = z.infer<typeof PageTo>

/** What the other side answered. Accepted is not alerted: nobody need have heard it. */
export const PageAccepted = z.object({
  acceptedAt: z.iso.datetime(),
  /** When that was for which somebody is called. */
  since: z.iso.datetime(),
  /** Its own name for it, and where a person sees it there; `null` where it says neither. */
  id: z.string().nullable(),
  link: z.string().nullable(),
  /** Whether it can be asked if somebody has acknowledged. */
  tells: z.boolean(),
})
export type PageAccepted = z.infer<typeof PageAccepted>

export type PageParts = {
  readonly occasion: Occasion
  readonly deed: PageDeed
  readonly pager: PagerName
}

export function pageKey({ occasion, deed, pager }: PageParts): PageKey {
  return `${occasion}:${deed}:${pager}`
}

/** `null`: no page of this version. */
export function pageOfKey(key: string): PageParts | null {
  const [occasion, deed, pager] = key.split(':')
  const parts = z
    .object({ occasion: Occasion, deed: PageDeed, pager: PagerName })
    .safeParse({ occasion, deed, pager })
  return parts.data ?? null
}

/** By which the other side knows the page again: one for each incident and occasion. */
export function pageName(incident: string, occasion: Occasion): string {
  return `${incident}:${occasion}`
}
