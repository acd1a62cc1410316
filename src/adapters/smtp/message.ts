import MailComposer from 'nodemailer/lib/mail-composer'
import { Fault } from '../../domain/base/fault.ts'
import type { Mail } from '../../ports/mailer.ts'

export type Sender = { readonly from: string; readonly replyTo: string | null }

/** More than any letter of ours. */
const MAX_BYTES = 64 * 1024
const SUBJECT_MAX = 200

/**
 * A letter as it goes over the wire: plain text, nothing attached, nobody named to whom it goes. Its Message-ID is
 * made of its key, so that the same letter is the same one for a mail server, and for whoever reads its log.
 */
export async function messageOf(
  { key, subject, text }: Omit<Mail, 'bcc'>,
  { from, replyTo }: Sender,
): Promise<{ readonly id: string; readonly bytes: Buffer }> {
  const id = `<${key.replace(/[^\w-]+/g, '.')}@${from.slice(from.lastIndexOf('@') + 1)}>`
  for (const header of [from, replyTo ?? '', id]) {
    if (/[^\P{Cc}]/u.test(header)) throw unsendable('its sender holds a control character')
  }
  const composer = new MailComposer({
    from,
    to: 'undisclosed-recipients:;',
    ...(replyTo === null ? {} : { replyTo }),
    subject: onOneLine(subject),
    text: plain(text),
    messageId: id,
    // Whatever a text looks like, nothing is read from a file or an address for it.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const bytes = await composer.compile().build()
  if (bytes.byteLength > MAX_BYTES) throw unsendable(`it is longer than ${MAX_BYTES / 1024} KiB`)
  return { id, bytes }
}

/** Nothing in it can begin a header of its own. */
function onOneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, SUBJECT_MAX)
    .replace(/[\uD800-\uDBFF]$/, '')
}

function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\t\n]/gu, '')
}

function unsendable(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'mail', detail })
}
