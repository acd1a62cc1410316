import { dotted, type Path } from './path.ts'

/** A value that still is an example, for a person to replace. Values themselves are never told. */
export type Placeholder = { readonly path: Path; readonly what: string }

/** Every value in these settings that was meant to be replaced and was not. */
export function placeholdersIn(settings: object): readonly Placeholder[] {
  const found = leavesOf(settings, []).flatMap(({ path, text }) => {
    const kind = kindOf(path, text)
    return kind === null ? [] : [{ path, kind }]
  })
  // One line for each list or contact: what is mended together is told together.
  const groups = Map.groupBy(found, ({ path, kind }) => `${kind} ${dotted(path.slice(0, -1))}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first
      ? [
          {
            path: first.path,
            what: inWords(
              group.map(({ path }) => path),
              first.kind,
            ),
          },
        ]
      : []
  })
}

/** Whether a variable of the environment still holds a text that stands for a value. */
export function isUnfilled(text: string): boolean {
  return UNFILLED.test(text) || EXAMPLE_HOST.test(text)
}

type Kind = 'id' | 'contact' | 'text'

const UNFILLED =
  /(?<![A-Za-z])(REPLACE(?![a-z])|CHANGE[-_ ]?(ME|THIS)|TODO\b|FIXME\b)|<[^<>=]{1,60}>|\byour[-_ ](\w+[-_ ])*(token|secret|password|host)\b|:password@|^x(ox[a-z]|app)-(\W*|x+)$/
/** RFC 2606 gives these names to examples: they belong to nobody. */
const EXAMPLE_HOST = /(^|[\s./@])example\.(com|net|org|edu)\b|\.example(?![\w-])/i
const EXAMPLE_NAME = /\b(example|(john|jane) doe|your name)\b/i
/** Digits that nobody has: a group of zeros, 555-01xx, 123456789. */
const EXAMPLE_PHONE = /(^|\D)0{3,}(\D|$)|0{7,}|\b555[- .]?01\d\d\b|123[- .]?456/

/** Slack's ids have nine letters and digits, or more. These are made up, as in the files that ship. */
function isExampleId(id: string): boolean {
  return id.length < 9 || /^.(0+|0?123456789\w?)$/.test(id) || SHIPPED_IDS.has(id)
}
const SHIPPED_IDS = new Set(['C0INCIDENTS', 'S0APPROVERS'])

function kindOf(path: Path, text: string): Kind | null {
  const [top, section] = path
  const last = path.at(-1)
  const isId =
    (top === 'slack' && section === 'channels') ||
    (top === 'approval' && ['users', 'groups', 'escalation'].includes(String(section))) ||
    (top === 'contacts' && last === 'slack')
  if (isId) return isExampleId(text) ? 'id' : null
  if (top === 'contacts') {
    const isExample =
      (last === 'phone' && EXAMPLE_PHONE.test(text)) ||
      (last === 'name' && EXAMPLE_NAME.test(text)) ||
      isUnfilled(text)
    return isExample ? 'contact' : null
  }
  // A query compares with < and >, and the message may hold a tag.
  const mayHoldBrackets = ['prometheus', 'verification'].includes(String(top)) || last === 'message'
  return isUnfilled(mayHoldBrackets ? text.replaceAll(/[<>]/g, ' ') : text) ? 'text' : null
}

function inWords(paths: readonly Path[], kind: Kind): string {
  const [first = []] = paths
  const names = paths.map((path) => path.at(-1))
  const isList = names.every((name) => typeof name === 'number')
  const where = isList ? dotted(first.slice(0, -1)) : dotted(first)
  switch (kind) {
    case 'id':
      return `${where}: still ${isList ? 'example ids' : 'an example id'}; ${whereToFind(first)}`
    case 'contact':
      return `${dotted(first.slice(0, -1))}: still an example (${names.join(', ')}); put in whom to call`
    case 'text':
      return `${where}: still an example; put in your own`
    default:
      return kind satisfies never
  }
}

function whereToFind(path: Path): string {
  if (path[0] === 'slack') return 'in Slack the id is at the bottom of the channel’s details'
  if (path[1] === 'groups') return 'in Slack the id is at the end of the user group’s address'
  return 'in Slack the id is in the person’s profile: ⋮, Copy member ID'
}

function leavesOf(value: unknown, path: Path): readonly { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((one, index) => leavesOf(one, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, [...path, key]))
}
