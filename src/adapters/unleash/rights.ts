import type { Rights } from './schema.ts'

const holds = (named: string | null | undefined, here: string): boolean =>
  !named || named === '*' || named === here

/** Whether a token has this right in an environment of a project; a right without a place holds everywhere. */
export function mayDo(
  { permissions }: Rights,
  right: 'UPDATE_FEATURE_ENVIRONMENT' | 'SKIP_CHANGE_REQUEST',
  { project, environment }: { readonly project: string; readonly environment: string },
): boolean {
  return permissions.some(
    (one) =>
      one.permission === 'ADMIN' ||
      (one.permission === right &&
        holds(one.project, project) &&
        holds(one.environment, environment)),
  )
}
