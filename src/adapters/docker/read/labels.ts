/** What is written on everything that this bot makes. Never rename: what was made once is read later. */
export const OURS = {
  role: 'backout.role',
  mark: 'backout.mark',
  service: 'backout.service',
  /** The name of its image: it is made of an id. */
  image: 'backout.image',
  /** Networks that it is put into after it was created: a crash may come in between. */
  networks: 'backout.networks',
  /** On a kept one: the hash of what it was made like. */
  sha256: 'backout.sha256',
  /** On a kept one: what its successor is to have; itself it has none. */
  restartPolicy: 'backout.restart-policy',
  /** On one that runs once: what it is for, and how long it may. */
  cause: 'backout.cause',
  seconds: 'backout.seconds',
} as const

/** A kept one carries so what would make compose take it for its own. */
const KEPT = 'backout.kept/'
const COMPOSE = 'com.docker.compose.'

export type Labels = Readonly<Record<string, string>>

export function isComposeLabel(name: string): boolean {
  return name.startsWith(COMPOSE)
}

/** What compose says of one container, of its image or of itself, and not of how it is to be. */
const OF_ONE_UP = new Set(
  ['config-hash', 'image', 'replace', 'version'].map((one) => COMPOSE + one),
)

/** What says how a container is to be: the same after every `up` of the same file. */
export function lastingLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OF_ONE_UP.has(name)))
}

/** As they were before this bot wrote on it. */
export function othersLabels(labels: Labels): Labels {
  const isKept = labels[OURS.role] === 'kept'
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => {
      if (name.startsWith(KEPT)) return isKept ? [[name.slice(KEPT.length), value]] : []
      if (name.startsWith('backout.')) return []
      // On a kept one they are its image's, made harmless.
      return isKept && isComposeLabel(name) ? [] : [[name, value]]
    }),
  )
}

/**
 * Nothing that compose knows. An image that compose has built says of itself whose it is, and what is made of it
 * would say so too.
 */
export function hiddenFromCompose(labels: Labels, imageLabels: Labels): Labels {
  const ofImage = Object.keys(imageLabels).filter(isComposeLabel)
  const hidden = Object.entries(labels).map(([name, value]): [string, string] =>
    isComposeLabel(name) ? [KEPT + name, value] : [name, value],
  )
  return { ...Object.fromEntries(ofImage.map((name) => [name, ''])), ...Object.fromEntries(hidden) }
}
