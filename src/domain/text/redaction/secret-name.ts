/**
 * What a name says about its value. `header` and `cookie`: a line of HTTP, whose value may have blanks.
 * `phrase`: words up to the end. `perhaps`: only a value that looks drawn by lot.
 */
export type Secrecy = 'secret' | 'header' | 'cookie' | 'phrase' | 'perhaps'

/** Anywhere in a name, also where words are not set apart: `PGPASSWORD`, `requirepass`, `dbtokens`. */
const tells =
  /password|passwd|passwort|passcode|requirepass|masterauth|secret(?!ar)|token(?!i[sz])|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|credential|sess(?:ion)?[_-]?id/i

/** One word of a name: `DB_PASS`, `userPass`, and never `bypass` or `passed`. */
const words: ReadonlySet<string> = new Set(
  'pass pwd pw passw psk creds cred jwt otp totp cvv cvc'.split(' '),
)

/** `PGPASS`, `userpass`; these are words of their own. */
const endsInPass = /(?<!by|com|sur|tres|under|over)pass$/

const phrases = /passphrase|pass[ _-]phrase|mnemonic|seed[ _-]?phrase/i

/** What is a key, and not the key of a map: `AccountKey`, `client-key-data`, `SECRET_KEY_BASE`. */
const keys: ReadonlySet<string> = new Set(
  (
    'api access private account secret encryption encrypt signing sign signature master shared ' +
    'session service client license storage ssh deploy auth hmac aes rsa subscription admin ' +
    'function functions consumer app application webhook root host user recovery restore'
  ).split(' '),
)

/** Only when it looks drawn by lot: `auth: basic` and `sig=11` are ordinary. */
const doubtful: ReadonlySet<string> = new Set('auth sig signature sid session'.split(' '))

/** A name that ends so tells something about the secret: `tokenType`, `secretName`, `PASSWORD_FILE`. */
const about: ReadonlySet<string> = new Set(
  (
    'name names ref refs type types kind file path dir folder url uri endpoint host port version ' +
    'expiry expires expire expired expiration ttl seconds minutes ms at in on age lifetime ' +
    'count counts total length len size limit limits used usage remaining rate ' +
    'enabled disabled required optional valid invalid missing present exists found changed updated ' +
    'created rotated mode policy provider method algorithm alg format status state reason error ' +
    'errors issuer audience scope scopes source class label field column prompt ' +
    'service server manager controller operator store worker gateway proxy job middleware ' +
    'validator generator refresher reviewer cleaner signer context'
  ).split(' '),
)

/** `TokenFilter.java:42` is a place in a program. */
const sourceFile = /\.(?:java|kt|scala|rs|go|py|rb|php|cs|cpp|cc|c|h|swift|exs?|[cm]?[jt]sx?)$/i

/** `backend-token-7d9f8c6b5-x2x9z`: of a pod, or of what makes the pods. */
const podName = /-[a-f0-9]{8,10}-[a-z0-9]{5}$/

/** The names in a log are few, and each of them comes very often. */
const judged = new Map<string, Secrecy | null>()
const mostJudged = 2_000

export function secrecyOf(name: string): Secrecy | null {
  const known = judged.get(name)
  if (known !== undefined) return known
  if (judged.size >= mostJudged) judged.clear()
  const secrecy = judge(name)
  judged.set(name, secrecy)
  return secrecy
}

function judge(name: string): Secrecy | null {
  const parts = wordsOf(name)
  const last = parts.at(-1) ?? ''
  if (parts.length > 1 && about.has(last)) return null
  if (podName.test(name) || sourceFile.test(name)) return null
  if (last === 'authorization') return 'header'
  if (last === 'cookie' || last === 'cookies') return 'cookie'
  if (phrases.test(name)) return 'phrase'
  if (tells.test(name) || endsInPass.test(last)) return 'secret'
  if (parts.some((part) => words.has(part))) return 'secret'
  if (parts.some((part, index) => isKey(part, parts[index - 1]))) return 'secret'
  return doubtful.has(last) ? 'perhaps' : null
}

function isKey(word: string, before: string | undefined): boolean {
  return (word === 'key' || word === 'keys') && before !== undefined && keys.has(before)
}

/** `dbPassword`, `DB_PASSWORD`, `db.password`, `APIKey2`. */
function wordsOf(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []
  return parts.map((part) => part.toLowerCase())
}

const nothing =
  'true|false|null|undefined|none|nil|yes|no|on|off|set|unset|empty|missing|required|optional|valid|invalid|' +
  'incorrect|wrong|expired|failed|redacted|hidden|masked|removed|filtered|not|secrets'

const ordinary = new RegExp(
  `^(?:${nothing}|[<[(](?:${nothing}|x+)[>\\])]|\\*+|<set)[,;:.!?)}\\]]*$`,
  'i',
)

/** A value that hides nothing, whatever its name. */
export function isOrdinary(value: string, name: string): boolean {
  if (ordinary.test(value) || (value.length <= 3 && !/\w/.test(value))) return true
  // Where a shell is.
  if (/^(?:old)?pwd$/i.test(name) && value.startsWith('/')) return true
  // How many there are, and not what they are: `max_tokens: 4096`, `pass: 12`.
  return /^\d{1,9}[,;.)}\]]*$/.test(value) && (/s$/i.test(name) || /^pass$/i.test(name))
}

/** As nobody writes by hand: long, of one piece, with digits between its letters. */
export function looksDrawnByLot(value: string): boolean {
  if (!/^[\w+/=%.~:-]{8,}$/.test(value) || !/[A-Za-z]/.test(value)) return false
  return /\d/.test(value) || (value.length >= 12 && /[a-z][A-Z].{0,100}[a-z][A-Z]/.test(value))
}
