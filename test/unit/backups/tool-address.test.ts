import { expect, test } from 'vitest'
import { withoutDatabase } from '../../../src/adapters/backups/tool-address.ts'

test.each([
  ['mongodb://h', 'mongodb://h/'],
  ['mongodb://h:1,i:2/es', 'mongodb://h:1,i:2/'],
  ['mongodb://u:p%40@h/es', 'mongodb://u:p%40@h/?authSource=es'],
  ['mongodb://u:p@h/?replicaSet=a', 'mongodb://u:p@h/?replicaSet=a'],
  ['mongodb://u:p@h/es?authsource=admin', 'mongodb://u:p@h/?authsource=admin'],
  ['mongodb://u:p@h/es?tls=true&w=1', 'mongodb://u:p@h/?tls=true&w=1&authSource=es'],
  ['mongodb+srv://u:p@h.example/es', 'mongodb+srv://u:p@h.example/?authSource=es'],
  ['mongodb://h/?serverSelectionTimeoutMS=500&w=1', 'mongodb://h/?w=1'],
])('%s names no database to the tools, and signs in as before', (uri, without) => {
  expect(withoutDatabase(uri)).toBe(without)
})

test.each(['', 'http://h/', 'mongodb://', 'mongodb:///es'])('%s is no address', (uri) => {
  expect(() => withoutDatabase(uri)).toThrow('its address is not a MongoDB connection string')
})
