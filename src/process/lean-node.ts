/**
 * A start that takes 5 ms less CPU, of 27 (measured on 24.21): V8 leaves the tables in Node's own heap as they were when
 * Node was built, in place of sorting them anew. It has its price, so it is for tasks that are over at once and have
 * next to nothing of Node loaded:
 *
 *   - Node's cache of compiled code is no longer that of this V8, so that whatever is loaded takes longer: what
 *     `console.log` needs 11 ms instead of 5, `node:child_process` 16 instead of 9. The flag can be taken back at run
 *     time, but the module that does so costs as much.
 *   - Nothing is compiled by V8's first two compilers any more, whose work pays for itself only long after a start: the
 *     second took one of each 20 ms, for what asks of each character of a path whether it is a slash, as soon as paths are
 *     long. What is called often is optimized all the same, by the third.
 *   - All such workers hash texts in the same way, so that whoever knows the way can send names for an object that all
 *     collide. What that slows down is his own task, in a process of its own, with its limits.
 *
 * What V8 has compiled of ours is of use only to a process with the same flags: who fills the cache needs them too.
 */
export const leanNode = ['--no-rehash-snapshot', '--no-sparkplug', '--no-maglev'] as const
