import { customerLetter } from '../chat/cards/letters.ts'
import type { LetterDrafts } from '../chat/cards/letter-blocks.ts'
import type { Config } from '../config/load-config.ts'
import { smtpServer } from '../config/smtp-address.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { DraftedLetter } from '../domain/outbox/letter.ts'
import { canonicalJson } from '../domain/text/canonical-json.ts'
import type { DraftLetter } from '../engine/engine-types.ts'
import type { Courier } from '../engine/outbox/couriers.ts'
import { mailCourier } from '../engine/outbox/mail-courier.ts'
import type { Clock } from '../ports/clock.ts'
import type { Mailer } from '../ports/mailer.ts'
import { hash } from './hash.ts'
import { openedOnce } from './opened-once.ts'

type Letters = {
  readonly drafted: DraftLetter
  readonly all: LetterDrafts
  readonly courier: Courier<'mail'>
}
type Customers = Config['settings']['communication']['customers']

/** Letters to key customers by mail; `null`: there is no mail server, and people send them by hand. */
export function lettersOf(config: Config, clock: Clock): Letters | null {
  const { customers } = config.settings.communication
  if (customers.length === 0 || !hasMailServer(config)) return null
  return lettersTo(customers, { open: openedOnce(() => openMailer(config)), clock })
}

/** The same over any mailer. */
export function lettersTo(
  customers: Customers,
  { open, clock }: { readonly open: () => Promise<Mailer>; readonly clock: Clock },
): Letters {
  const lists = new Map(
    customers.map(({ name, to }) => {
      const addressed = { to: [...new Set(to)], digest: short(canonicalJson(to.toSorted())) }
      return [short(name, 12), { name, addressed }] as const
    }),
  )

  function drafted(incident: Incident, list: string): DraftedLetter | null {
    const found = lists.get(list)
    if (!found) return null
    const { name, addressed } = found
    const letter = {
      list,
      name,
      recipients: addressed.to.length,
      addressed: addressed.digest,
      ...customerLetter(incident),
    }
    return { letter, digest: short(canonicalJson(letter)) }
  }

  return {
    drafted,
    all: (incident) => [...lists.keys()].flatMap((list) => drafted(incident, list) ?? []),
    courier: mailCourier({ open, clock, addressed: (list) => lists.get(list)?.addressed ?? null }),
  }
}

function short(text: string, length = 32): string {
  return hash(text).slice(0, length)
}

export function hasMailServer({ settings, environment }: Config): boolean {
  return settings.communication.mail !== undefined && environment.BACKOUT_SMTP_URL !== undefined
}

/** What talks to it is loaded when it is first needed. */
export async function openMailer({ settings, environment, authorities }: Config): Promise<Mailer> {
  const { from = '', replyTo = null, allowUnencrypted = false } = settings.communication.mail ?? {}
  const { smtpMailer } = await import('../adapters/smtp/mailer.ts')
  const server = smtpServer(environment.BACKOUT_SMTP_URL ?? '')
  return smtpMailer({
    server: { ...server, allowUnencrypted, ca: authorities.smtp },
    sender: { from, replyTo },
  })
}
