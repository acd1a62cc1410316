import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { requireBinary } from '../servers/find.ts'
import type { AuditedCall } from '../servers/kubernetes/audit.ts'
import type { Stage } from './rollback-stage.ts'

type Ran = {
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly calls: readonly AuditedCall[]
  readonly writes: readonly AuditedCall[]
}
export type Kubectl = { readonly run: (command: string, writes: number) => Promise<Ran> }

export const writesIn = (calls: readonly AuditedCall[]): AuditedCall[] =>
  calls.filter(({ verb, uri, status: code }) => {
    return verb === 'patch' && code === 200 && !uri.includes('dryRun')
  })

/** The same binary and version as the API server; what it has learned of it stays in its cache. */
export const kubectlOn = (stage: Stage): Kubectl => {
  const kubeconfig = stage.kubeconfig('operator')
  const home = `${kubeconfig}-home`
  mkdirSync(home)
  const path = `${dirname(requireBinary('kubernetes', 'kubectl'))}:${process.env['PATH']}`
  return {
    async run(command, amount) {
      const startedAtMs = Date.now()
      const child = spawn('sh', ['-c', command], {
        env: { PATH: path, HOME: home, KUBECONFIG: kubeconfig },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const [code] = await once(child, 'exit')
      const endedAtMs = Date.now()
      if (code !== 0) throw new Error(`${command} ended with ${String(code)}`)
      const calls = await stage.callsSince('operator', startedAtMs, (seen) => {
        return writesIn(seen).length >= amount
      })
      return { startedAtMs, endedAtMs, calls, writes: writesIn(calls) }
    },
  }
}
