/** The command line: every group of commands, and what they share. */

import { Command } from 'commander'
import { addAccountCommands } from './account.js'
import { addAuditCommands } from './audit.js'
import { addBackupCommands } from './backup.js'
import { addCheckCommand } from './check.js'
import { addCompletionCommand } from './completion.js'
import { addConsentCommands } from './consent.js'
import { addDemoCommand } from './demo.js'
import { addDeviceCommands } from './device.js'
import { addDiffCommand } from './diff.js'
import { addDoctorCommand } from './doctor.js'
import { addExplainCommand } from './explain.js'
import { addFieldCommands } from './fields.js'
import { addHelpSections } from './help-sections.js'
import { addLedgerCommands } from './ledger.js'
import { addLintCommand } from './lint.js'
import { addMatrixCommand } from './matrix.js'
import { addOutboxCommands } from './outbox.js'
import { addPolicyCommands } from './policy.js'
import { addRecipientCommands } from './recipient.js'
import { addReportCommands } from './report.js'
import { addSecretCommands } from './secret.js'
import { addSimulateCommand } from './simulate.js'
import { addStartCommand } from './start.js'
import { addTestCommand } from './test.js'
import { addTokenCommands } from './token.js'

const GROUPS = [
  addStartCommand, addCheckCommand, addLintCommand, addTestCommand, addExplainCommand, addMatrixCommand, addDiffCommand,
  addAccountCommands, addDeviceCommands, addConsentCommands, addRecipientCommands, addOutboxCommands, addTokenCommands, addPolicyCommands, addFieldCommands, addReportCommands,
  addAuditCommands, addLedgerCommands, addSecretCommands, addDoctorCommand, addBackupCommands,
  addDemoCommand, addSimulateCommand, addCompletionCommand
]

export function createProgram (): Command {
  const program = new Command('curtilage')
    .description('stands between smart-home devices and analytics: nothing leaves that a rule does not allow, that the account has not consented to, or that carries a MAC or IP address')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
  for (const addTo of GROUPS) addTo(program)
  addHelpSections(program)
  return program.addHelpText('after', `
Examples:
  curtilage check
  curtilage start --config config --data data
  curtilage account add home-1 --regime opt-in
  curtilage device add --account home-1 --device plug-1
  curtilage consent grant --account home-1 --purpose improve-products

Exit codes: 0 fine, 1 findings or failure, 2 wrong usage. Commands on data ask the gateway that runs on the data folder,
or open the folder themselves where none runs.`)
}
