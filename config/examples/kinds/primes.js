/** Counts primes, step by step: an example of a task that reports progress and goes on where it was after an interruption. */
export default {
  kind: 'primes',
  title: 'Count the primes up to a number',
  pool: 'batch',
  input: {
    type: 'object',
    required: ['upTo'],
    additionalProperties: false,
    properties: {
      upTo: { type: 'integer', minimum: 2, maximum: 4e9 },
      steps: { type: 'integer', minimum: 1, maximum: 1_000 },
    },
  },
  async run({ input: { upTo, steps = 50 }, checkpoint, progress, saveCheckpoint, signal }) {
    let { done, count } = checkpoint ?? { done: 0, count: 0 }
    const small = primesUpTo(Math.floor(Math.sqrt(upTo)))
    for (; done < steps; done++) {
      signal.throwIfAborted()
      progress({ phase: 'sieving', percent: (100 * done) / steps, done, total: steps, unit: 'steps' })
      count += countBetween(Math.floor((upTo * done) / steps) + 1, Math.floor((upTo * (done + 1)) / steps), small)
      await saveCheckpoint({ done: done + 1, count })
    }
    return { count }
  },
}

const blockNumbers = 1_000_000

function countBetween(from, to, small) {
  let count = 0
  for (let start = Math.max(2, from); start <= to; start += blockNumbers) {
    count += countBlock(start, Math.min(to, start + blockNumbers - 1), small)
  }
  return count
}

function countBlock(from, to, small) {
  const isComposite = new Uint8Array(to - from + 1)
  for (const prime of small) {
    if (prime * prime > to) break
    for (let at = Math.max(prime * prime, Math.ceil(from / prime) * prime); at <= to; at += prime)
      isComposite[at - from] = 1
  }
  return isComposite.reduce((count, composite) => count + 1 - composite, 0)
}

function primesUpTo(limit) {
  const primes = []
  for (let number = 2; number <= limit; number++) {
    if (primes.every((prime) => prime * prime > number || number % prime !== 0)) primes.push(number)
  }
  return primes
}
