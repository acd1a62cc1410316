import { Config, Inspected } from '../../../src/adapters/docker/read/schema.ts'

export const containerId = 'abcdef012345'.padEnd(64, '6')

/** A container as an Engine tells it, where nothing else is said. */
export const inspected = (
  config: Readonly<Record<string, unknown>> = {},
  host: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Inspected =>
  Inspected.parse({
    Id: containerId,
    Name: '/shop-backend-1',
    Created: '2026-11-22T02:00:00Z',
    Image: `sha256:${'1'.repeat(64)}`,
    State: { Status: 'running', StartedAt: '2026-11-22T02:00:01Z' },
    Config: { Hostname: containerId.slice(0, 12), Image: 'shop/backend:v1', ...config },
    HostConfig: { NetworkMode: 'shop_default', ...host },
    NetworkSettings: { Networks: {} },
    ...more,
  })

export const imageConfig = (config: Readonly<Record<string, unknown>> = {}): Config =>
  Config.parse(config)
