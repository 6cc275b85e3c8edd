import { describe, expect, it } from 'vitest'
import { requestOf } from '../../../workers/environments/scratch.ts'
import { familyOf } from '../../../workers/environments/scratch-errors.ts'
import { filesOf } from '../../../workers/environments/settings.ts'
import { waitSeconds } from '../../../workers/environments/watch.ts'

describe('a scratch org', () => {
  it('that could not be made is asked for again for the codes that pass, and no others', () => {
    const passing = (...codes: string[]) => codes.map((code) => familyOf(code).passing ?? false)
    expect(passing('S-9999', 'C-9999', 'C-1015', 'C-1016', 'S-1019')).toEqual(Array(5).fill(true))
    const permanent = [
      'T-0002',
      'SH-0003',
      'S-1006',
      'S-2006',
      'S-1017',
      'S-1018',
      'S-1026',
      'C-1007',
      'C-1020',
      'C-1027',
    ]
    expect(passing(...permanent, 'X-1')).toEqual(Array(permanent.length + 1).fill(false))
    expect(familyOf('C-1007').advice).toContain('username')
    expect(familyOf('X-1').meaning).toContain('no more than this code')
  })

  it('is asked for as its definition says, with a mark by which it is found again', () => {
    const definition = {
      edition: 'Developer',
      orgName: 'Feature',
      features: ['API', 'MultiCurrency'],
      hasSampleData: true,
      description: 'for Ada',
      settings: { caseSettings: {} },
    }
    expect(requestOf({ definition, durationDays: 3 }, 'mark', 'app')).toEqual({
      Edition: 'Developer',
      OrgName: 'Feature',
      Features: 'API;MultiCurrency',
      HasSampleData: true,
      Description: 'for Ada\nmark',
      DurationDays: 3,
      ConnectedAppConsumerKey: 'app',
      ConnectedAppCallbackUrl: 'http://localhost:1717/OauthRedirect',
    })
  })

  it('gets its settings as metadata', () => {
    const settings = { lightningExperienceSettings: { enableS1DesktopEnabled: true, list: [{ a: 1 }, { a: '<2>' }] } }
    const files = filesOf(settings, '62.0')
    expect(Object.keys(files)).toEqual(['settings/LightningExperience.settings', 'package.xml'])
    expect(Buffer.from(files['settings/LightningExperience.settings'] ?? []).toString()).toContain(
      '<LightningExperienceSettings xmlns="http://soap.sforce.com/2006/04/metadata"><enableS1DesktopEnabled>true</enableS1DesktopEnabled><list><a>1</a></list><list><a>&#60;2&#62;</a></list></LightningExperienceSettings>',
    )
    expect(Buffer.from(files['package.xml'] ?? []).toString()).toContain('<members>LightningExperience</members>')
  })

  it('or a sandbox is looked at less often the longer it takes, within bounds', () => {
    const minutes = (count: number) => count * 60_000
    expect([0, 10, 20, 60, 1_440].map((one) => waitSeconds(minutes(one), 60_000))).toEqual([60, 60, 60, 180, 300])
  })
})
