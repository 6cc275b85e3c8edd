/**
 * Where plaintext may live. A small Buffer lies on V8's heap, and the first native call moves it from there and leaves a
 * copy behind that nobody can wipe (measured up to 64 bytes); one made of an ArrayBuffer never does.
 */
export function secretBuffer(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes))
}

/** A copy in a place that can be wiped; the original is zeroed. */
export function takeOver(original: Uint8Array): Buffer {
  const own = secretBuffer(original.length)
  own.set(original)
  original.fill(0)
  return own
}
