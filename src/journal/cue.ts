/**
 * What a journal says to somebody in the moment in which a move is durable, before whoever awaits the move hears of it:
 * two turns of an event loop sooner.
 */
export interface Cue {
  readonly bytes: Uint8Array
  /** The descriptor to write them to, which is the journal's to close from now on. Without one nothing is written. */
  giveTo(descriptor: number): void
}
