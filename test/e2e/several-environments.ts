import { ANA, BO, CY } from '../support/slack/fixture.ts'

const environment = (name: string, channel: string) => `  ${name}:
    channels: [${channel}]
    services:
      - { name: backend, url: http://backend.${name}.invalid }
      - { name: frontend, url: http://frontend.${name}.invalid }
    approval: { users: [${ANA}, ${BO}, ${CY}] }
    procedures:
      kubernetes: { namespace: ${name}, deployments: { backend: backend, frontend: frontend } }
`

/** Settings with these environments, each in its channel, and drills in another one. */
export function severalEnvironments(
  drills: string,
  channels: Readonly<Record<string, string>>,
): string {
  const each = Object.entries(channels).map(([name, channel]) => environment(name, channel))
  return `drills: { channel: ${drills} }\nenvironments:\n${each.join('')}`
}
