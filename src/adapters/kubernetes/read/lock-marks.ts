import type { Metadata } from './schema.ts'

/** What a rollback leaves for whoever deploys: policies, pipelines and people read it. */
export const lockMarks = {
  /** The images that are not to come again, with commas between them. */
  from: 'backout.dev/rolled-back-from',
  /** Incident, plan, who asked and who signed. */
  by: 'backout.dev/rolled-back-by',
  at: 'backout.dev/rolled-back-at',
} as const

export function lockedImagesIn({ annotations }: Pick<Metadata, 'annotations'>): string[] {
  return (annotations[lockMarks.from] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
