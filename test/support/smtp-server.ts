import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { portOf } from './contracts/outside.ts'

/** https://www.rfc-editor.org/rfc/rfc5321, as far as it is used: enough of it to take letters, or not to. */
export type Moment = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'end'

type Trouble =
  /** Answers so in place of what it should. */
  | { readonly at: Moment; readonly says: string }
  /** Closes the connection in place of an answer. `end`: it has taken the letter. */
  | { readonly at: Moment; readonly drops: true }
  /** Answers as it should, so much later. */
  | { readonly at: Moment; readonly waitsMs: number }
  /** Never answers. */
  | { readonly at: Moment; readonly hangs: true }

export type Taken = {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly secure: boolean
  readonly user: string | null
}

export type SmtpTestServer = Awaited<ReturnType<typeof smtpTestServer>>

/** With a certificate it offers STARTTLS, or speaks TLS from the first byte on. */
export async function smtpTestServer(
  options: {
    readonly certificate?: { readonly certificate: string; readonly key: string }
    readonly implicit?: true
    readonly login?: { readonly user: string; readonly password: string }
  } = {},
) {
  const letters: Taken[] = []
  const troubles: Trouble[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const { certificate, login } = options
  const context =
    certificate && createSecureContext({ cert: certificate.certificate, key: certificate.key })

  function secured(socket: Socket): TLSSocket {
    const upgraded = new TLSSocket(socket, { isServer: true, secureContext: context })
    upgraded.on('error', () => upgraded.destroy())
    return upgraded
  }

  function trouble(socket: Socket, at: Moment): boolean {
    const index = troubles.findIndex((one) => one.at === at)
    const [found] = index < 0 ? [] : troubles.splice(index, 1)
    if (!found) return false
    if ('says' in found) socket.write(`${found.says}\r\n`)
    else if ('drops' in found) socket.destroy()
    return true
  }

  function talk(socket: Socket, secure: boolean): void {
    let from = ''
    let to: string[] = []
    let user: string | null = null
    let data: string | null = null
    let rest = ''
    const answer = (at: Moment, says: string): boolean => {
      const slow = troubles.findIndex((one) => one.at === at && 'waitsMs' in one)
      const [late] = slow < 0 ? [] : troubles.splice(slow, 1)
      if (late && 'waitsMs' in late) {
        setTimeout(() => socket.write(`${says}\r\n`), late.waitsMs)
        return true
      }
      if (trouble(socket, at)) return false
      socket.write(`${says}\r\n`)
      return true
    }

    function line(text: string): void {
      if (data !== null) {
        if (text !== '.') data += `${text.replace(/^\./, '')}\r\n`
        else {
          const taken = { from, to, raw: data, secure, user }
          data = null
          const refuses = troubles.some((one) => one.at === 'end' && 'says' in one)
          if (!refuses) letters.push(taken)
          answer('end', '250 taken')
        }
        return
      }
      commands.push(text)
      const address = /<([^>]*)>/.exec(text)?.[1] ?? ''
      const verb = text.slice(0, 4).toUpperCase()
      if (verb === 'EHLO') {
        const offers = [
          ...(context && !secure ? ['STARTTLS'] : []),
          ...(login ? ['AUTH PLAIN'] : []),
        ]
        const all = ['test', ...offers]
        const lines = all.map((one, index) => `250${index < all.length - 1 ? '-' : ' '}${one}`)
        answer('ehlo', lines.join('\r\n'))
      } else if (verb === 'STAR') {
        if (!context) socket.write('502 no such command\r\n')
        else if (answer('starttls', '220 go on')) {
          socket.removeAllListeners('data')
          talk(secured(socket), true)
        }
      } else if (verb === 'AUTH') {
        const [, name = '', password = ''] = Buffer.from(text.slice(11), 'base64')
          .toString()
          .split('\0')
        user = name
        const right = name === login?.user && password === login.password
        answer('auth', right ? '235 welcome' : `535 5.7.8 ${text.slice(11)} is wrong, ${password}`)
      } else if (verb === 'MAIL') {
        from = address
        to = []
        answer('mail', '250 ok')
      } else if (verb === 'RCPT') {
        if (answer('rcpt', '250 ok')) to.push(address)
      } else if (verb === 'DATA') {
        if (answer('data', '354 go on')) data = ''
      } else if (verb === 'QUIT') socket.end('221 bye\r\n')
      else socket.write('250 ok\r\n')
    }

    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1')
      const lines = rest.split('\r\n')
      rest = lines.pop() ?? ''
      lines.forEach(line)
    })
    socket.on('error', () => socket.destroy())
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const spoken = options.implicit ? secured(socket) : socket
    talk(spoken, options.implicit === true)
    if (!trouble(spoken, 'greeting')) spoken.write('220 test\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(server.address()),
    letters,
    commands,
    /** What goes wrong next, each once. */
    next: (...given: readonly Trouble[]) => troubles.push(...given),
    /** How many talk to it now. */
    connected: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<unknown>((resolve) => server.close(resolve))
    },
  }
}
