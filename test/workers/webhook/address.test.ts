import { describe, expect, it } from 'vitest'
import { isInner, mayGoAnywhere, publicLookup, targetOf } from '../../../workers/webhook/address.ts'

describe('the address of a webhook', () => {
  it('is of the internet: neither of a private network nor of this machine, in whatever form', () => {
    const inner = `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.8.8.8 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1
      198.18.0.1 224.0.0.1 255.255.255.255 ::1 :: ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe fd00::1
      fe80::1 fec0::1 ff02::1 64:ff9b::7f00:1 64:ff9b:1::a00:1 2002:7f00:1:: 2001::1 no-address`.split(/\s+/)
    expect(inner.filter((one) => !isInner(one))).toEqual([])
    const outer = '8.8.8.8 172.15.0.1 172.32.0.1 192.169.0.1 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8'.split(' ')
    expect(outer.filter(isInner)).toEqual([])
  })

  it('is https, unless the operator has said otherwise; what is wrong with it is said without it', () => {
    expect(targetOf(' https://hooks.example.com/T0/B0 \n', false).href).toBe('https://hooks.example.com/T0/B0')
    const anywhere = mayGoAnywhere({ MAYFLY_WEBHOOKS: 'anywhere' })
    expect(targetOf('http://127.0.0.1:8080/x', anywhere).host).toBe('127.0.0.1:8080')
    expect([anywhere, mayGoAnywhere({}), mayGoAnywhere({ MAYFLY_WEBHOOKS: 'yes' })]).toEqual([true, false, false])
    for (const [text, why] of [
      ['hooks.example.com', 'no https URL'],
      ['ftp://hooks.example.com/secret', 'no https URL'],
      ['http://hooks.example.com/secret', 'is http'],
      ['https://me:secret@hooks.example.com', 'a name or a password'],
      ['http://127.0.0.1:8080/secret', 'is http'],
      ['https://10.0.0.1/secret', 'into a private network'],
      ['https://[::ffff:127.0.0.1]/secret', 'into a private network'],
      ['https://0x7f.1/secret', 'into a private network'],
      ['https://169.254.169.254/latest/meta-data', 'into a private network'],
    ]) {
      expect(() => targetOf(text ?? '', false), text).toThrow(why)
      expect(() => targetOf(text ?? '', false), text).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', retryable: false }),
      )
      expect(() => targetOf(text ?? '', false), text).not.toThrow(/secret/)
    }
  })

  it('is judged by what its name stands for when it is connected to', async () => {
    const found = await new Promise((resolve) => publicLookup('localhost', { all: true }, (error) => resolve(error)))
    expect(found).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('private network') })
  })
})
