import { expect, test } from 'vitest'
import { createSpec, sha256Of } from '../../../src/adapters/docker/read/create-spec.ts'
import { valueIn, withVariable } from '../../../src/adapters/docker/read/variables.ts'
import { imageConfig, inspected } from './inspected.ts'

test.each([
  [['FLAG=true'], 'true'],
  [['FLAG='], ''],
  [['FLAG=a=b c'], 'a=b c'],
  [['FLAG=true', 'FLAG=false'], 'false'],
  [['FLAGS=true', 'OTHER_FLAG=true'], null],
  // It takes away what the image sets.
  [['FLAG'], null],
])('of %j it is %j that is in force', (all, value) => {
  expect(valueIn(all, 'FLAG')).toBe(value)
})

const image = imageConfig({ Env: ['PATH=/bin', 'FLAG=true'] })
const specOf = (...own: readonly string[]) =>
  createSpec(inspected({ Env: [...own, ...image.Env.filter((one) => !own.includes(one))] }), image)

test('what only the image sets is set beside it, and is as it was when that is taken back', () => {
  const plain = specOf('SECRET=x')
  const off = withVariable(plain, { name: 'FLAG', to: 'false' }, image)
  expect(off.config.Env).toEqual(['SECRET=x', 'FLAG=false'])
  expect(sha256Of(off)).not.toBe(sha256Of(plain))
  // The same as the image's own is set all the same: the next image may say something else.
  expect(withVariable(off, { name: 'FLAG', to: 'true' }, image).config.Env).toEqual([
    'SECRET=x',
    'FLAG=true',
  ])
})

test('one that is not to be set is taken away, from the image too', () => {
  const spec = specOf('SECRET=x', 'OTHER=y')
  expect(withVariable(spec, { name: 'OTHER', to: null }, image).config.Env).toEqual(['SECRET=x'])
  expect(withVariable(spec, { name: 'FLAG', to: null }, image).config.Env).toEqual([
    'SECRET=x',
    'OTHER=y',
    'FLAG',
  ])
})
