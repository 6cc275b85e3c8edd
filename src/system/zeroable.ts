/**
 * Where the bytes of secrets may lie. A small Buffer lies on V8's heap, and the first native call moves it from there and
 * leaves a copy behind that nobody can wipe (measured up to 64 bytes); one made of an ArrayBuffer never does.
 */
export function zeroable(bytes: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(bytes))
}

/** The same without what a Buffer does differently: its slice is no copy, and a task may want one. */
export function zeroableArray(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(bytes))
}

export function zeroableCopy(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const own = zeroable(bytes.length)
  own.set(bytes)
  return own
}

/** A copy in a place that can be wiped; the original is zeroed. */
export function takeOver(original: Uint8Array): Buffer<ArrayBuffer> {
  const own = zeroableCopy(original)
  original.fill(0)
  return own
}
