import { namesUpTo } from '../../domain/text/names-up-to.ts'
import type { CheckOf } from '../../domain/verification/settings.ts'
import type { CheckContext } from './check-context.ts'
import { failed, notMeasured, passed, type Outcome } from './outcome.ts'

const NAMED_AT_MOST = 3

/** None is open. That nobody was told of one is believed only while the heartbeat is there, where one is named. */
export async function alerts(
  { matchers, heartbeat }: CheckOf<'alerts'>,
  { world, signal }: CheckContext,
): Promise<Outcome> {
  if (!world.alerts) return notMeasured('Alertmanager is not configured')
  const [open, beating] = await Promise.all([
    world.alerts.open(matchers, signal),
    heartbeat ? world.alerts.open(heartbeat, signal) : null,
  ])
  const those = matchers.join(', ')
  if (open.length > 0) {
    const names = namesUpTo(NAMED_AT_MOST, [...new Set(open.map(({ name }) => name))])
    return failed(`${open.length} open with ${those}: ${names}`, 'none')
  }
  if (beating?.length === 0) {
    return notMeasured(`no alert reaches Alertmanager: ${heartbeat?.join(', ')} does not fire`)
  }
  return passed(`none is open with ${those}`)
}
