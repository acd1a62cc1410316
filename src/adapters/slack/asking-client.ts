import { WebClient } from '@slack/web-api'
import { quietLogger } from './quiet-logger.ts'

/** For the doctor: a question that waited or was asked again would use up what the running bot needs. */
export function askingClient(
  token: string,
  { apiUrl, timeoutMs }: { readonly apiUrl: string | undefined; readonly timeoutMs: number },
): WebClient {
  return new WebClient(token, {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    timeout: timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quietLogger({ info() {}, warn() {}, error() {} }),
  })
}
