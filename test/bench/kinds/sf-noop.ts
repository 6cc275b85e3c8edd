import { preload } from '../../../workers/tasks/sf/family.ts'

/** Nothing, in a worker that has loaded what tasks of Salesforce need. */
export default {
  kind: 'sf-noop',
  title: 'Do nothing with jsforce',
  pool: 'normal',
  preload,
  input: {},
  run(): null {
    return null
  },
}
