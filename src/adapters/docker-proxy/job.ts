import { isDeepStrictEqual } from 'node:util'
import { COMPOSE } from './membership.ts'
import { isFields } from './sameness.ts'
import type { Fields, Inspected } from './schema.ts'

/** The program that may be run once here, as the settings have it. */
export type ConfiguredJob = {
  readonly image: string
  readonly command: readonly string[]
  readonly network: string
  /** What it is told, word for word. */
  readonly variables: Readonly<Record<string, string>>
  /** Names of what it is handed beside that: these values are secrets, and nobody here knows them. */
  readonly environment: readonly string[]
}

/** Of the incident and the plan that run it. */
export const JOB_NAME = 'backout-[0-9a-z][0-9a-z-]{0,99}-p\\d{1,6}'
const NAME = new RegExp(`^${JOB_NAME}$`)

const OURS: Readonly<Record<string, RegExp>> = {
  'backout.mark': /^[\x20-\x7e]{1,300}$/,
  'backout.cause': /^[^\0]{0,500}$/,
  'backout.seconds': /^\d{1,5}$/,
}
const LONGEST_VALUE = 8_192

/** Whether this container was made for it: nothing else may be made that says so. */
export function isJob(one: Inspected, job: ConfiguredJob | null): boolean {
  const { Labels, Image } = one.Config
  return NAME.test(one.Name) && Labels['backout.role'] === 'job' && Image === job?.image
}

export function saysJob({ Labels: labels }: Fields): boolean {
  return isFields(labels) && labels['backout.role'] === 'job'
}

/** As it is pulled, and as a registry is asked for it. */
export function isImageOfJob(asked: string, job: ConfiguredJob | null): boolean {
  return job !== null && [job.image, job.image.replace(/:[^:/@]+@/, '@')].includes(asked)
}

/** One that has run is kept as it is, and does not run again. `null`: this may be done with it. */
export function whyNotDone(call: string, { Name, State }: Inspected): string | null {
  const isNew = State.Status === 'created'
  const may = ['logs', 'stop', ...(isNew ? ['start', 'remove'] : [])].includes(call)
  return may ? null : `${Name} runs a program once, and is left as it is.`
}

/** `null`: it is what the settings have. */
export function whyNotMade(name: string, body: Fields, job: ConfiguredJob | null): string | null {
  if (!job) return 'The settings name no program that is run once on this host.'
  const wrong = jobDifferences(name, body, job).slice(0, 8)
  if (wrong.length === 0) return null
  return `A program that is run once is as the settings have it. This one differs in ${wrong.join(', ')}.`
}

/**
 * What a request for its container asks for that it may not: the names of the fields. Everything in it is known
 * beforehand but its labels and the values that it is handed.
 */
function jobDifferences(
  name: string,
  { Env, Labels, ...body }: Fields,
  job: ConfiguredJob,
): readonly string[] {
  const expected: Fields = {
    Image: job.image,
    Entrypoint: job.command,
    Cmd: [],
    Healthcheck: { Test: ['NONE'] },
    StopTimeout: 10,
    HostConfig: {
      NetworkMode: job.network,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      AutoRemove: false,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      LogConfig: { Type: 'json-file', Config: { 'max-file': '2', 'max-size': '10m' } },
    },
  }
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(body)])]
  return [
    ...(NAME.test(name) ? [] : ['its name']),
    ...keys.filter((key) => !isDeepStrictEqual(body[key], expected[key])),
    ...(isEnvironmentOf(Env, job) ? [] : ['Env']),
    ...labelsWrong(Labels, job),
  ]
}

function isEnvironmentOf(asked: unknown, { variables, environment }: ConfiguredJob): boolean {
  if (!Array.isArray(asked)) return false
  const told = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  return (
    asked.length === told.length + environment.length &&
    told.every((one, index) => asked[index] === one) &&
    environment.every((name, index) => isVariable(asked[told.length + index], name))
  )
}

function isVariable(asked: unknown, name: string): boolean {
  if (typeof asked !== 'string' || !asked.startsWith(`${name}=`)) return false
  return asked.length <= LONGEST_VALUE && !asked.includes('\0')
}

/** Those of its image that compose has written are made harmless. */
function labelsWrong(asked: unknown, { image }: ConfiguredJob): readonly string[] {
  if (!isFields(asked)) return ['Labels']
  const isRight = (name: string): boolean => {
    const value = Object.hasOwn(asked, name) ? asked[name] : undefined
    if (typeof value !== 'string') return false
    if (name === 'backout.role') return value === 'job'
    if (name === 'backout.image') return value === image
    if (name.startsWith(COMPOSE)) return value === ''
    return Object.hasOwn(OURS, name) && (OURS[name]?.test(value) ?? false)
  }
  const needed = ['backout.role', 'backout.image', ...Object.keys(OURS)]
  return [...new Set([...needed, ...Object.keys(asked)])]
    .filter((name) => !isRight(name))
    .map((name) => `Labels.${name.slice(0, 100)}`)
}
