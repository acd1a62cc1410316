import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { Fault } from '../../domain/base/fault.ts'
import { mailFault } from './faults.ts'

export type SmtpServer = {
  readonly host: string
  readonly port: number
  /** TLS from the first byte on; else by STARTTLS. */
  readonly tls: boolean
  readonly login: { readonly user: string; readonly password: string } | null
  /** Without STARTTLS too, where the server does not offer it. */
  readonly allowUnencrypted: boolean
  /** PEM text; it takes the place of the system's authorities. */
  readonly ca?: string | undefined
}

/** Each of them less than the time for the whole. */
const CONNECT_MS = 5_000
const SILENCE_MS = 30_000

/** More than any reply says. */
const REPLY_BYTES = 64 * 1024

export type Session = {
  readonly connection: SMTPConnection
  /** Says that the end of the letter is being handed over. */
  readonly letterEnds: () => void
}

/** A connection to it, with whoever sends logged in, for as long as `use` takes. Throws a `Fault`. */
export async function inSession<Result>(
  server: SmtpServer,
  signal: AbortSignal,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const where = `${server.host}:${server.port}`
  // Nothing of it has left this process.
  if (signal.aborted) {
    const detail = `there was no time left to ask the mail server at ${where}`
    throw new Fault({ kind: 'retryable', dependency: 'mail', detail })
  }
  const connection = connectionTo(server)
  let ended = false
  const stop = new AbortController()
  try {
    const lost = new Promise<never>((_, reject) => {
      connection.on('error', reject)
      connection.on('end', () => reject(new Error('the connection has ended')))
      signal.addEventListener('abort', () => reject(new Error('aborted')), { signal: stop.signal })
    })
    const letterEnds = () => {
      ended = true
    }
    const used = opened(connection, server).then(() => use({ connection, letterEnds }))
    const result = await Promise.race([used, lost])
    connection.quit()
    return result
  } catch (error) {
    const { aborted } = signal
    throw mailFault(error, { where, ended, aborted, secrets: secretsOf(server) })
  } finally {
    stop.abort()
    connection.close()
  }
}

function connectionTo({
  host,
  port,
  tls,
  login,
  allowUnencrypted,
  ca,
}: SmtpServer): SMTPConnection {
  return new SMTPConnection({
    host,
    port,
    secure: tls,
    // A password goes over no other connection, whatever is allowed.
    requireTLS: !tls && (!allowUnencrypted || login !== null),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    socketCloseTimeout: 500,
    maxResponseSize: REPLY_BYTES,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
  })
}

async function opened(connection: SMTPConnection, { login }: SmtpServer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
  if (!login) return
  await new Promise<void>((resolve, reject) => {
    const credentials = { user: login.user, pass: login.password }
    connection.login({ credentials }, (error) => (error ? reject(error) : resolve()))
  })
}

/** In every form in which it goes over the wire. */
function secretsOf({ login }: SmtpServer): readonly string[] {
  if (!login) return []
  const { user, password } = login
  return [base64(`\0${user}\0${password}`), base64(password), password]
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
