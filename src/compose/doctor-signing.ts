import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { journalPlace } from '../config/journal-place.ts'
import type { Config } from '../config/load-config.ts'
import type { SigningSettings } from '../config/signing.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { validFromMs } from '../domain/second-factor/enrolment.ts'
import { isStoreBegun, openStore } from './signing/open-store.ts'

const DAY_MS = 24 * 60 * 60_000
const RENEW_MS = 14 * DAY_MS

/** Whether two people could sign while Slack is down. Nothing where that is not configured: it is a choice. */
export async function checkSigning(config: Config, nowMs: number): Promise<readonly Check[]> {
  const { signing } = config
  if (!signing) return []
  return [
    await whoCouldSign(config, signing, nowMs),
    ...(signing.tls ? [certificate(signing.tls.cert, signing.url, nowMs)] : []),
  ]
}

async function whoCouldSign(
  config: Config,
  signing: SigningSettings,
  nowMs: number,
): Promise<Check> {
  const isOnServer = journalPlace(config).kind === 'server'
  const where = isOnServer ? 'on PostgreSQL' : 'in a file'
  const tried = `second factors, ${where}`
  const todo = 'have three approvers type /rollback enrol, and others confirm it'
  try {
    if (!(await isStoreBegun(config))) {
      return careful('signing', tried, 'nobody has enrolled yet', todo)
    }
    const store = await openStore(config, signing, { now: () => nowMs })
    try {
      const people = await store.all()
      const ready = people.filter((one) => (validFromMs(one) ?? Infinity) <= nowMs)
      const found = `${ready.length} of ${people.length} who enrolled can sign now`
      // Who asks for a plan does not sign it.
      return ready.length < 3
        ? careful('signing', tried, `${found}: two sign, and a third asks`, todo)
        : ok('signing', tried, found)
    } finally {
      await store.close()
    }
  } catch (error) {
    const found = error instanceof Fault ? error.detail : String(error)
    const away = isOnServer
      ? 'empty backout.second_factors and backout.signing_seal'
      : 'move the file away'
    return wrong(
      'signing',
      tried,
      found,
      `set BACKOUT_SIGNING_KEY as it was, or ${away} and enrol anew`,
    )
  }
}

function certificate(pem: string, url: string, nowMs: number): Check {
  const tried = 'certificate of the page'
  const todo = 'renew what BACKOUT_SIGNING_CERT_FILE names, and restart Backout'
  const { hostname } = new URL(url)
  try {
    const read = new X509Certificate(pem)
    const endsMs = read.validToDate.getTime()
    const until = read.validToDate.toISOString().slice(0, 10)
    if (endsMs <= nowMs) return wrong('signing', tried, `it ended on ${until}`, todo)
    const isFor = isIP(hostname) === 0 ? read.checkHost(hostname) : read.checkIP(hostname)
    if (!isFor) {
      return wrong('signing', tried, `it is not for ${hostname}`, todo)
    }
    if (endsMs - nowMs < RENEW_MS) return careful('signing', tried, `it ends on ${until}`, todo)
    return ok('signing', tried, `good until ${until}`)
  } catch {
    return wrong('signing', tried, 'it is no certificate in PEM', todo)
  }
}
