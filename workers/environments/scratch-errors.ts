/** What it means when a scratch org could not be made, by the families of Salesforce's codes. */

export interface Family {
  /** Codes; a "*" at the end stands for any ending. The first that fits decides. */
  readonly codes: readonly string[]
  readonly meaning: string
  readonly advice: string
  /** Another request may go better. */
  readonly passing?: true
}

const FAMILIES: readonly Family[] = [
  {
    codes: ['S-9999', 'C-9999', 'C-1015', 'C-1016', 'S-1019'],
    meaning: 'Salesforce failed in making it',
    advice: 'Try again later, and look at status.salesforce.com',
    passing: true,
  },
  {
    codes: ['T-000*'],
    meaning: 'its template cannot be used',
    advice: 'Look at the snapshot, the source org or the template that the definition names',
  },
  {
    codes: ['SH-000*'],
    meaning: 'its shape cannot be used',
    advice: 'Make the org shape anew in the source org, and share it with this Dev Hub',
  },
  {
    codes: ['C-1007'],
    meaning: 'its user name is taken',
    advice: 'Leave "username" out of the definition, or name another',
  },
  {
    codes: ['S-1006', 'S-2006', 'C-1020'],
    meaning:
      'its definition names something that Salesforce does not know or does not allow, such as a country or an edition',
    advice: 'Correct edition, features, country and language of the definition',
  },
  {
    codes: ['S-1017', 'S-1018', 'S-1026', 'C-1027'],
    meaning: 'this Dev Hub may not make such an org',
    advice: 'Look at its licences, at the namespace, and at the rights of the user',
  },
]

const unknown: Family = {
  codes: [],
  meaning: 'Salesforce says no more than this code',
  advice: 'Look the code up under "scratch org error codes" in the documentation of Salesforce DX',
}

export function familyOf(code: string): Family {
  return FAMILIES.find(({ codes }) => codes.some((one) => fits(one, code))) ?? unknown
}

function fits(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code
}
