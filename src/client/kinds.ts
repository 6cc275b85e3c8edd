/**
 * What a client knows of kinds when it is compiled. `mayfly kinds --types` writes it down for a server, and
 * `new Mayfly<Kinds>(…)` then takes right inputs alone and says what a result is.
 */
import type { BatchItem } from '../contract/batch.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { Json } from '../task/json.ts'

/** One kind: what it takes and gives. */
export interface KindTypes {
  readonly input: unknown
  readonly result: unknown
}

/** All that `Kinds` may be: kinds by their names. */
export type KindsOf<Kinds> = { readonly [Name in keyof Kinds]: KindTypes }

/** Nothing is known: any kind takes and gives any JSON. */
export type AnyKinds = Record<string, { input: Json; result: Json }>

export type NameOf<Kinds> = keyof Kinds & string

export type InputOf<Kinds extends KindsOf<Kinds>, Name extends NameOf<Kinds>> = Kinds[Name]['input']

export type ResultOf<Kinds extends KindsOf<Kinds>, Name extends NameOf<Kinds>> = Kinds[Name]['result']

export type RequestOf<Kinds extends KindsOf<Kinds>, Name extends NameOf<Kinds>> = Omit<
  TaskRequest,
  'kind' | 'input'
> & {
  readonly kind: Name
  readonly input: InputOf<Kinds, Name>
}

/** A request for a task of any of the kinds, with an idempotency key of its own. */
export type BatchItemOf<Kinds extends KindsOf<Kinds>> = {
  [Name in NameOf<Kinds>]: Omit<BatchItem, 'kind' | 'input'> & RequestOf<Kinds, Name>
}[NameOf<Kinds>]
