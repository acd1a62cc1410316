import { causesOf, type Cause, type Check } from '../../domain/base/doctor-check.ts'
import { BLIND_WITHOUT } from '../../domain/text/product-names.ts'
import { table } from './terminal.ts'
import { cutPlain } from './text.ts'

/** What the doctor found: what is well in a line each, then what is not, by its cause, the worst last. */
export function doctorReport(checks: readonly Check[]): string {
  const well = checks.filter(({ state }) => state === 'ok')
  const causes = causesOf(checks.filter(({ state }) => state !== 'ok'))
  const careful = causes.filter(({ state }) => state === 'careful')
  const wrong = causes.filter(({ state }) => state === 'wrong')
  return [
    ...table(
      ['', 'dependency', 'tried', 'found'],
      well.map(({ state, dependency, tried, found }) => [
        state.padEnd(7),
        dependency,
        cutPlain(tried, 60),
        found,
      ]),
    ),
    ...[...careful, ...wrong].flatMap((cause) => ['', ...causeInLines(cause)]),
    '',
    summary(wrong.length, careful.length),
  ].join('\n')
}

function summary(wrong: number, careful: number): string {
  const worst = wrong === 0 ? 'Nothing is wrong' : `${counted(wrong)} wrong`
  return `${worst}${careful === 0 ? '' : `, and ${counted(careful)} worth a look`}.`
}

function counted(things: number): string {
  return things === 1 ? '1 thing is' : `${things} things are`
}

function causeInLines({ state, found, dependency, checks }: Cause): readonly string[] {
  const [first, ...others] = checks
  if (!first) return []
  const names = checks.map(({ tried }) => tried).join('; ')
  const asked = others.length === 0 ? first.query : undefined
  const todo = [...new Set(checks.flatMap((check) => check.todo ?? []))]
  const isWholly = others.length > 0 || NAMED.test(found)
  const means = state === 'wrong' && isWholly ? MEANS[dependency] : undefined
  const rows: readonly (readonly [string, string | undefined])[] = [
    [isWholly && means ? 'blinds' : 'about', others.length > 0 ? names : undefined],
    ['means', means],
    ['asked', asked && cutPlain(asked, 160)],
    ['to do', todo.join('; ')],
  ]
  return [
    `${state.padEnd(7)}  ${headline(first, found, others.length > 0)}`,
    ...rows.flatMap(([name, text]) => (text ? [`         ${name.padEnd(6)}  ${text}`] : [])),
  ]
}

/** A dependency that failed as such: "Slack: connection refused at …". */
const NAMED = /^([A-Z]\w+): (.*)/

const AWAY =
  /connection (refused|reset|was closed)|no answer|did not answer|name (not found|could not)|no route|could not be reached/

function headline({ dependency, tried, query }: Check, found: string, isShared: boolean): string {
  const [, name, why] = NAMED.exec(found) ?? []
  if (name && why) return AWAY.test(why) ? `${name} cannot be reached: ${why}` : found
  // A sentence that begins with its own subject.
  if (isShared && /^[A-Z]/.test(found)) return found
  if (isShared) return `${dependency}: ${found}`
  const isNamed = query !== undefined || dependency === 'settings' || dependency === tried
  return isNamed ? `${tried}: ${found}` : `${dependency}, ${tried}: ${found}`
}

/** What does not work as long as nothing of it does. */
const MEANS: Readonly<Record<string, string>> = {
  slack: 'people cannot ask Backout, and nobody can sign',
  ...BLIND_WITHOUT,
  journal: 'Backout cannot write down what it does, so it does nothing',
}
