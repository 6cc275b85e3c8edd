import type { Forms } from './forms.ts'

/** Forms are sorted into so many heaps by their first two bytes, and each heap by itself: none takes long. */
const heaps = 2 ** 16
/** So many are gone through between two rests. */
const stretch = 4_096

type Compare = (one: number, other: number) => number

/** The forms by their bytes, each once. To be gone on with at any time later, as long as the forms stay as they are. */
export function* sortedForms(forms: Forms): Generator<undefined, Int32Array> {
  const order = yield* heaped(forms)
  const { bytes, starts, ends } = forms
  const compare = (one: number, other: number) =>
    bytes.compare(bytes, starts[other], ends[other], starts[one], ends[one])
  let kept = 0
  let since = 0
  for (let from = 0; from < order.length; ) {
    const to = heapEnd(order, from, forms)
    // What is kept is never ahead of what is read.
    for (const form of to - from > 1 ? yield* sorted(order.slice(from, to), compare) : order.subarray(from, to))
      if (kept === 0 || compare(form, order[kept - 1] as number) !== 0) order[kept++] = form
    since += to - from
    from = to
    if (since < stretch) continue
    since = 0
    yield
  }
  return order.subarray(0, kept)
}

/** Most forms of a value of JSON begin alike: a heap may be as large as all. */
function* sorted(heap: Int32Array, compare: Compare): Generator<undefined, Int32Array> {
  for (let from = 0; from < heap.length; from += stretch) {
    heap.subarray(from, from + stretch).sort(compare)
    if (heap.length > stretch) yield
  }
  let [one, other] = [heap, heap]
  for (let length = stretch; length < heap.length; length *= 2) {
    ;[one, other] = [other === one ? new Int32Array(heap.length) : other, one]
    for (let from = 0; from < heap.length; from += 2 * length) yield* merge(other, one, from, length, compare)
  }
  return one
}

/** Two sorted stretches, of this length at most, beside each other. */
function* merge(
  source: Int32Array,
  target: Int32Array,
  from: number,
  length: number,
  compare: Compare,
): Generator<undefined, void> {
  const middle = Math.min(from + length, source.length)
  const end = Math.min(from + 2 * length, source.length)
  for (let [left, right, at] = [from, middle, from]; at < end; at++) {
    const isLeft = right === end || (left < middle && compare(source[left] as number, source[right] as number) <= 0)
    target[at] = source[isLeft ? left++ : right++] as number
    if (at % stretch === 0) yield
  }
}

/** By their first two bytes. */
function* heaped(forms: Forms): Generator<undefined, Int32Array> {
  const count = forms.starts.length
  const next = new Int32Array(heaps + 1)
  const order = new Int32Array(count)
  for (let form = 0; form < count; form++) {
    ;(next[headOf(forms, form) + 1] as number)++
    if (form % stretch === 0) yield
  }
  for (let head = 0; head < heaps; head++) (next[head + 1] as number) += next[head] as number
  for (let form = 0; form < count; form++) {
    order[(next[headOf(forms, form)] as number)++] = form
    if (form % stretch === 0) yield
  }
  // How many begin with which bytes tells of the secrets.
  next.fill(0)
  return order
}

function heapEnd(order: Int32Array, from: number, forms: Forms): number {
  const head = headOf(forms, order[from] as number)
  let to = from + 1
  while (to < order.length && headOf(forms, order[to] as number) === head) to++
  return to
}

function headOf({ bytes, starts }: Forms, form: number): number {
  const start = starts[form] as number
  return ((bytes[start] as number) << 8) | (bytes[start + 1] as number)
}
