import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { bands } from '../../protocols/bus/topics.js';
import { packageDirectory } from '../adapters/package-directory.js';
import { UsageError } from '../ports/errors.js';

/** Device types that a home template may name: those that can be emulated. */
export const homeDeviceTypes = ['chf', 'gpf', 'esme', 'gsme', 'ihd', 'ppmid', 'hcalcs'] as const;
export type HomeDeviceType = (typeof homeDeviceTypes)[number];

/** The hub has both radios, and electricity meters have 2.4 GHz only (device-behaviour.md 2.6 [mem]). */
const stays2g4: readonly HomeDeviceType[] = ['chf', 'gpf', 'esme'];

const meters: readonly HomeDeviceType[] = ['esme', 'gsme'];

const schema = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  devices: z
    .array(
      z.strictObject({
        type: z.enum(homeDeviceTypes),
        /** `868`: on the hub's sub-GHz radio. */
        band: z.enum(bands).optional(),
        /** Of a meter; by default the household's seed decides. */
        payment: z.enum(['credit', 'prepayment']).optional(),
      }),
    )
    .refine((list) => new Set(list.map((device) => device.type)).size === list.length, {
      error: 'each device type at most once',
    })
    .refine((list) => !list.some(({ type, band }) => band === '868' && stays2g4.includes(type)), {
      error: `${stays2g4.join(', ')} are on 2.4 GHz (2g4)`,
    })
    .refine((list) => !list.some(({ type, payment }) => payment && !meters.includes(type)), {
      error: `only ${meters.join(', ')} have a payment mode`,
    })
    .refine((list) => list.some((device) => device.type === 'chf'), {
      error: 'a home needs a communications hub (chf)',
    })
    .refine(
      (list) =>
        !list.some((device) => device.type === 'gsme') ||
        list.some((device) => device.type === 'gpf'),
      { error: 'a gas meter (gsme) needs a gas proxy function (gpf)' },
    ),
});
export type HomeTemplate = z.infer<typeof schema>;

/** Checks a parsed template. @throws UsageError naming what is wrong. */
export function checkHomeTemplate(value: unknown, source: string): HomeTemplate {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new UsageError(
    `${source}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`,
  );
}

/** A template by name (of those that ship) or by the path of a YAML file. */
export function loadHomeTemplate(nameOrPath: string): HomeTemplate {
  const shipped = /^[a-z0-9-]+$/.test(nameOrPath);
  const path = shipped
    ? join(packageDirectory(), 'fixtures', 'templates', `${nameOrPath}.yaml`)
    : nameOrPath;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`no home template '${nameOrPath}': ${(error as Error).message}`);
  }
  try {
    return checkHomeTemplate(parse(text), path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: ${(error as Error).message.split('\n')[0]}`);
  }
}
