import { Command } from 'commander'

/** Only its help: the program starts the server before it looks at any other command. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve: take tasks and run them (the same as no command)')
    .option('--host <address>', 'where to listen (MAYFLY_HOST)', '127.0.0.1')
    .option('--port <number>', '0 takes a free one (MAYFLY_PORT)', '7070')
    .option('--data <directory>', 'journal, workspaces, admin token (MAYFLY_DATA)', '.mayfly')
    .option('--kinds <directory>', 'further kinds; may be given several times (MAYFLY_KINDS)')
    .option('--isolation <level>', 'auto, require:LEVEL or atMost:LEVEL (MAYFLY_ISOLATION)', 'auto')
    .option('--config <file>', 'a JSON file with these and all other settings (MAYFLY_CONFIG)')
    .option(
      '--allow-secrets-in-commands',
      'secretEnv and secretFiles also with several tenants below isolation level 2 (MAYFLY_ALLOW_SECRETS_IN_COMMANDS)',
    )
    .option('--forget-secrets', 'give up all stored secrets: for when the master key is lost')
    .addHelpText('after', '\nExample:\n  $ mayfly serve --port 0 --data /var/lib/mayfly')
}
