import type { SpawnOptions } from 'node:child_process'
import type { RequestOptions } from 'node:https'
// The two files, not the package: its index loads the models of every API group, 57 MB that
// nothing here needs. The version is pinned, and a test holds these paths.
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js'
import { redact } from '../../../domain/text/redact.ts'
import { untilAborted } from '../../../domain/base/until-aborted.ts'
import { unusable } from './kubeconfig.ts'
import type { Access } from './kubeconfig.ts'
import { startPlugin } from './plugin-process.ts'

/** A plugin that hangs is killed: the next call starts it afresh. */
const PLUGIN_DEADLINE_MS = 20_000

export type Login = {
  readonly authorization: string | null
  /** Given by an exec plugin. */
  readonly cert?: RequestOptions['cert']
  readonly key?: RequestOptions['key']
}

/** Says who we are, anew for each call: tokens are files and plugins that expire. */
export type LogIn = (signal: AbortSignal) => Promise<Login>

export function loginOf(access: Access, pluginDeadlineMs = PLUGIN_DEADLINE_MS): LogIn {
  if (access.exec) return execLogin(access.exec, access.server, pluginDeadlineMs)
  if (access.tokenFile !== undefined) return tokenFileLogin(access.tokenFile)
  const authorization = access.token === undefined ? null : `Bearer ${access.token}`
  return () => Promise.resolve({ authorization })
}

function tokenFileLogin(path: string): LogIn {
  const files = new FileAuth()
  const user = { name: 'backout', authProvider: { config: { tokenFile: path } } }
  return async () => {
    const headers: Record<string, string> = {}
    try {
      await files.applyAuthentication(user, { headers })
    } catch (error) {
      throw unusable(`cannot read the token in ${path}`, error)
    }
    return { authorization: headers['Authorization']?.trim() ?? null }
  }
}

function execLogin(exec: NonNullable<Access['exec']>, server: string, deadlineMs: number): LogIn {
  const plugins = new ExecAuth()
  // Its own spawn has no deadline.
  Object.assign(plugins, {
    execFn: (command: string, args: string[] | null | undefined, options: SpawnOptions) =>
      startPlugin(command, args ?? [], { ...options, deadlineMs }),
  })
  const env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: execInfo(exec, server) }]
  const user = { name: 'backout', exec: { ...exec, env } }
  const run = async (): Promise<Login> => {
    const headers: Record<string, string> = {}
    const options: RequestOptions = { headers }
    try {
      await plugins.applyAuthentication(user, options)
    } catch (error) {
      const said = error instanceof Error ? redact(error.message).trim().slice(0, 200) : ''
      throw unusable(`the credential plugin ${exec.command} failed: ${said || 'no reason given'}`)
    }
    const authorization = headers['Authorization']?.trim() ?? null
    return { authorization, cert: options.cert, key: options.key }
  }
  let running: Promise<Login> | undefined
  return (signal) => {
    // One plugin for all calls that wait for it.
    running ??= run().finally(() => (running = undefined))
    return untilAborted(running, signal)
  }
}

/** What the protocol of credential plugins asks us to tell them; GKE's insists. */
function execInfo(exec: NonNullable<Access['exec']>, server: string): string {
  const { apiVersion = 'client.authentication.k8s.io/v1', provideClusterInfo } = exec
  const cluster = provideClusterInfo ? { cluster: { server } } : {}
  return JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...cluster },
  })
}
