import type { EmulatedOrg } from '../org.ts'

/** What a new org holds: itself, its admin, profiles and the standard price book. */
export function addFirstRows({ rows, id, name, userId, username }: EmulatedOrg): void {
  rows.insert('Organization', {
    Id: id,
    Name: name,
    OrganizationType: 'Developer Edition',
    IsSandbox: true,
    InstanceName: 'EMU1',
    LanguageLocaleKey: 'en_US',
  })
  const profile = rows.insert('Profile', { Name: 'System Administrator', UserType: 'Standard' })
  rows.insert('Profile', { Name: 'Standard User', UserType: 'Standard' })
  rows.insert('User', {
    Id: userId,
    Username: username,
    LastName: 'Admin',
    Email: username,
    Alias: 'admin',
    ProfileId: profile,
  })
  rows.insert('Pricebook2', { Name: 'Standard Price Book', IsActive: true, IsStandard: true })
}
