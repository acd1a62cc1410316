import { describe, expect, test } from 'vitest'
import type { Endpoints } from '../../../src/ports/endpoints.ts'
import { faultOf, outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

type EndpointsFixture = {
  readonly endpoints: Endpoints
  /** Where a service lives that answers `/health` with 200, `/version` with JSON, the rest with 404. */
  readonly url: string
}

export type EndpointsSubject = Outside<EndpointsFixture> & {
  readonly start: () => Promise<EndpointsFixture>
}

export function endpointsContract(name: string, subject: EndpointsSubject): void {
  describe(`${name} keeps the promises of Endpoints`, () => {
    test('it hands on the status, the type and the body', async () => {
      const { endpoints, url } = await subject.start()
      const signal = patience()
      expect(await endpoints.ask({ url: `${url}/health`, signal })).toMatchObject({
        status: 200,
        truncated: false,
      })
      const version = await endpoints.ask({ url: `${url}/version`, signal })
      expect(version).toMatchObject({ status: 200, contentType: 'application/json' })
      expect(JSON.parse(version.body)).toEqual({ version: expect.stringMatching(/^v\d/) })
    })

    test('an answer of any status is an answer', async () => {
      const { endpoints, url } = await subject.start()
      const answer = await endpoints.ask({ url: `${url}/no-such-page`, signal: patience() })
      expect(answer.status).toBe(404)
    })

    test('it reads no further than it was told, and says so', async () => {
      const { endpoints, url } = await subject.start()
      const question = { url: `${url}/version`, signal: patience() }
      const whole = await endpoints.ask(question)
      const cut = await endpoints.ask({ ...question, maxBytes: 5 })
      expect(cut).toEqual({ ...whole, body: whole.body.slice(0, 5), truncated: true })
      const exact = await endpoints.ask({ ...question, maxBytes: whole.body.length })
      expect(exact).toEqual(whole)
    })

    test('a name that nobody has is a fault', async () => {
      const { endpoints } = await subject.start()
      const url = 'http://nobody.invalid/health'
      const fault = await faultOf(endpoints.ask({ url, signal: patience() }))
      expect(fault).toMatchObject({ kind: 'retryable' })
      // A machine without any name server answers EAI_AGAIN.
      expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(fault.code)
    })

    outsideContract(subject, {
      'a question': ({ endpoints, url }, signal) => endpoints.ask({ url: `${url}/health`, signal }),
    })
  })
}
