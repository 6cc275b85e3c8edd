import type { EmulatedOrg } from './org.ts'

const industries = ['Energy', 'Retail', 'Banking', 'Media'] as const
const stages = ['Prospecting', 'Negotiation', 'Closed Won', 'Closed Lost'] as const

/** Something to look at: accounts with all that hangs on them, a custom object, files, Apex with a test, a package to install. */
export function addSampleData({ rows, metadata, packages }: EmulatedOrg, accounts = 50): void {
  rows.define('Invoice__c', {
    Number__c: { type: 'string', externalId: true, unique: true, length: 20 },
    Amount__c: 'currency',
    Account__c: { type: 'reference', referenceTo: ['Account'], required: true, cascade: true },
  })
  for (let index = 1; index <= accounts; index += 1) addAccount({ rows }, index)
  metadata.add(apex('Greeter', "public with sharing class Greeter {\n  public String greet() { return 'Hello'; }\n}\n"))
  metadata.add(apex('GreeterTest', greeterTest))
  packages.publish({ name: 'Sample', version: '1.2.0.4' })
}

function addAccount({ rows }: Pick<EmulatedOrg, 'rows'>, index: number): void {
  const AccountId = rows.insert('Account', {
    Name: `Account ${index}`,
    Industry: industries[index % industries.length] ?? null,
    NumberOfEmployees: index * 10,
    BillingCity: 'Hamburg',
  })
  const ContactId = rows.insert('Contact', {
    FirstName: 'Ann',
    LastName: `Number ${index}`,
    Email: `ann.${index}@example.com`,
    AccountId,
  })
  rows.insert('Case', { Subject: `Question ${index}`, AccountId, ContactId, Origin: 'Web' })
  rows.insert('Opportunity', {
    Name: `Chance ${index}`,
    AccountId,
    StageName: stages[index % stages.length] ?? null,
    CloseDate: '2027-06-30',
    Amount: index * 1_000,
  })
  rows.insert('Invoice__c', {
    Name: `Invoice ${index}`,
    Number__c: `I-${index}`,
    Amount__c: index * 100,
    Account__c: AccountId,
  })
  if (index % 10 !== 0) return
  const VersionData = Buffer.from(`Contract ${index}\n`)
  rows.insert('ContentVersion', {
    PathOnClient: `contract-${index}.txt`,
    VersionData,
    FirstPublishLocationId: AccountId,
  })
}

const greeterTest = `@IsTest
private class GreeterTest {
  @IsTest
  static void greets() {
    Assert.areEqual('Hello', new Greeter().greet(), 'It greets.');
  }
}
`

function apex(name: string, body: string): Record<string, string> {
  const meta = `<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>62.0</apiVersion>
    <status>Active</status>
</ApexClass>
`
  return { [`classes/${name}.cls`]: body, [`classes/${name}.cls-meta.xml`]: meta }
}
