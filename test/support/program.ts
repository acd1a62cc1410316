import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** As a checkout runs it. */
export const SOURCE = resolve(ROOT, 'src/main.ts')

/** As it is installed, where the tests were told to build it (`build-program.ts`); else as a checkout runs it. */
export const PROGRAM = resolve(ROOT, process.env['BACKOUT_PROGRAM'] ?? SOURCE)
