/** What carries a request to the server and brings its answer: the runtime's own `fetch`, or another that can do as much. */
export type Fetch = (url: URL, request: Asked) => Promise<Answer>

export interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>
  /** Of a body that is a stream. */
  readonly duplex?: 'half'
  readonly signal?: AbortSignal
}

/** As much of a Response as is looked at. */
export type Answer = Pick<Response, 'ok' | 'status' | 'body'> & {
  readonly headers: Pick<Headers, 'get'>
  text(): Promise<string>
}
