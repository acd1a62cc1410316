import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { DockerSettings } from '../runbook/docker/settings.ts'
import { parseSettings } from './parse-settings.ts'
import { WrongConfiguration } from './problem.ts'

const Services = DockerSettings.shape.services

/**
 * Which containers the settings name. What else is in them, and in the environment, may be wrong or missing: who only
 * stands in front of an Engine is given no secrets.
 */
export function configuredContainers(file: string, variables: NodeJS.ProcessEnv) {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new WrongConfiguration([{ where: file, what: `the settings cannot be read (${code})` }])
  }
  const { read, at } = parseSettings(text, basename(file), variables)
  const services = Services.safeParse(read?.procedures?.docker?.services)
  if (services.success) return services.data
  const what =
    'procedures.docker.services: names no containers that can be read; check-config says what is wrong'
  throw new WrongConfiguration([{ where: at(['procedures', 'docker', 'services']), what }])
}
