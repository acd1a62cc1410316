/** The address of a mail server, in its parts. */
export type SmtpServer = {
  readonly host: string
  readonly port: number
  /** TLS from the first byte on; else by STARTTLS. */
  readonly tls: boolean
  readonly login: { readonly user: string; readonly password: string } | null
}

const FORM =
  'must be like smtps://user:password@mail.example:465, or smtp://mail.example:587 for STARTTLS'

/** What is wrong with it, without a word of it: it holds a password. `null`: nothing. */
export function smtpProblem(address: string): string | null {
  const url = URL.parse(address)
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return FORM
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') return FORM
  if ((url.username === '') !== (url.password === '')) {
    return 'must have a user and a password, or neither'
  }
  const login = loginOf(url)
  // Either would be a line of its own to the mail server.
  if (!login || /[^\P{Cc}]/u.test(login.user + login.password)) {
    return 'must have special characters of its user and its password percent-encoded'
  }
  return null
}

/** Of an address in which nothing is wrong. */
export function smtpServer(address: string): SmtpServer {
  const url = new URL(address)
  const tls = url.protocol === 'smtps:'
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? 465 : 587) : Number(url.port),
    tls,
    login: url.username === '' ? null : loginOf(url),
  }
}

function loginOf({ username, password }: URL) {
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    return null
  }
}
