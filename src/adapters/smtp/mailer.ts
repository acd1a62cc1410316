import { Readable } from 'node:stream'
import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Mail, Mailer, MailTaken } from '../../ports/mailer.ts'
import { messageOf, type Sender } from './message.ts'
import { inSession, type Session, type SmtpServer } from './session.ts'

export type MailerOptions = { readonly server: SmtpServer; readonly sender: Sender }

/** Letters over SMTP: one connection each, one letter to all of a list, who do not see one another. */
export function smtpMailer({ server, sender }: MailerOptions): Mailer {
  return {
    async send(mail, signal) {
      const { id, bytes } = await messageOf(mail, sender)
      const addresses = addressesOf(mail)
      return inSession(server, signal, async (session) => {
        const taken = await handedOver(session, { from: sender.from, to: addresses }, bytes)
        return { ...taken, id: id.slice(1, -1) }
      })
    },
    check: (signal) => checkServer(server, signal),
  }
}

/** An address is one word: nothing in it can be a command, or another address. */
function addressesOf({ bcc }: Mail): string[] {
  if (
    bcc.length > 0 &&
    bcc.every((one) => /^[^\s\p{Cc}<>,;:"@]+@[^\s\p{Cc}<>,;:"@]+$/u.test(one))
  ) {
    return [...bcc]
  }
  const detail = 'somebody on the list has an address that is none'
  throw new Fault({ kind: 'terminal', dependency: 'mail', detail })
}

function handedOver(
  { connection, letterEnds }: Session,
  envelope: { readonly from: string; readonly to: string[] },
  bytes: Buffer,
): Promise<Omit<MailTaken, 'id'>> {
  const letter = Readable.from([bytes])
  // Before the line that ends the letter is written: what is lost from here on may have been taken.
  letter.once('end', letterEnds)
  return new Promise((resolve, reject) => {
    connection.send({ ...envelope, size: bytes.byteLength }, letter, (error, info) => {
      if (error || !info) return reject(error ?? new Error('no answer'))
      resolve({ accepted: info.accepted.length, rejected: info.rejected.length })
    })
  })
}

const NAME = 'mail'

/** Connects and logs in. No letter is begun. */
async function checkServer(server: SmtpServer, signal: AbortSignal): Promise<readonly Check[]> {
  try {
    const secure = await inSession(server, signal, async ({ connection }) => connection.secure)
    const login = server.login ? 'the login is accepted' : 'without a login'
    return [
      secure
        ? ok(NAME, 'mail server', `it answers over TLS, ${login}`)
        : careful(
            NAME,
            'mail server',
            `it answers without TLS, ${login}: letters can be read on the way`,
            'use STARTTLS, and remove communication.mail.allowUnencrypted',
          ),
    ]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const todo = 'check BACKOUT_SMTP_URL, and the way to the mail server'
    return [wrong(NAME, 'mail server', error.detail, todo)]
  }
}
