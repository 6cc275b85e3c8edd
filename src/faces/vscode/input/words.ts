/** Words as on a command line: spaces part them, quotes hold them together. Nothing when a quote is left open. */
export function wordsIn(text: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"' || character === "'") {
      const end = closing(text, at)
      if (end === undefined) return undefined
      word = (word ?? '') + unquoted(text.slice(at + 1, end), character)
      at = end
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  return word === undefined ? words : [...words, word]
}

/** A backslash keeps a double quote from closing; in single quotes it is nothing special. */
function closing(text: string, start: number): number | undefined {
  const quote = text.charAt(start)
  for (let at = start + 1; at < text.length; at++) {
    if (text.charAt(at) === quote) return at
    if (quote === '"' && text.charAt(at) === '\\') at++
  }
  return undefined
}

function unquoted(text: string, quote: string): string {
  return quote === '"' ? text.replaceAll(/\\(["\\])/g, '$1') : text
}
