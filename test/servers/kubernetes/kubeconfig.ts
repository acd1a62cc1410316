import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Identity } from './client.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** JSON is YAML too. Everything inside the file, so that it can be handed around. */
export const kubeconfigText = ({ url, ca, cert, key, token }: Identity): string => {
  const user =
    token === undefined
      ? {
          'client-certificate-data': base64(cert ?? ''),
          'client-key-data': base64(key ?? ''),
        }
      : { token }
  const cluster = { server: url, 'certificate-authority-data': base64(ca) }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

const optional = z.string().optional()

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.string(),
        'certificate-authority': optional,
        'certificate-authority-data': optional,
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        'client-certificate': optional,
        'client-certificate-data': optional,
        'client-key': optional,
        'client-key-data': optional,
        token: optional,
      }),
    }),
  ),
})

/** The current context of somebody's cluster. Login programs (`exec`) are not run. */
export const readKubeconfig = async (path: string): Promise<Identity> => {
  const config = kubeconfigSchema.parse(parse(await readFile(path, 'utf8')))
  const current = config.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters.find(({ name }) => name === current?.cluster)?.cluster
  const user = config.users.find(({ name }) => name === current?.user)?.user
  if (!cluster || !user) throw new Error(`${path} has no cluster and user for its current context`)

  const either = async (data?: string, file?: string): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
    return file === undefined ? undefined : readFile(resolve(dirname(path), file), 'utf8')
  }
  const ca = await either(cluster['certificate-authority-data'], cluster['certificate-authority'])
  if (ca === undefined) throw new Error(`${path} names no certificate authority`)
  return {
    url: cluster.server,
    ca,
    cert: await either(user['client-certificate-data'], user['client-certificate']),
    key: await either(user['client-key-data'], user['client-key']),
    token: user.token,
  }
}
