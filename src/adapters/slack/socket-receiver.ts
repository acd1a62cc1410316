import { SocketModeReceiver } from '@slack/bolt'
import type { Log } from '../../ports/log.ts'
import { CALL_TIMEOUT_MS } from './call-timeout.ts'
import { quietLogger } from './quiet-logger.ts'

/**
 * Built here and not by Bolt: Bolt would hand its Web API options to the socket client, whose
 * reconnecting then gives up with them, and would send it the bot token.
 */
export function socketReceiver(
  appToken: string,
  { address, log }: { readonly address: { readonly slackApiUrl?: string }; readonly log: Log },
): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    logger: quietLogger(log),
    // How long a pong may take, and also the gap when Slack asks for a new connection: shorter
    // would reconnect again and again over a bad network, longer would be deaf for longer.
    clientPingTimeout: 2_000,
    installerOptions: {
      clientOptions: {
        ...address,
        // Without it a silent network would keep the first try waiting, and the bot deaf.
        timeout: CALL_TIMEOUT_MS,
        // Else it waits for as long as Slack says, and closing does not wake it. The socket client
        // then tries again by itself, each time two seconds later.
        rejectRateLimitedCalls: true,
        retryConfig: {
          forever: true,
          factor: 1.5,
          minTimeout: 1_000,
          maxTimeout: 30_000,
          randomize: true,
        },
      },
    },
  })
}
