import type { Command } from 'commander'
export function addEvaluateCommands(_program: Command): void {}
