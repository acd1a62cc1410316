import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const PACKAGE = 'local-slack-linux-x64'
const START_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 3_000

export type LocalSlack = { readonly url: string; readonly pid: number; stop(): Promise<void> }

/** The program is published for one platform only; the text says what to do on another. */
export class NoLocalSlack extends Error {
  override readonly name = 'NoLocalSlack'

  constructor(cause: unknown) {
    super(
      [
        'The local Slack for the demo is published for Linux on x64 only.',
        'Elsewhere: run the demo in the project’s container image (see README), or use a real',
        'workspace with manifests/slack-app.yaml and `npm start`.',
      ].join('\n'),
      { cause },
    )
  }
}

/**
 * Starts local-slack (https://www.npmjs.com/package/local-slack-linux-x64) with this configuration
 * of its own on a free port. It listens on every interface and asks nobody who they are: for trying only.
 */
export async function startLocalSlack(configuration: object, port = 0): Promise<LocalSlack> {
  const program = binary()
  const folder = mkdtempSync(join(tmpdir(), 'backout-local-slack-'))
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify(configuration))
  const child = spawn(
    program,
    ['--config', config, '--port', String(port), '--base-host', '127.0.0.1', '--files-dir', folder],
    // A group of its own: Ctrl-C in the terminal reaches us, and we stop it in order.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: folder }, detached: true },
  )
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)

  async function stop(): Promise<void> {
    process.off('exit', killWithUs)
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(force)
    rmSync(folder, { recursive: true, force: true })
  }

  let printed = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const found = /Web UI:\s+(http:\/\/\S+)/.exec(printed)?.[1]
      if (found) resolve(found)
    })
  }
  child.once('error', reject)
  void exited.then(() => reject(new TypeError(`local-slack ended at once: ${lastWords(printed)}`)))
  const late = () => reject(new Error(`local-slack did not start: ${lastWords(printed)}`))
  const timer = setTimeout(late, START_TIMEOUT_MS)
  try {
    return { url: await promise, pid: child.pid ?? 0, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Its error line: around it, it prints the program text. */
function lastWords(printed: string): string {
  const taken = /Is port (\d+) in use/.exec(printed)?.[1]
  if (taken) return `port ${taken} is in use; choose another, or leave --port out`
  const lines = printed.split('\n').filter((line) => line.trim() !== '' && line.length < 300)
  return lines.find((line) => line.startsWith('error:')) ?? lines.at(-1) ?? 'it said nothing'
}

function binary(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)
    return join(dirname(manifest), 'bin', 'local-slack')
  } catch (cause) {
    throw new NoLocalSlack(cause)
  }
}
