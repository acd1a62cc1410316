import type { Refusal } from '../../domain/refusal.ts'
import type { View } from '../../domain/view.ts'
import { section, view } from '../blocks.ts'
import { refusalText } from '../refusal-text.ts'

/** Shown only to the person who asked. */
export function refusalView(refusal: Refusal): View {
  const text = refusalText(refusal)
  return view(text, [section(text)])
}
