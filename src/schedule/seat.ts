import type { Heap } from './heap.ts'

/**
 * Puts what is open where it belongs in the heap, and takes out what is not. True when it entered, left or had to move,
 * because its first task may be another now.
 */
export function seat<T extends { readonly open: boolean }>(heap: Heap<T>, item: T, moved: boolean): boolean {
  if (!item.open) return heap.delete(item)
  if (!moved && heap.has(item)) return false
  heap.put(item)
  return true
}
