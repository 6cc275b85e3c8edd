import { describe, expect, it } from 'vitest'
import { limitsOf, TIMEOUTS, timeoutMsOf } from '../../../workers/salesforce/timeouts.ts'

const soap = (inside: string) => ({
  method: 'POST',
  url: 'https://x/services/Soap/m/62.0',
  body: `<e:Body>${inside}</e:Body>`,
})
const rest = (path: string) => ({ method: 'GET', url: `https://x/services/data/v62.0/metadata/deployRequest/${path}` })

describe('a call of jsforce', () => {
  it('may take a minute where it only looks, and is made again then', () => {
    const look = '<checkDeployStatus xmlns="x"><includeDetails>false</includeDetails></checkDeployStatus>'
    expect(timeoutMsOf(soap(look))).toBe(60_000)
    expect(timeoutMsOf(soap('<cancelDeploy xmlns="x"><id>0Af</id></cancelDeploy>'))).toBe(60_000)
    expect(timeoutMsOf(rest('0Af1'))).toBe(60_000)
  })

  it('may take ten where it sends a package or brings all that came of it', () => {
    expect(timeoutMsOf(soap('<deploy xmlns="x"><ZipFile>UEsDB</ZipFile></deploy>'))).toBe(600_000)
    expect(timeoutMsOf(soap('<checkDeployStatus><includeDetails>true</includeDetails></checkDeployStatus>'))).toBe(
      600_000,
    )
    expect(timeoutMsOf(rest('0Af1?includeDetails=true'))).toBe(600_000)
    expect(timeoutMsOf(soap('<checkRetrieveStatus></checkRetrieveStatus>'))).toBe(600_000)
  })
})

describe('what an operator sets for all calls', () => {
  it('shortens those that would take longer, and the wait for more of an answer', () => {
    expect(limitsOf({ MAYFLY_ORG_CALL_SECONDS: '2.5' })).toEqual({ longestCallMs: 2_500, silenceMs: 2_500 })
    expect(limitsOf({ MAYFLY_ORG_CALL_SECONDS: '300' })).toEqual({ longestCallMs: 300_000, silenceMs: 120_000 })
  })

  it('lengthens none, and changes nothing where it is no number of seconds', () => {
    const usual = { longestCallMs: TIMEOUTS.upload, silenceMs: 120_000 }
    for (const value of [undefined, '', 'soon', '0', '-1', '1e9'])
      expect(limitsOf({ MAYFLY_ORG_CALL_SECONDS: value })).toEqual(usual)
  })
})
