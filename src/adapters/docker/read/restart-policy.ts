import type { HostConfig } from './schema.ts'

/** `no`, `always`, `unless-stopped`, `on-failure:5`. */
export function policyText({ Name, MaximumRetryCount }: HostConfig['RestartPolicy']): string {
  if (Name === '') return 'no'
  return MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name
}

export function policyOf(text: string): HostConfig['RestartPolicy'] {
  const [Name = 'no', most] = text.split(':')
  return { Name, MaximumRetryCount: most === undefined ? 0 : Number(most) }
}
