import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loginOf } from '../../src/adapters/kubernetes/client/login.ts'
import type { Access } from '../../src/adapters/kubernetes/client/kubeconfig.ts'
import { untilGone } from '../servers/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'backout-plugin-'))
afterAll(() => rmSync(folder, { recursive: true }))

const patience = () => AbortSignal.timeout(20_000)

function plugin(script: string) {
  const command = join(folder, 'plugin')
  writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is asked for
  return loginOf({ server: 'https://cluster.invalid', exec } as unknown as Access, 1_500)
}

const child = join(folder, 'child')
const leaves = `sleep 600 & echo $! > '${child}'`

test('a plugin that has started a program and hangs is ended with it, and the next call starts it afresh', async () => {
  const login = plugin(`${leaves}; wait`)
  for (const _ of ['first', 'second']) {
    await expect(login(patience())).rejects.toThrow(/credential plugin .* failed/)
    await untilGone(Number(readFileSync(child, 'utf8')))
  }
})

test('what one has said that leaves a program behind counts all the same', async () => {
  const said = JSON.stringify({ status: { token: 't-1' } })
  const login = plugin(`${leaves}; echo '${said}'`)
  expect(await login(patience())).toMatchObject({ authorization: 'Bearer t-1' })
})
