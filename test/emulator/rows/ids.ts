/** Ids as Salesforce makes them: 3 characters of the object, 12 of the row, 3 that tell upper case from lower. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const checks = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** The id of row `sequence` of an object in the org numbered `org`, 18 characters long. */
export function makeId(keyPrefix: string, org: number, sequence: number): string {
  return withCheck(`${keyPrefix}${base62(org).padStart(2, '0')}0${base62(sequence).padStart(9, '0')}`)
}

/** Both lengths mean the same row: the long one of either. */
export function to18(id: string): string {
  return id.length === 15 ? withCheck(id) : id
}

export function looksLikeId(text: string): boolean {
  return /^[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?$/.test(text)
}

function withCheck(id: string): string {
  const parts = [id.slice(0, 5), id.slice(5, 10), id.slice(10, 15)]
  return id + parts.map((part) => checks[bitsOfUpperCase(part)]).join('')
}

function bitsOfUpperCase(part: string): number {
  return [...part].reduce((bits, character, index) => (/[A-Z]/.test(character) ? bits | (1 << index) : bits), 0)
}

export function base62(number: number): string {
  let text = ''
  for (let left = number; left > 0; left = Math.floor(left / 62)) text = digits[left % 62] + text
  return text
}
