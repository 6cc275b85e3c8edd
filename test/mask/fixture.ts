import { inspect } from 'node:util'
import { Masker } from '../../src/mask/masker.ts'
import { Needles } from '../../src/mask/needles.ts'

export function needlesOf(...secrets: (string | Uint8Array)[]): Needles {
  const needles = new Needles()
  for (const secret of secrets) needles.add(Buffer.from(secret))
  return needles
}

/** What a stream shows that carries these chunks, read as Latin-1 so that every byte counts. */
export function masked(needles: Needles, chunks: readonly Uint8Array[], flushes = false): string {
  const masker = new Masker(needles)
  const shown = chunks.flatMap((chunk) => [
    masker.push(Buffer.from(chunk)),
    ...(flushes ? [masker.flush(), masker.flush()] : []),
  ])
  return Buffer.concat([...shown, masker.end()]).toString('latin1')
}

/** The forms in which secrets are told, each by an encoder that is not ours. */
export const tellings: Readonly<Record<string, (secret: Buffer) => string | Buffer>> = {
  raw: (secret) => secret,
  base64: (secret) => secret.toString('base64'),
  'base64 after one byte': (secret) => Buffer.concat([Buffer.from('a'), secret, Buffer.from('zz')]).toString('base64'),
  'base64 after two bytes': (secret) => Buffer.concat([Buffer.from('ab'), secret, Buffer.from('z')]).toString('base64'),
  'base64 in lines': (secret) => secret.toString('base64').replace(/.{76}/g, '$&\n'),
  base64url: (secret) => secret.toString('base64url'),
  'base64url after one byte': (secret) => Buffer.concat([Buffer.from('?'), secret]).toString('base64url'),
  'base64url after two bytes': (secret) => Buffer.concat([Buffer.from('?>'), secret]).toString('base64url'),
  hex: (secret) => secret.toString('hex'),
  'hex in capitals': (secret) => secret.toString('hex').toUpperCase(),
  'part of a URL': (secret) => percent(secret, /[A-Za-z0-9\-_.~!*'()]/),
  'part of a URL in small letters': (secret) =>
    percent(secret, /[A-Za-z0-9\-_.~]/).replace(/%../g, (x) => x.toLowerCase()),
  'field of a form': (secret) => percent(secret, /[A-Za-z0-9*\-._ ]/).replaceAll(' ', '+'),
  JSON: (secret) => Buffer.from(JSON.stringify(secret.toString('latin1')).slice(1, -1), 'latin1'),
  JavaScript: (secret) => Buffer.from(inJavaScript(secret.toString('latin1')), 'latin1'),
  Python: (secret) => Buffer.from(inPython(secret.toString('latin1')), 'latin1'),
  'bytes of Python': (secret) =>
    inPython(secret.toString('latin1')).replace(/[\u0080-\u00ff]/g, (one) => `\\x${one.charCodeAt(0).toString(16)}`),
  'quotes of a shell': (secret) => Buffer.from(secret.toString('latin1').replaceAll("'", "'\\''"), 'latin1'),
  'words of a shell': (secret) =>
    Buffer.from(secret.toString('latin1').replace(/[ !"#$&'()*,;<>?[\\\]^`{|}~]/g, '\\$&'), 'latin1'),
  HTML: (secret) =>
    Buffer.from(
      marks(secret.toString('latin1'), { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }),
      'latin1',
    ),
  'HTML of Go': (secret) =>
    Buffer.from(
      marks(secret.toString('latin1'), { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }),
      'latin1',
    ),
  'JSON in JSON': (secret) =>
    Buffer.from(JSON.stringify(JSON.stringify(secret.toString('latin1'))).slice(3, -3), 'latin1'),
}

/** Characters above 127 are bytes here, of some character that nobody escapes. */
function inJavaScript(text: string): string {
  const shown = inspect([text], { maxStringLength: null, breakLength: Number.POSITIVE_INFINITY }).slice(3, -3)
  return shown.replace(/\\x([89][0-9A-F])/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** As `repr` does it, in single quotes. */
function inPython(text: string): string {
  const letters: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' }
  const inHex = (one: string) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`
  const escaped = Array.from(text, (one) => letters[one] ?? (one < ' ' || one === '\x7f' ? inHex(one) : one)).join('')
  return text.includes('"') ? escaped.replaceAll("'", "\\'") : escaped
}

const marks = (text: string, names: Readonly<Record<string, string>>) =>
  text.replace(/[&<>"']/g, (mark) => names[mark] ?? mark)

function percent(secret: Buffer, left: RegExp): string {
  return [...secret]
    .map((byte) => [byte, String.fromCharCode(byte)] as const)
    .map(([byte, character]) =>
      byte < 0x80 && left.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}
