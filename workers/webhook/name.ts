/** Of inputs. */
export const webhookName = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
  description: 'the name of a webhook: its https address is the secret webhook/<name>/url, its key webhook/<name>/key',
}
