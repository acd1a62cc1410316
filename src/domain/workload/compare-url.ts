import { z } from 'zod'
import type { ComparedChange, NewestChange } from './newest-change.ts'
import { versionOf } from './workload.ts'

/** Where people see what is different between two versions: `https://git.example/shop/compare/{from}...{to}`. */
export const CompareUrl = z
  .string()
  .max(500)
  .regex(
    /^https?:\/\/[a-z0-9.:[\]-]+\/[^\s<>|\\"'`@]*$/i,
    'must be an http or https address without a login, like https://git.example/shop/compare/{from}...{to}',
  )
  .refine(
    (url) => url.includes('{from}') && url.includes('{to}'),
    'must hold {from} and {to}, where the two versions go',
  )

type Compared = { readonly name: string; readonly compareUrl: string | null }

/** The change with its link; none where there is no version before it, or no address in the settings. */
export function compared(change: NewestChange, services: readonly Compared[]): ComparedChange {
  const template = services.find(({ name }) => name === change.service)?.compareUrl
  const versions = template ? differing(change) : null
  return {
    ...change,
    compareUrl:
      template && versions
        ? template.replaceAll(/\{(from|to)\}/g, (_, end: 'from' | 'to') =>
            encodeURIComponent(versions[end]),
          )
        : null,
  }
}

/** The versions of the first container that runs another image than before. */
function differing({ images, imagesBefore }: NewestChange) {
  const now = images.find((image) => !imagesBefore?.includes(image))
  const others = imagesBefore?.filter((image) => !images.includes(image)) ?? []
  const before = others.find((image) => nameOf(image) === nameOf(now ?? '')) ?? others[0]
  return now && before ? { from: versionOf(before), to: versionOf(now) } : null
}

/** Without its version. */
function nameOf(image: string): string {
  const [name = image] = image.split('@')
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  return colon < 0 ? name : name.slice(0, colon)
}
