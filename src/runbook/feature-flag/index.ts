import { flagInWords, isFlagLike } from '../../domain/plan/flag-value.ts'
import { servicesAt, type FlagBackend, type PlaceFound } from '../parts/flag-place.ts'
import type { FlagSettings } from '../parts/flag-settings.ts'
import { draftOf, NOTHING, partOf, type Part } from '../parts/part.ts'
import { proofPart } from '../parts/proof.ts'
import type { Renewing } from '../parts/renewing.ts'
import { suspensionPart, type SuspensionPart } from '../parts/suspension.ts'
import { infeasible, wayBack, type Circumstances, type Judged } from '../procedure.ts'
import { conditionOf, whetherItHolds } from './precondition.ts'
import { readBackPart } from './read-back.ts'
import { staleWords, whoIsStale, type Read, type Stale } from './stale.ts'
import { checkPrecondition } from './steps/check-precondition.ts'

type Place = Extract<PlaceFound, { kind: 'found' }>
type Found = {
  readonly flag: FlagSettings
  readonly places: readonly Place[]
  /** What was found about the precondition; `null`: nothing is asked. */
  readonly holds: string | null
  /** It stands right everywhere, and these have not read it; `null`: it is to be switched. */
  readonly stale: Stale | null
}

/** The flag to its safe value wherever it lives, and read back from everybody who goes by it. */
export function featureFlag(backends: readonly FlagBackend[], renewing: Renewing) {
  const finding = (how: How): Finding => {
    return {
      places: async (...asked) =>
        (await Promise.all(backends.map((backend) => backend(...asked, how)))).flat(),
      stale: (flag, circumstances) => whoIsStale(flag, circumstances, renewing, how),
    }
  }

  return wayBack<'feature-flag', Found, SuspensionPart>({
    glance: (circumstances) => judged(finding('glance'), circumstances),
    look: (_, circumstances) => judged(finding('look'), circumstances),
    beside: (circumstances) => suspensionPart(circumstances),

    draft({ flag, places, holds, stale }, suspension, { settings }) {
      const condition = conditionOf(flag.precondition, settings)
      const checked = condition
        ? partOf(checkPrecondition, { flag: flag.name, condition })
        : NOTHING
      const runs = settings.kubernetes?.services ?? []
      const isRolledOut = flag.places.flatMap(servicesAt).some((one) => runs.includes(one))
      const suspended = isRolledOut ? suspension : { ...NOTHING, told: [] }
      const readBack = readBackPart(flag, places, settings)
      const proof = proofPart(settings, { versions: {}, without: [] })
      if (stale) {
        const parts = [checked, stale.renewed, readBack, proof]
        return draftOf('feature-flag', staleWords(flag, stale), parts, settings)
      }
      const switched = places.map((one) => one.switched)
      const words = {
        title: `switch ${flag.name} to ${flagInWords(flag.safe)}`,
        because: [`it is the safe value of ${flag.name}`, ...(holds === null ? [] : [holds])].join(
          '; ',
        ),
        lost: [
          'Nothing is deleted. What needs the flag as it is now stops working.',
          ...suspended.lost,
          ...new Set(switched.flatMap(({ lost }) => lost)),
        ].join(' '),
        undo: `Yes: ${flag.name} back to what it is now, as a plan with its own signatures.`,
        cautions: [
          ...givenWord(flag),
          ...mixed(places),
          ...unknownValues(flag, places),
          ...suspended.cautions,
          ...places.flatMap((one) => one.cautions(suspended.told)),
          ...(flag.readBack
            ? []
            : [
                `Nobody is asked by which value it goes: no readBack is configured for ${flag.name}.`,
              ]),
        ],
      }
      const parts: readonly Part[] = [checked, suspended, ...switched, readBack, proof]
      return draftOf('feature-flag', words, parts, settings)
    },
  })
}

type How = Parameters<FlagBackend>[2]
type Asking<Answer> = (flag: FlagSettings, circumstances: Circumstances) => Promise<Answer>
type Finding = {
  readonly places: Asking<readonly PlaceFound[]>
  /** Asked where it stands right everywhere. */
  readonly stale: Asking<Read>
}

async function judged(find: Finding, circumstances: Circumstances): Promise<Judged<Found>> {
  const { settings, world, signal } = circumstances
  const flag = settings.featureFlag
  if (!flag) return infeasible('not configured')
  const condition = conditionOf(flag.precondition, settings)
  const [all, held] = await Promise.all([
    find.places(flag, circumstances),
    condition && whetherItHolds(condition, world, signal),
  ])
  const problems = all.filter((one) => one.kind === 'problem')
  const places = all.filter((one) => one.kind === 'found')
  if (problems.length > 0) {
    const because = problems.map((one) => one.because).join('; ')
    return { kind: 'infeasible', because, known: problems.every(({ known }) => known) }
  }
  if (places.length < flag.places.length) return infeasible('nothing is connected that keeps it')
  const strange = places.filter(({ value }) => !isFlagLike(value))
  if (strange.length > 0) {
    const where = strange.map(({ place }) => place).join(', ')
    return infeasible(`what stands there is no value of a flag: ${where}`)
  }
  const open = places.filter(({ switched }) => switched.steps.length > 0)
  const read = open.length === 0 ? await find.stale(flag, circumstances) : null
  const stands = `${flag.name} is ${flagInWords(flag.safe)} already wherever it is kept`
  if (read?.kind === 'problem') return infeasible(`${stands}; ${read.because}`)
  if (read?.kind === 'all-right') {
    const because = [stands, ...places.flatMap(unread), ...read.says].join('; ')
    return { ...infeasible(because), needless: true }
  }
  if (held && !held.holds) return infeasible(held.says)
  const stale = read?.stale ?? null
  const switches = open.map(({ place, to }) => `${place} to ${flagInWords(to)}`)
  return {
    kind: 'feasible',
    to: null,
    because: stale?.says ?? switches.join('; '),
    warnings: [],
    found: { flag, places, holds: held?.says ?? null, stale },
  }
}

/** Who signs says that it is so, where nothing can measure it. */
function givenWord({ precondition }: FlagSettings): readonly string[] {
  if (!precondition?.word) return []
  return [`By signing you give your word that this does not happen: ${precondition.protects}.`]
}

/** Where some of the places stand so already. */
function mixed(places: readonly Place[]): readonly string[] {
  const done = places.filter(({ switched }) => switched.steps.length === 0)
  return done.flatMap((one) => [
    `${one.place} is ${flagInWords(one.to)} already, and stays so.`,
    ...unread(one).map((says) => `${says}.`),
  ])
}

/** Somebody has changed it there, and what runs may not have read it. */
function unread({ place, unreadBy = [] }: Place): readonly string[] {
  return unreadBy.map((service) => {
    return `${service} has instances that began before ${place} was last written, and may go by another value: restart it`
  })
}

/** How a service reads what it does not know is its own matter: some take it for yes. */
function unknownValues({ values }: FlagSettings, places: readonly Place[]): readonly string[] {
  return places.flatMap(({ place, value, switched }) => {
    const isKnown = value === null || values.includes(value) || switched.steps.length === 0
    if (isKnown) return []
    const known = values.map(flagInWords).join(' and ')
    return [
      `${place} is ${flagInWords(value)}, and not one of ${known}: how that is read is not known.`,
    ]
  })
}
