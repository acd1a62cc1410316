import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { ComparedChange } from '../../domain/workload/newest-change.ts'
import { answerInWords } from '../parts/answer-parts.ts'
import { causeInWords } from '../parts/cause-lines.ts'
import { changeCells, otherCells } from '../parts/change-lines.ts'
import { oneLine } from './text.ts'
import { probeName, VERDICT_WORDS } from './words.ts'

const MATCHED = { true: 'yes', false: 'no', unknown: '?' } as const

const CHANGED = ['service', 'what changed last', 'since', 'by']

/** An assessment for people at a terminal. */
export function assessmentTable(assessment: Assessment, environment: string): string {
  const { measurements, rules, procedures, closestFlip, recommended, changes, at } = assessment
  const others = (assessment.otherChanges ?? []).map((one) => otherCells(one, at))
  const changed = (change: ComparedChange) => {
    return [oneLine(change.service, 80), ...changeCells(change, at)]
  }
  return [
    `${environment}: ${answerInWords(assessment)}`,
    ...causeInWords(assessment),
    `Recommended way back: ${recommended ?? 'none'}`,
    ...procedures.flatMap(({ name, takesBack }) =>
      takesBack ? [`${name}: ${takesBack.says}`] : [],
    ),
    ...(closestFlip ? [`Closest to changing the answer: ${closestFlip}`] : []),
    ...(changes && changes.length > 0 ? ['', ...table(CHANGED, changes.map(changed))] : []),
    ...(others.length > 0 ? ['', ...table(['what else changed', 'since', 'by'], others)] : []),
    '',
    ...table(
      ['measured', 'target', 'verdict', 'what came back'],
      measurements.map(({ probe, unit, target, verdict, summary }) => [
        probeName({ probe, unit }),
        target,
        VERDICT_WORDS[verdict],
        summary,
      ]),
    ),
    '',
    ...table(
      ['rule', 'matches', 'says', 'because'],
      rules.map(({ rule, matched, decision, because }) => [
        rule,
        MATCHED[`${matched}`],
        decision,
        because,
      ]),
    ),
    '',
    ...table(
      ['way back', 'possible', 'because'],
      procedures.map(({ name, feasible, because }) => [name, feasible ? 'yes' : 'no', because]),
    ),
  ].join('\n')
}

/** Columns as wide as their widest cell; the last one runs on. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
