import type { Read } from './cross-checks.ts'
import type { Problem } from './problem.ts'

/** A pager that is named, and has nothing to be reached with, would call nobody in the night. */
export function unreachablePagers(
  { settings, at }: Read,
  variables: NodeJS.ProcessEnv,
): readonly Problem[] {
  const pagers = [
    ['pagerduty', 'BACKOUT_PAGERDUTY_ROUTING_KEY'],
    ['jiraServiceManagement', 'BACKOUT_JSM_API_KEY'],
    ['webhook', 'BACKOUT_PAGING_WEBHOOK_URL'],
  ] as const
  return pagers
    .filter(([name, variable]) => settings?.paging?.[name] && !variables[variable])
    .map(([name, variable]) => ({
      where: at(['paging', name]),
      what: `paging.${name}: ${variable} is missing, so nobody can be called`,
    }))
}
