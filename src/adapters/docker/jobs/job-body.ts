import type { Job } from '../../../ports/jobs.ts'
import { isComposeLabel, OURS, type Labels } from '../read/labels.ts'
import { policyOf } from '../read/restart-policy.ts'

/** How its container runs, by the settings. */
export type DockerJobPlace = {
  readonly network: string
  /** What it is handed beside what it is told, by name: its address of the database, which is a secret. */
  readonly environment: Readonly<Record<string, string>>
}

const LONGEST_CAUSE = 500
/** So long one whose time is over may take to end by itself. */
const ENDS_WITHIN_SECONDS = 10

type Wanted = {
  readonly key: string
  readonly cause: string
  /** Of its image. */
  readonly labels: Labels
}

/**
 * A container that runs this once: nothing of the host is in it, nothing starts it again, and what it writes to its log
 * ends somewhere. The proxy in front of an Engine lets through exactly this.
 */
export function jobBody(
  { image, command, seconds, variables }: Job,
  { network, environment }: DockerJobPlace,
  { key, cause, labels }: Wanted,
) {
  const ofImage = Object.keys(labels).filter(isComposeLabel)
  return {
    Image: image,
    Entrypoint: command,
    Cmd: [],
    Env: Object.entries({ ...variables, ...environment }).map(
      ([name, value]) => `${name}=${value}`,
    ),
    Labels: {
      // What is made of an image that compose has built would be taken for a container of compose.
      ...Object.fromEntries(ofImage.map((name) => [name, ''])),
      [OURS.role]: 'job',
      [OURS.mark]: key,
      [OURS.image]: image,
      [OURS.cause]: cause.slice(0, LONGEST_CAUSE),
      [OURS.seconds]: String(Math.ceil(seconds)),
    },
    // That of a service says nothing of a program that ends.
    Healthcheck: { Test: ['NONE'] },
    StopTimeout: ENDS_WITHIN_SECONDS,
    HostConfig: {
      NetworkMode: network,
      RestartPolicy: policyOf('no'),
      AutoRemove: false,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      LogConfig: { Type: 'json-file', Config: { 'max-file': '2', 'max-size': '10m' } },
    },
  }
}
