import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { OWN_PART } from '../../src/adapters/docker-proxy/spared.ts'
import { VERSION } from '../../src/config/version.ts'

const Service = z.object({
  image: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.never().optional(),
  privileged: z.never().optional(),
  security_opt: z.array(z.string()),
  network_mode: z.string().optional(),
  env_file: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()),
  volumes: z.array(z.string()),
  ports: z.array(z.string()).optional(),
})
const file = resolve(import.meta.dirname, '../../manifests/compose/compose.yaml')
const { services } = z
  .object({ services: z.object({ 'engine-proxy': Service, backout: Service }) })
  .parse(parse(readFileSync(file, 'utf8'), { merge: true }))
const { 'engine-proxy': proxy, backout } = services

test('both are this version, read-only, without capabilities, and known as parts of Backout', () => {
  for (const one of [proxy, backout]) {
    expect(one).toMatchObject({
      image: `backout:${VERSION}`,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(one.labels).toHaveProperty([OWN_PART])
  }
})

test('the proxy has the socket of the Engine, and neither a network nor a secret; the bot has these, and no socket', () => {
  expect(proxy.volumes.join(' ')).toContain('docker.sock')
  expect(proxy.network_mode).toBe('none')
  expect([proxy.env_file, proxy.environment, proxy.ports]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(backout.env_file).toBe('.env')
  expect(backout.volumes.join(' ')).not.toMatch(/docker\.sock|\/var\/run|\/run\b/)
  expect(backout.ports).toEqual(['127.0.0.1:${PUBLISHED_PORT:-8080}:8080'])
})

test('they share where the proxy listens, and the proxy cannot reach the journal', () => {
  expect(proxy.volumes).toContain('engine:/engine')
  expect(backout.volumes).toEqual(expect.arrayContaining(['engine:/engine', 'data:/data']))
  expect(proxy.volumes.join(' ')).not.toContain('data:')
})
