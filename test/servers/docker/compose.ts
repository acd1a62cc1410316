import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireBinary } from '../find.ts'

/** 1.29.2 is Debian's, in Python; the others are ours, of the module files in compose-2 and compose-5. */
export const composeVersions = { '1': '1.29.2', '2': '2.40.3', '5': '5.6.0' } as const

export type ComposeMajor = keyof typeof composeVersions

const composeBinary = (major: ComposeMajor): string =>
  requireBinary('docker', major === '1' ? 'docker-compose' : `docker-compose-${major}`)

const execute = promisify(execFile)

/**
 * Runs this Compose on the `docker-compose.yml` of a folder, which gives the project its name. What
 * it says on both outputs comes back, or is in the error.
 */
export const compose =
  (major: ComposeMajor, engine: { readonly host: string }, folder: string) =>
  async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await execute(composeBinary(major), [...args], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        // Nothing of the machine's user: no logins, no contexts, no plugins.
        HOME: folder,
        DOCKER_CONFIG: join(folder, '.docker'),
        DOCKER_HOST: engine.host,
        COMPOSE_ANSI: 'never',
      },
      timeout: 60_000,
      maxBuffer: 16 * 1024 * 1024,
    })
    return `${stdout}${stderr}`
  }
