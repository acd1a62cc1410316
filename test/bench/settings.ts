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
