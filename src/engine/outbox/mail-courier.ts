import { Fault } from '../../domain/base/fault.ts'
import { owedLetters } from '../../domain/incident/letters.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Mailer } from '../../ports/mailer.ts'
import type { Courier } from './couriers.ts'

/** A mail server looks at a letter before it takes it: five seconds are too few for some. */
const DEADLINE_MS = 20_000

/** Who is on a list of the settings now, and by what it is seen that they are the same ones. */
export type Addressed = { readonly to: readonly string[]; readonly digest: string }

/**
 * How letters come to key customers. A mail server cannot be asked whether it has one: where the answer to a
 * letter was lost, it is left to a person and never sent again by itself (J4). `open`: when it is first needed.
 */
export function mailCourier({
  open,
  addressed,
  clock,
}: {
  readonly open: () => Promise<Mailer>
  readonly addressed: (list: string) => Addressed | null
  readonly clock: Clock
}): Courier<'mail'> {
  return {
    kind: 'mail',
    owed: owedLetters,
    deadlineMs: DEADLINE_MS,
    async send(incident, { key, to }, signal) {
      const now = addressed(to.list)
      // What the person has read named others: nobody has decided to write to these.
      if (now?.digest !== to.addressed) {
        throw new Fault({
          kind: 'terminal',
          dependency: 'mail',
          detail: 'the addresses of this list were changed in the settings after Send was pressed',
        })
      }
      const { subject, text } = to
      const mailer = await open()
      const mail = { key: `${incident.id}/${key}`, subject, text, bcc: now.to }
      const taken = await mailer.send(mail, signal)
      return { ...taken, at: new Date(clock.now()).toISOString() }
    },
  }
}
