import type { Refusal } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
import { section, view } from '../parts/blocks.ts'
import { refusalText } from '../text/refusal-text.ts'

/** Shown only to the person who asked. */
export function refusalView(refusal: Refusal): View {
  const text = refusalText(refusal)
  return view(text, [section(text)])
}
