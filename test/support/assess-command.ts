import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { stringify } from 'yaml'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { freshFolder, type FreshFolder } from '../servers/spawn.ts'
import { AssessmentJson, exitCodes } from './assessment-json.ts'
import { runCli } from './cli.ts'

export type Given = {
  readonly changes?: Record<string, unknown>
  readonly args?: readonly string[]
  readonly variables?: Record<string, string>
}

export const deadlineSeconds = 1

/** `assess` on the command line over one service that is well; for the length of one test file. */
export function assessCommand() {
  let folder: FreshFolder
  let app: AppServer
  beforeAll(async () => {
    folder = await freshFolder('cli')
    app = await startApp({ version: 'v2.0.0' })
  })
  afterAll(async () => {
    await app.stop()
    await folder[Symbol.asyncDispose]()
  })

  async function settings(changes: Record<string, unknown> = {}): Promise<string> {
    const file = join(folder.path, 'backout.yaml')
    const usual = {
      environment: 'staging',
      slack: { channels: ['C0INCIDENTS'] },
      services: [{ name: 'backend', url: app.url }],
      deadlineSeconds,
    }
    await writeFile(file, stringify({ ...usual, ...changes }))
    return file
  }

  async function assess({ changes = {}, args = [], variables = {} }: Given = {}) {
    return runCli(['assess', '--config', await settings(changes), ...args], variables)
  }

  return {
    path: (name: string) => join(folder.path, name),
    settings,
    assess,
    async assessed(given: Given) {
      const ran = await assess({ ...given, args: ['--json', ...(given.args ?? [])] })
      expect(ran.complaints).toBe('')
      const json = AssessmentJson.parse(JSON.parse(ran.output))
      expect(ran.exitCode).toBe(exitCodes[json.decision])
      return { ...ran, json }
    },
  }
}
