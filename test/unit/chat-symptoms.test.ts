import { describe, expect, test } from 'vitest'
import { ACTIONS } from '../../src/chat/reading/action-ids.ts'
import { parsePress } from '../../src/chat/reading/parse-press.ts'
import { dataLines } from '../../src/chat/parts/data-lines.ts'
import { incidentActions } from '../../src/chat/parts/incident-actions.ts'
import type { Symptom } from '../../src/domain/assessment/symptom.ts'
import { assessment, feasible, incidentAfter, opened } from '../support/builders.ts'

const reported = (symptom: Symptom) => ({ type: 'symptom-reported', by: 'U0ANA', symptom }) as const

describe('what a rollback of code does not do', () => {
  const kubernetes = [feasible('kubernetes')]

  test.each<Symptom>(['data-loss', 'data-corruption'])(
    'is said of %s, also on a healthy production',
    (symptom) => {
      const [line] = dataLines(assessment({ symptoms: [symptom], procedures: kubernetes }))
      expect(line?.mrkdwn).toMatch(/A rollback of code brings no data back/)
    },
  )

  test('is not said where data can be brought back, where nothing can, or of another symptom', () => {
    const symptoms: Symptom[] = ['data-loss']
    const database = assessment({ symptoms, recommended: 'database', procedures: kubernetes })
    expect(dataLines(database)).toEqual([])
    expect(dataLines(assessment({ symptoms }))).toEqual([])
    expect(dataLines(assessment({ symptoms: ['ui-issue'], procedures: kubernetes }))).toEqual([])
  })
})

describe('a symptom that was reported', () => {
  const incident = incidentAfter(opened, reported('data-loss'))
  const options = JSON.parse(JSON.stringify(incidentActions(incident, []))) as {
    elements: { options?: { text: { text: string }; value: string }[] }[]
  }[]
  const offered = options.flatMap(({ elements }) => elements.flatMap((one) => one.options ?? []))

  test('can be taken back in the same list, and not be reported again', () => {
    const labels = offered.map(({ text }) => text.text)
    expect(labels).toContain('Take back: Data loss')
    expect(labels).not.toContain('Data loss')
  })

  test('is taken back by that choice', () => {
    const value = offered.find(({ text }) => text.text.startsWith('Take back'))?.value
    const press = {
      user: { id: 'U0ANA' },
      trigger_id: '1',
      container: { message_ts: '1.0', channel_id: 'C0' },
      actions: [{ action_id: ACTIONS.reportSymptom, selected_option: { value } }],
    }
    expect(parsePress(press)?.intent).toEqual({ kind: 'retract-symptom', symptom: 'data-loss' })
  })
})
