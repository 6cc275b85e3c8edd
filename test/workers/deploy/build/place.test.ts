import { describe, expect, it } from 'vitest'
import { placeOf } from '../../../../workers/deploy/build/place.ts'

const alone = () => new Set<string>()
/** Where a file goes, or what is wrong with it; with what the manifest says of it. */
function placed(path: string, ...beside: string[]) {
  const place = placeOf(path, () => new Set(beside))
  if (!place) return undefined
  if ('complaint' in place) return place.complaint
  const { to, member, inside } = place
  return [to, member && `${member.type} ${member.name}`, ...(inside === undefined ? [] : [inside])]
}

describe('the place of a file in a package', () => {
  it('is the directory of its type, wherever in the project it lies', () => {
    expect(placed('main/default/layouts/Account-Account %28Old%29.layout-meta.xml')).toEqual([
      'layouts/Account-Account %28Old%29.layout',
      'Layout Account-Account %28Old%29',
    ])
    expect(placed('feature/any/Admin.profile-meta.xml')).toEqual(['profiles/Admin.profile', 'Profile Admin'])
    expect(placed('customMetadata/Rule.First.md-meta.xml')).toEqual([
      'customMetadata/Rule.First.md',
      'CustomMetadata Rule.First',
    ])
    expect(placed('settings/Account.settings-meta.xml')).toEqual(['settings/Account.settings', 'Settings Account'])
    expect(placed('sites/Shop.site-meta.xml')).toEqual(['sites/Shop.site', 'CustomSite Shop'])
    expect(placed('moderation/Bad.rule-meta.xml')).toEqual(['moderation/Bad.rule', 'ModerationRule Bad'])
    expect(placed('emailservices/In.xml-meta.xml')).toEqual(['emailservices/In.xml', 'EmailServicesFunction In'])
  })

  it('is that of both files where content and description lie side by side', () => {
    expect(placed('a/b/Shop.cls', 'Shop.cls-meta.xml')).toEqual(['classes/Shop.cls', 'ApexClass Shop'])
    expect(placed('a/b/Shop.cls-meta.xml', 'Shop.cls')).toEqual(['classes/Shop.cls-meta.xml', 'ApexClass Shop'])
    expect(placed('siteDotComSites/X.site-meta.xml')).toEqual(['siteDotComSites/X.site-meta.xml', 'SiteDotCom X'])
  })

  it('is none where one of the two is missing, in a sentence', () => {
    expect(placed('classes/Shop.cls')).toBe('classes/Shop.cls: there is no Shop.cls-meta.xml beside it')
    expect(placed('pages/Shop.page-meta.xml')).toBe('pages/Shop.page-meta.xml: there is no Shop.page beside it')
    expect(placed('docs/some.page')).toBeUndefined()
  })

  it('keeps bundles as they are, whatever lies in them', () => {
    expect(placed('lwc/shop/objects/shop.js')).toEqual(['lwc/shop/objects/shop.js', 'LightningComponentBundle shop'])
    expect(placed('aura/App/App.cmp-meta.xml')).toEqual(['aura/App/App.cmp-meta.xml', 'AuraDefinitionBundle App'])
    expect(placed('lwc/README.md')).toBeUndefined()
    expect(placed('experiences/Shop.site-meta.xml')).toEqual([
      'experiences/Shop.site-meta.xml',
      'ExperienceBundle Shop',
    ])
    expect(placed('experiences/Shop/views/home.json')).toEqual([
      'experiences/Shop/views/home.json',
      'ExperienceBundle Shop',
    ])
    expect(placed('digitalExperiences/site/Shop/Shop.digitalExperience-meta.xml')).toEqual([
      'digitalExperiences/site/Shop/Shop.digitalExperience-meta.xml',
      'DigitalExperienceBundle site/Shop',
    ])
  })

  it('is one file for all parts of an object', () => {
    expect(placed('objects/Shop__c/Shop__c.object-meta.xml')).toEqual([
      'objects/Shop__c.object',
      'CustomObject Shop__c',
    ])
    expect(placed('objects/Shop__c/fields/Size__c.field-meta.xml')).toEqual([
      'objects/Shop__c.object',
      'CustomField Shop__c.Size__c',
    ])
    expect(placed('objects/Account/listViews/All.listView-meta.xml')).toEqual([
      'objects/Account.object',
      'ListView Account.All',
    ])
    expect(placed('objectTranslations/Shop__c-de/Size__c.fieldTranslation-meta.xml')).toEqual([
      'objectTranslations/Shop__c-de.objectTranslation',
      undefined,
    ])
    expect(placed('bots/Helper/v1.botVersion-meta.xml')).toEqual(['bots/Helper.bot', 'BotVersion Helper.v1'])
    expect(placed('objects/Shop__c/odd/A.strange-meta.xml')).toMatch(
      /a CustomObject has no parts with the suffix strange/,
    )
  })

  it('gives a static resource the one name that it has in an org', () => {
    expect(placed('staticresources/lib.js')).toEqual(['staticresources/lib.resource', 'StaticResource lib'])
    expect(placed('staticresources/lib.resource-meta.xml')).toEqual([
      'staticresources/lib.resource-meta.xml',
      'StaticResource lib',
    ])
    expect(placed('staticresources/pack/css/a.css')).toEqual(['staticresources/pack.resource', undefined, 'css/a.css'])
  })

  it('keeps folders, of reports as of documents', () => {
    expect(placed('reports/Sales/East/Top.report-meta.xml')).toEqual([
      'reports/Sales/East/Top.report',
      'Report Sales/East/Top',
    ])
    expect(placed('reports/Sales.reportFolder-meta.xml')).toEqual(['reports/Sales-meta.xml', 'Report Sales'])
    expect(placed('email/Mails/Hello.email', 'Hello.email-meta.xml')).toEqual([
      'email/Mails/Hello.email',
      'EmailTemplate Mails/Hello',
    ])
    expect(placed('email/Mails.emailFolder-meta.xml')).toEqual(['email/Mails-meta.xml', 'EmailTemplate Mails'])
    expect(placed('documents/Pics/logo.png')).toEqual(['documents/Pics/logo.png', 'Document Pics/logo.png'])
    expect(placed('documents/Pics/logo.document-meta.xml', 'logo.png', 'logo.document-meta.xml')).toEqual([
      'documents/Pics/logo.png-meta.xml',
      'Document Pics/logo.png',
    ])
    expect(placed('documents/Pics.documentFolder-meta.xml')).toEqual(['documents/Pics-meta.xml', 'Document Pics'])
  })

  it('keeps territories in their model', () => {
    expect(placed('territory2Models/M/M.territory2Model-meta.xml')).toEqual([
      'territory2Models/M/M.territory2Model',
      'Territory2Model M',
    ])
    expect(placed('territory2Models/M/rules/R.territory2Rule-meta.xml')).toEqual([
      'territory2Models/M/rules/R.territory2Rule',
      'Territory2Rule M.R',
    ])
  })

  it('finds files of a package where they are', () => {
    for (const path of [
      'classes/A.cls',
      'objects/A__c.object',
      'reports/F-meta.xml',
      'documents/F/a.png',
      'staticresources/a.resource',
      'labels/CustomLabels.labels',
      'experiences/S.site-meta.xml',
    ])
      expect(placed(path, 'A.cls-meta.xml')?.[0]).toBe(path)
  })

  it('is none for what is no metadata, and a sentence for what only looks like it', () => {
    expect(placeOf('docs/README.md', alone)).toBeUndefined()
    expect(placeOf('scripts/soql/a.soql', alone)).toBeUndefined()
    expect(placeOf('package.xml', alone)).toBeUndefined()
    expect(placed('x/A.wonder-meta.xml')).toBe('x/A.wonder-meta.xml: no type of metadata has the suffix wonder')
  })
})
