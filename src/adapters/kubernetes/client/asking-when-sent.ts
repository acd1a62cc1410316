import type { Dispatcher } from 'undici'
import { Fault } from '../../../domain/base/fault.ts'

/** Why what is not to be sent from this moment on, by the clock on the wall, is not sent now. */
export function whyTooLate(sendBeforeMs: number | undefined): Fault | null {
  if (sendBeforeMs === undefined || Date.now() < sendBeforeMs) return null
  const detail = 'not sent: a signature ended while it waited to be'
  return new Fault({ kind: 'retryable', dependency: 'kubernetes', detail })
}

/** A call that waits for its connection can be given up, and nothing has happened. `ask`: why it is not sent. */
export function askingWhenSent(ask: () => Fault | null): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, ...given) {
        const why = ask()
        handler.onRequestStart?.(controller, ...given)
        if (why) controller.abort(why)
      },
      onResponseStart: (...given) => handler.onResponseStart?.(...given),
      onResponseData: (...given) => handler.onResponseData?.(...given),
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => handler.onResponseError?.(...given),
    })
}
