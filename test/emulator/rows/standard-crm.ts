import type { FieldDraft, ObjectOptions } from './define.ts'
import { fullName } from './standard-setup.ts'
import type { RowStore } from './store.ts'

type Drafts = Readonly<Record<string, FieldDraft>>

const requiredText: FieldDraft = { type: 'string', required: true }
const reference = (...referenceTo: string[]): FieldDraft => ({ type: 'reference', referenceTo })
const master = (referenceTo: string): FieldDraft => ({
  type: 'reference',
  referenceTo: [referenceTo],
  required: true,
  cascade: true,
  updateable: false,
})
const computed = (type: 'boolean' | 'currency' | 'string'): FieldDraft => ({ type, calculated: true })
const recordType = reference('RecordType')
const person: Drafts = {
  FirstName: { type: 'string', length: 40 },
  LastName: { type: 'string', length: 80, required: true },
  Name: { type: 'string', calculated: true },
  Salutation: 'picklist',
  Title: 'string',
  Email: 'email',
  Phone: 'phone',
}
const owned: ObjectOptions = { owned: true }

/** An address is a compound of fields of its own. */
function address(prefix: string): Drafts {
  return {
    [`${prefix}Street`]: 'textarea',
    [`${prefix}City`]: { type: 'string', length: 40 },
    [`${prefix}State`]: { type: 'string', length: 80 },
    [`${prefix}PostalCode`]: { type: 'string', length: 20 },
    [`${prefix}Country`]: { type: 'string', length: 80 },
    [`${prefix}Address`]: { type: 'address', createable: false, updateable: false },
  }
}

const objects: readonly (readonly [string, string, Drafts, ObjectOptions])[] = [
  [
    'Account',
    '001',
    {
      Name: requiredText,
      ParentId: reference('Account'),
      Type: 'picklist',
      Industry: 'picklist',
      AccountNumber: { type: 'string', length: 40 },
      AnnualRevenue: 'currency',
      NumberOfEmployees: 'int',
      Phone: 'phone',
      Website: 'url',
      Description: 'textarea',
      RecordTypeId: recordType,
      ...address('Billing'),
      ...address('Shipping'),
    },
    owned,
  ],
  [
    'Contact',
    '003',
    {
      ...person,
      AccountId: reference('Account'),
      ReportsToId: reference('Contact'),
      Birthdate: 'date',
      Department: 'string',
      Description: 'textarea',
      RecordTypeId: recordType,
      ...address('Mailing'),
    },
    owned,
  ],
  [
    'Lead',
    '00Q',
    {
      ...person,
      Company: requiredText,
      Status: { type: 'picklist', defaultValue: 'Open - Not Contacted' },
      LeadSource: 'picklist',
      IsConverted: { type: 'boolean', updateable: false },
      ...address(''),
    },
    owned,
  ],
  [
    'Opportunity',
    '006',
    {
      Name: { type: 'string', required: true, length: 120 },
      AccountId: reference('Account'),
      CampaignId: reference('Campaign'),
      Pricebook2Id: reference('Pricebook2'),
      StageName: { type: 'picklist', required: true },
      CloseDate: { type: 'date', required: true },
      Amount: 'currency',
      Probability: 'percent',
      Type: 'picklist',
      Description: 'textarea',
      RecordTypeId: recordType,
      IsClosed: computed('boolean'),
      IsWon: computed('boolean'),
    },
    owned,
  ],
  [
    'OpportunityLineItem',
    '00k',
    {
      OpportunityId: master('Opportunity'),
      PricebookEntryId: { type: 'reference', referenceTo: ['PricebookEntry'], required: true, updateable: false },
      Product2Id: { type: 'reference', referenceTo: ['Product2'], updateable: false },
      Quantity: { type: 'double', required: true },
      UnitPrice: 'currency',
      TotalPrice: computed('currency'),
      Description: 'string',
    },
    {},
  ],
  [
    'Case',
    '500',
    {
      CaseNumber: { type: 'string', autoNumber: true },
      AccountId: reference('Account'),
      ContactId: reference('Contact'),
      ParentId: reference('Case'),
      AssetId: reference('Asset'),
      Subject: 'string',
      Description: 'textarea',
      Status: { type: 'picklist', defaultValue: 'New' },
      Priority: { type: 'picklist', defaultValue: 'Medium' },
      Origin: 'picklist',
      RecordTypeId: recordType,
      IsClosed: computed('boolean'),
    },
    owned,
  ],
  [
    'Task',
    '00T',
    {
      WhoId: reference('Contact', 'Lead'),
      WhatId: reference('Account', 'Opportunity', 'Case', 'Campaign', 'Asset', 'Contract', 'Order'),
      Subject: 'string',
      ActivityDate: 'date',
      Status: { type: 'picklist', defaultValue: 'Not Started' },
      Priority: { type: 'picklist', defaultValue: 'Normal' },
      Description: 'textarea',
    },
    owned,
  ],
  [
    'Product2',
    '01t',
    { Name: requiredText, ProductCode: 'string', Description: 'textarea', Family: 'picklist', IsActive: 'boolean' },
    {},
  ],
  [
    'Pricebook2',
    '01s',
    {
      Name: requiredText,
      Description: 'string',
      IsActive: 'boolean',
      IsStandard: { type: 'boolean', createable: false, updateable: false },
    },
    {},
  ],
  [
    'PricebookEntry',
    '01u',
    {
      Pricebook2Id: master('Pricebook2'),
      Product2Id: master('Product2'),
      UnitPrice: { type: 'currency', required: true },
      IsActive: 'boolean',
      UseStandardPrice: 'boolean',
      Name: computed('string'),
    },
    {},
  ],
  [
    'Campaign',
    '701',
    {
      Name: { type: 'string', required: true, length: 80 },
      ParentId: reference('Campaign'),
      Type: 'picklist',
      Status: 'picklist',
      StartDate: 'date',
      EndDate: 'date',
      IsActive: 'boolean',
      BudgetedCost: 'currency',
    },
    owned,
  ],
  [
    'CampaignMember',
    '00v',
    {
      CampaignId: master('Campaign'),
      ContactId: { type: 'reference', referenceTo: ['Contact'], updateable: false },
      LeadId: { type: 'reference', referenceTo: ['Lead'], updateable: false },
      Status: 'picklist',
    },
    {},
  ],
  [
    'Asset',
    '02i',
    {
      Name: requiredText,
      AccountId: reference('Account'),
      ContactId: reference('Contact'),
      Product2Id: reference('Product2'),
      ParentId: reference('Asset'),
      SerialNumber: { type: 'string', length: 80 },
      Status: 'picklist',
      Quantity: 'double',
      Price: 'currency',
      InstallDate: 'date',
    },
    owned,
  ],
  [
    'Contract',
    '800',
    {
      ContractNumber: { type: 'string', autoNumber: true },
      AccountId: { type: 'reference', referenceTo: ['Account'], required: true },
      Pricebook2Id: reference('Pricebook2'),
      Status: { type: 'picklist', defaultValue: 'Draft' },
      StartDate: 'date',
      ContractTerm: 'int',
      Description: 'textarea',
    },
    owned,
  ],
  [
    'Order',
    '801',
    {
      OrderNumber: { type: 'string', autoNumber: true },
      AccountId: { type: 'reference', referenceTo: ['Account'], required: true },
      ContractId: reference('Contract'),
      OpportunityId: reference('Opportunity'),
      Pricebook2Id: reference('Pricebook2'),
      Status: { type: 'picklist', required: true, defaultValue: 'Draft' },
      EffectiveDate: { type: 'date', required: true },
      Description: 'textarea',
    },
    owned,
  ],
]

export function defineCrmObjects(rows: RowStore): void {
  for (const [name, keyPrefix, fields, options] of objects) rows.define(name, fields, { keyPrefix, ...options })
  for (const named of ['Contact', 'Lead']) {
    rows.hook(named, { derived: ({ FirstName, LastName }) => ({ Name: fullName(FirstName, LastName) }) })
  }
  rows.hook('Opportunity', {
    derived: ({ StageName }) => ({ IsClosed: /^Closed/.test(String(StageName)), IsWon: StageName === 'Closed Won' }),
  })
  rows.hook('Case', { derived: ({ Status }) => ({ IsClosed: Status === 'Closed' }) })
  rows.hook('OpportunityLineItem', {
    derived: ({ Quantity, UnitPrice }) => ({ TotalPrice: Number(Quantity) * Number(UnitPrice) }),
  })
  rows.hook('PricebookEntry', {
    derived: ({ Product2Id }) => ({ Name: rows.get('Product2', String(Product2Id))?.Name ?? null }),
  })
}
