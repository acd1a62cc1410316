import { mrk, trusted, type Mrkdwn } from './text.ts'

/** A link that Slack gave us. Anything but a plain web address is shown as its label alone. */
export function link(url: string | null, label: string): Mrkdwn {
  const words = mrk`${label}`
  return url !== null && /^https?:\/\/[^\s<>|]{1,1500}$/.test(url)
    ? trusted(`<${url}|${words.mrkdwn}>`)
    : words
}
