import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { PROGRAM } from './program.ts'

export type Ran = {
  readonly exitCode: number | null
  readonly output: string
  readonly complaints: string
  readonly tookMs: number
}

/** The command line as a person or a script runs it: nothing of our environment comes along. */
export async function runCli(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ran> {
  const startedMs = performance.now()
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { PATH, HOME, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, complaints, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { exitCode, output, complaints, tookMs: performance.now() - startedMs }
}
