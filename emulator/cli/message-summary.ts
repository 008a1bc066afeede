import type { AccessRequestItem } from '../../protocols/dlms/apdu-types.js';
import { alertTitle } from '../../protocols/gbcs/alert-titles.js';
import type { DecodedMessage } from '../../protocols/gbcs/decoded-message.js';
import type { GbtBlock } from '../../protocols/gbcs/gbt.js';
import type { GbzComponent } from '../../protocols/gbcs/gbz-types.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import { alertCodeOf } from '../dcc/unsolicited.js';

/** How a message is protected, in a word or two. */
export function protectionOf({ signature, mac }: DecodedMessage): string {
  const signed = typeof signature === 'string';
  if (mac === undefined) return signed ? 'signed' : 'bare';
  return signed ? 'signed+MAC' : 'MAC';
}

function several(first: string, count: number): string {
  return count <= 1 ? first : `${first} +${count - 1}`;
}

function itemText(item: AccessRequestItem | undefined): string {
  if (item === undefined) return 'nothing';
  const name = 'name' in item && typeof item.name === 'string' ? item.name : item.instanceId;
  return `${item.request} ${name}`;
}

/** Success where all went well, else the first thing that did not. */
function resultText(results: readonly { readonly resultName?: string }[]): string {
  const failed = results.filter(({ resultName }) => resultName !== 'success');
  if (failed.length === 0) return several('ok', results.length);
  return `${failed.length} of ${results.length} failed: ${failed[0]?.resultName ?? 'unknown'}`;
}

function componentText(component: GbzComponent | undefined): string {
  if (component === undefined) return 'nothing';
  const { cluster, command, fields } = component;
  const status = fields?.status;
  const failed = command === 'DefaultResponse' && typeof status === 'number' && status !== 0;
  return `${cluster} ${command}${failed ? ` status 0x${status.toString(16)}` : ''}`;
}

function asn1Text(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const { responseCode } = value as { readonly responseCode?: unknown };
  return typeof responseCode === 'string' ? responseCode : Object.keys(value).join(', ');
}

/** Code and title of an alert; undefined where it is none. */
function alertText(payload: Payload): string | undefined {
  const code = alertCodeOf(payload);
  return code === undefined ? undefined : `${formatMessageCode(code)} ${alertTitle(code)}`;
}

/** Which block of a large message, or what it says of the other side's blocks. */
export function blockText({ blockNumber, last, data, blockNumberAcknowledged }: GbtBlock): string {
  if (data.length === 0) return `asks for blocks from ${blockNumberAcknowledged + 1}`;
  return `${last ? 'last block' : 'block'} ${blockNumber}, ${data.length} octets`;
}

/** What a payload says, in a few words. */
export function payloadSummary(payload: Payload): string {
  switch (payload.kind) {
    case 'access-request':
      return several(itemText(payload.items[0]), payload.items.length);
    case 'access-response':
      return resultText(payload.items);
    case 'gbz':
      return several(componentText(payload.components[0]), payload.components.length);
    case 'gbz-alert':
      return payload.alert;
    case 'data-notification':
      return alertText(payload) ?? 'notification';
    case 'asn1':
      return alertText(payload) ?? asn1Text(payload.value);
  }
}
