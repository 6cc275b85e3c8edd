/** What JSON can hold, and so what may travel in an input, a result, a checkpoint or an event. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [name: string]: Json
}
