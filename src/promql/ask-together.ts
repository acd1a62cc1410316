/** Tells the parts of an answer apart, whose question was asked in one. */
export const PART = 'backout_part'

/** Several questions in one: each series of the answer says in the label `PART` to which it belongs. */
export function askedTogether(parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts)
    .map(([name, expression]) => `label_replace(${expression}, "${PART}", "${name}", "", "")`)
    .join(' or ')
}
