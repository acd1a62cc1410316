import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freshFolder } from '../servers/spawn.ts'

/** What a tool does with what it is given; each kind is a program that is really started. */
export type FakeTool =
  /** Takes everything, keeps it, and says this many. */
  | {
      readonly does: 'counts'
      readonly restored: number
      readonly failed: number
      readonly code?: number
    }
  /** Gives this file, and ends so. */
  | {
      readonly does: 'gives'
      readonly file: string
      readonly code?: number
      readonly says?: string
    }
  /** Takes and gives nothing, for ever. */
  | { readonly does: 'hangs' }
  /** Takes and gives nothing, and has started a program that holds on to its streams: both for ever. */
  | { readonly does: 'hangs-with-a-child' }
  /** Ends at once, and leaves such a program behind. */
  | { readonly does: 'leaves-a-child' }
  /** Takes everything, and never ends. */
  | { readonly does: 'lingers' }
  /** Takes a little, and ends so. */
  | { readonly does: 'leaves'; readonly code: number; readonly says: string }
  | { readonly does: 'is-killed' }

/** The question for its version is answered by the shell, which starts faster. */
const shell = (script: string): string => `#!/bin/sh
[ "$1" = --version ] && echo 'tool version: 100.9.5' && exit 0
exec '${process.execPath}' '${script}' "$@"
`

/** Nothing that a tool starts is told that the tool has ended. */
const withChild = (does: string, folder: string): string => `#!/bin/sh
[ "$1" = --version ] && echo 'tool version: 100.9.5' && exit 0
sleep 600 &
echo "{\\"pid\\":$$,\\"child\\":$!}" > '${join(folder, 'seen.tmp')}'
mv '${join(folder, 'seen.tmp')}' '${join(folder, 'seen.json')}'
echo begun >&2
${does === 'hangs-with-a-child' ? 'wait' : 'exit 1'}
`

const program = (tool: FakeTool, folder: string): string => `
const { appendFileSync, readFileSync, writeFileSync, statSync } = require('node:fs')
const args = process.argv.slice(2)
const config = args.find((one) => one.startsWith('--config=')).slice('--config='.length)
writeFileSync(${JSON.stringify(join(folder, 'seen.json'))}, JSON.stringify({
  pid: process.pid, args, env: process.env, config: readFileSync(config, 'utf8'), mode: statSync(config).mode & 0o777, names: statSync(config).nlink,
}))
const tool = ${JSON.stringify(tool)}
const forEver = () => setInterval(() => {}, 1000)
const taken = ${JSON.stringify(join(folder, 'taken'))}
console.error('begun')
if (tool.does === 'counts') {
  process.stdin.on('data', (bytes) => appendFileSync(taken, bytes))
  process.stdin.on('end', () => {
    console.error(tool.restored + ' document(s) restored successfully. ' + tool.failed + ' document(s) failed to restore.')
    process.exit(tool.code ?? 0)
  })
} else if (tool.does === 'gives') {
  if (tool.says) console.error(tool.says)
  process.stdout.write(readFileSync(tool.file), () => process.exit(tool.code ?? 0))
} else if (tool.does === 'hangs') forEver()
else if (tool.does === 'lingers') { process.stdin.resume(); forEver() }
else if (tool.does === 'leaves') { console.error(tool.says); process.exit(tool.code) }
else process.kill(process.pid, 'SIGKILL')
`

/** A folder with a mongodump and a mongorestore that do this, gone after the test. */
export const fakeTools = async (tool: FakeTool) => {
  const fresh = await freshFolder('fake-tools')
  onTestFinished(() => fresh[Symbol.asyncDispose]())
  const folder = fresh.path
  await writeFile(join(folder, 'tool.cjs'), program(tool, folder))
  for (const name of ['mongodump', 'mongorestore']) {
    const script = tool.does.endsWith('-a-child')
      ? withChild(tool.does, folder)
      : shell(join(folder, 'tool.cjs'))
    await writeFile(join(folder, name), script)
    await chmod(join(folder, name), 0o755)
  }
  return {
    folder,
    taken: () => readFile(join(folder, 'taken')),
    seen: async (): Promise<{
      pid: number
      /** What it has started itself, where it does. */
      child?: number
      args: string[]
      env: Record<string, string>
      config: string
      mode: number
      /** How many its settings have in a folder. */
      names: number
    }> => JSON.parse(await readFile(join(folder, 'seen.json'), 'utf8')),
  }
}
