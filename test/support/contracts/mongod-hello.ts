import type { Document } from 'mongodb'

const limits = {
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
}

export const standaloneHello = { ...limits, isWritablePrimary: true }

/** The only member of its set. */
export const primaryHello = (host: string): Document => ({
  ...limits,
  setName: 'rs0',
  hosts: [host],
  me: host,
  isWritablePrimary: true,
})

/** What a secondary says while its set has no primary. */
export const secondaryHello = (host: string): Document => ({
  ...limits,
  setName: 'rs0',
  hosts: [host],
  me: host,
  isWritablePrimary: false,
  secondary: true,
})

/** What a member says that is neither: starting, recovering, without a vote. */
export const otherHello = (host: string): Document => ({
  ...secondaryHello(host),
  secondary: false,
})
