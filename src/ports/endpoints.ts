export type EndpointQuestion = {
  readonly url: string
  /** Sent as a urlencoded POST when given, a GET otherwise. */
  readonly form?: Readonly<Record<string, string>>
  /** Left out: a POST with a form, a GET otherwise. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** What is sent, as it is, in place of a form. */
  readonly content?: { readonly type: string; readonly text: string }
  /** Left out: a redirect of a read within the same origin is followed. `answer`: it is the answer. */
  readonly redirects?: 'answer'
  /** Of this question alone, and its credentials: without those that the others are asked with. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Reading stops here; 64 KiB if left out. */
  readonly maxBytes?: number
}

export type EndpointAnswer = {
  readonly status: number
  readonly body: string
  readonly contentType: string
  /** The body was longer than `maxBytes`; `body` is its beginning. */
  readonly truncated: boolean
  /** The header of that name, as it was written; left out where there was none. */
  readonly retryAfter?: string
  /** The path that answered, where a redirect was followed to another one. */
  readonly endedAt?: string
}

/**
 * HTTP services, asked with the credentials they were configured with. An answer of any status is
 * an answer; no answer is a `Fault` (`ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`, a TLS code…).
 */
export type Endpoints = {
  ask(question: EndpointQuestion): Promise<EndpointAnswer>
}
