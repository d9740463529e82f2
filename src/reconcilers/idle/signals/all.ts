import type { Evidence } from '../../../model/idle.ts';
import { cpu } from './cpu.ts';
import { jupyter } from './jupyter.ts';
import { lease } from './lease.ts';
import { network } from './network.ts';
import type { Context, Signal } from './signal.ts';
import { started } from './started.ts';
import { stream } from './stream.ts';
import { terminal } from './terminal.ts';

/** In the order people read them. A new signal is a file and a line here. */
const signals: Signal[] = [cpu, terminal, stream, network, jupyter, lease, started];

export const evidenceOf = (context: Context): Evidence[] => signals.map((signal) => signal(context));
