import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The file of settings, in that folder, of an environment with one service and nothing else; where it is. */
export function bareSettingsIn(folder: string): string {
  const file = join(folder, 'backout.yaml')
  writeFileSync(
    file,
    `environment: staging
slack: { channels: [C0INCIDENTS] }
services:
  - { name: backend, url: "http://127.0.0.1:1", health: /health, version: null }
`,
  )
  return file
}
