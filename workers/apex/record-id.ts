/** Ids of records: three characters of the object, then the instance, then a number; 18 end with what the case was. */
const short = /^[0-9a-zA-Z]{5}0[0-9a-zA-Z]{9}$/
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

export function looksLikeRecordId(text: string): boolean {
  const id = text.slice(0, 15)
  if (!short.test(id) || /^0+$/.test(id)) return false
  if (text.length === 18) return text.slice(15).toUpperCase() === suffixOf(id)
  // Words have 15 letters too: an id counts, so it ends with digits, or has many.
  return text.length === 15 && id.replace(/\D/g, '').length >= 5
}

/** One character for five: which of them are capitals. */
export function suffixOf(id: string): string {
  return [0, 5, 10].map((start) => alphabet[capitalsOf(id.slice(start, start + 5))]).join('')
}

function capitalsOf(five: string): number {
  return [...five].reduce((bits, one, place) => (one >= 'A' && one <= 'Z' ? bits | (1 << place) : bits), 0)
}
