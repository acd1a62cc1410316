import type { Fault } from '../../domain/base/fault.ts'

/** For the doctor, about a question that Slack did not answer. */
export function whatToDo({ kind }: Fault, token: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN'): string {
  return kind === 'terminal'
    ? `check ${token}`
    : 'check the way to Slack from here (proxy, firewall), and ask again'
}
