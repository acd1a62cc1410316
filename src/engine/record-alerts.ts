import {
  alertActor,
  alertDelivery,
  deliveriesOf,
  roundTold,
  type Alert,
  type AlertGroup,
} from '../domain/alert/alert.ts'
import { considerAlerts, MOST_FRESH, type Considered } from '../domain/alert/consider-alerts.ts'
import type { AlertSettings } from '../domain/alert/settings.ts'
import { Fault } from '../domain/base/fault.ts'
import { oneAfterAnother } from '../domain/base/one-after-another.ts'
import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import type { Log } from '../ports/log.ts'
import { alertRouter, type Route, type RouteDeps, type Seen } from './route-alerts.ts'

/** What has become of the alerts of a notification. */
export type AlertCounts = {
  readonly noted: number
  /** Told before, by this notification or another. */
  readonly known: number
  /** By the settings, or because it belongs to no incident and opens none. */
  readonly ignored: number
  /** Firing, and not noted one by one: there are too many. */
  readonly leftOut: number
}

export type AlertsReceipt =
  | {
      readonly kind: 'received'
      readonly counts: AlertCounts
      /** Those with news: to be woken. */
      readonly incidents: readonly string[]
      readonly opened: string | null
    }
  | Refusal

export type RecordAlerts = {
  /**
   * Makes what a notification tells durable (J8), each alert once, however many processes are told of it
   * (J2, J5). Throws a `Fault` when it could not be written: then it is to be sent again.
   */
  receiveAlerts(group: AlertGroup): Promise<AlertsReceipt>
}

/** So much of what was told of an alert is looked at: all rounds of a firing, and more. */
const LOOK_BACK = 40

/** So many of the incidents it was told to. */
const MOST_INCIDENTS = 8

/** How often others may be faster before it is given back to the sender. */
const ATTEMPTS = 20

/** What is written of a notification so far, by us. */
type Written = {
  readonly deliveries: Set<string>
  readonly incidents: Set<string>
  /** How many of the deliveries tell of a firing. */
  fired: number
  opened: string | null
}

export function alertRecorder(
  deps: RouteDeps & {
    readonly alerts: AlertSettings
    readonly headlineChannel: string
    readonly log: Log
    readonly stopped: AbortSignal
  },
): RecordAlerts {
  const { incidents, stopped, alerts: settings } = deps
  const routeOf = alertRouter(deps)
  const inTurn = oneAfterAnother()

  async function record(considered: Considered): Promise<AlertsReceipt> {
    const done: Written = { deliveries: new Set(), incidents: new Set(), fired: 0, opened: null }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // oxlint-disable-next-line no-await-in-loop -- whoever was faster changes what there is to write
      const counted = await recordFresh(considered.alerts, considered.more, done)
      if (!counted) continue
      const noted = done.deliveries.size
      const counts = {
        noted,
        known: considered.alerts.length - noted - counted.ignored - counted.leftOut,
        ignored: considered.ignored + counted.ignored,
        leftOut: considered.more + counted.leftOut,
      }
      if (counts.leftOut > 0) deps.log.warn('more alerts fire than are noted one by one', counts)
      return { kind: 'received', counts, incidents: [...done.incidents], opened: done.opened }
    }
    const detail = 'others write to the same incidents all the time'
    throw new Fault({ kind: 'retryable', dependency: 'journal', detail })
  }

  /** Writes what nobody has written yet; `null`: somebody was faster, and it is to be looked at again. */
  async function recordFresh(alerts: readonly Alert[], more: number, done: Written) {
    const seen = await Promise.all(alerts.map(lookUp))
    const fresh = seen.filter(({ round }) => round !== null)
    const firing = fresh.filter(({ alert }) => alert.state === 'firing')
    const found = firing.length > 0 ? await routeOf(seen, firing) : null
    const route = found && cutTo(MOST_FRESH - done.fired, found)
    if (route && route.alerts.length > 0 && !(await writeFiring(route, more, done))) return null
    const ended = fresh.filter(({ alert }) => alert.state === 'ended')
    const ends = Map.groupBy(ended, ({ incidents: [newest] }) => newest ?? null)
    for (const [id, theirs] of ends) {
      if (id === null) continue
      // oxlint-disable-next-line no-await-in-loop -- mostly one incident
      if (
        !(await write(
          id,
          theirs.map((one) => receivedIn(deps.headlineChannel, one)),
          'any',
          done,
        ))
      )
        return null
    }
    return {
      ignored: (ends.get(null)?.length ?? 0) + (route ? 0 : firing.length),
      leftOut: route?.leftOut ?? 0,
    }
  }

  async function writeFiring(route: Route, more: number, done: Written): Promise<boolean> {
    const { to, alerts, over } = route
    const left = more + route.leftOut
    const intents = alerts.map((one, index) =>
      receivedIn(deps.headlineChannel, one, {
        // Said with the last: each one that is noted is one fewer that is left out.
        ...(index === alerts.length - 1 && left > 0 ? { more: left } : {}),
        ...(over ? { over: true } : {}),
      }),
    )
    // Since it was looked at nobody has closed it, and nobody has opened one of this name (J2).
    const isWritten = await write(to.id, intents, to.sequence, done)
    if (isWritten) done.fired += intents.length
    if (isWritten && to.sequence === 0) done.opened = to.id
    return isWritten
  }

  async function write(
    id: string,
    intents: readonly ReceivedIntent[],
    seen: number | 'any',
    done: Written,
  ): Promise<boolean> {
    if ((await incidents.receiveTogether(id, intents, seen)) !== 'appended') return false
    done.incidents.add(id)
    for (const { delivery } of intents) done.deliveries.add(delivery)
    return true
  }

  /** Where the journal has it: no process remembers more than another one (J2). */
  async function lookUp(alert: Alert): Promise<Seen> {
    const told = await incidents.receivedUnder(deliveriesOf(alert.fingerprint), LOOK_BACK)
    const theirs = [...new Set(told.map(({ incident }) => incident))]
    return {
      alert,
      round: roundTold(alert, told, deps.clock.now()),
      incidents: theirs.slice(0, MOST_INCIDENTS),
    }
  }

  return {
    receiveAlerts(group) {
      if (stopped.aborted) return Promise.resolve(refused('restarting'))
      // One after the other, so that each sees what the one before has opened.
      const considered = considerAlerts(group, settings)
      return inTurn(() => record(considered))
    },
  }
}

/** What is told of another time is not lost: as long as it fires, it is not known, and Alertmanager repeats it. */
function cutTo(most: number, { alerts, leftOut, ...route }: Route): Route {
  const told = alerts.slice(0, most)
  return { ...route, alerts: told, leftOut: leftOut + alerts.length - told.length }
}

function receivedIn(
  channel: string,
  { alert, round }: Seen,
  more: { readonly more?: number; readonly over?: true } = {},
): ReceivedIntent {
  return {
    delivery: alertDelivery(alert, round ?? 0),
    by: alertActor(alert),
    place: { channel, thread: null },
    card: null,
    intent: { kind: 'note-alert', alert, ...(round ? { again: true } : {}), ...more },
  }
}
