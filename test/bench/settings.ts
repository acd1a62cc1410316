import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const withoutKubernetes = `
environment: production
slack: { channels: [C0INCIDENTS] }
services:
  - { name: backend, url: "\${BACKEND_URL}", health: /health, version: /version }
  - { name: frontend, url: "\${FRONTEND_URL}", health: /health }
`

/** What the runbook's own commands ask, and no more. */
export const asInTheRunbook = withoutKubernetes

/** Every adapter there is. */
export const everythingConfigured = `${withoutKubernetes}
procedures:
  kubernetes: { namespace: production, deployments: { backend: backend, frontend: frontend } }
`

/** The same in each of many environments. */
export const everythingIn = (names: readonly string[]): string =>
  [
    'slack: { mode: socket }',
    'environments:',
    ...names.flatMap((name) => [
      `  ${name}:`,
      `    channels: [C0${name.toUpperCase()}]`,
      '    services:',
      `      - { name: backend, url: "http://${NOBODY}", health: /health, version: /version }`,
      `      - { name: frontend, url: "http://${NOBODY}", health: /health }`,
      '    procedures:',
      `      kubernetes: { namespace: ${name}, deployments: { backend: backend, frontend: frontend } }`,
    ]),
    '',
  ].join('\n')

/** The port "discard": nothing listens there. */
const NOBODY = '127.0.0.1:9'

const kubeconfig = `
apiVersion: v1
kind: Config
clusters: [{ name: one, cluster: { server: "https://${NOBODY}" } }]
users: [{ name: one, user: { token: token } }]
contexts: [{ name: one, context: { cluster: one, user: one } }]
current-context: one
`

/** The variables of {@link everythingIn}. */
export const nobodyIn = (folder: string, names: readonly string[]) => {
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, kubeconfig)
  const own = names.flatMap((name, index) => {
    const values = {
      PROMETHEUS_URL: `http://${NOBODY}`,
      REDIS_URL: `redis://${NOBODY}/${index}`,
      MONGODB_URI: `mongodb://${NOBODY}/`,
      KUBECONFIG: file,
    }
    return Object.entries(values).map(([key, value]) => [`${name.toUpperCase()}_${key}`, value])
  })
  return {
    BACKOUT_DATA: folder,
    BACKOUT_HTTP_PORT: '0',
    BACKOUT_LOG_LEVEL: 'error',
    ...Object.fromEntries(own),
  }
}

export const nobodyThere = (folder: string) => {
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, kubeconfig)
  return {
    BACKOUT_DATA: folder,
    BACKOUT_HTTP_PORT: '0',
    BACKOUT_LOG_LEVEL: 'error',
    BACKEND_URL: `http://${NOBODY}`,
    FRONTEND_URL: `http://${NOBODY}`,
    PROMETHEUS_URL: `http://${NOBODY}`,
    REDIS_URL: `redis://${NOBODY}`,
    MONGODB_URI: `mongodb://${NOBODY}/`,
    KUBECONFIG: file,
  }
}
