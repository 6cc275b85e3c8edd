import { describe, expect, it } from 'vitest'
import { signatureOf } from '../../../workers/webhook/signature.ts'

describe('the signature of a webhook', () => {
  it('is that of standardwebhooks.com, by the example that its libraries are tested with', () => {
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atSeconds: 1_614_265_330, body: '{"test": 2432232314}' }
    const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    expect(signatureOf(message, key)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('takes no key that can be guessed', () => {
    expect(() => signatureOf({ id: '1', atSeconds: 1, body: '' }, 'short')).toThrow('fewer than 16 bytes')
  })
})
