import { within } from '../../protocols/codec/codec-error.js';
import { fromHex } from '../../protocols/codec/hex.js';
import type { GbzAlert, GbzComponent, GbzFields } from '../../protocols/gbcs/gbz-types.js';
import type { ProtectedParts } from '../../protocols/gbcs/verify-message.js';
import { generalCommands, zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { isGeneralCommand } from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, zclCommand } from '../../protocols/zigbee/zcl/payload.js';
import { notDecrypted, type ResponseValue } from './response-value.js';

const statusNames = new Map<unknown, string>(
  Object.entries(zclStatuses).map(([name, status]) => [status, name]),
);
const commandIds = new Map(
  Object.entries(generalCommands).map(([id, { name }]) => [name, Number(id)]),
);
const readAttributesResponse = commandIds.get('ReadAttributesResponse');
const defaultResponse = commandIds.get('DefaultResponse');

function statusName(status: unknown): string {
  return statusNames.get(status) ?? `status ${String(status)}`;
}

/** The fields of a component, decrypted where need be. */
function fieldsOf(component: GbzComponent, parts: ProtectedParts): GbzFields | undefined {
  const { encrypted, clusterId, frameControl, commandId } = component;
  if (encrypted === undefined) return component.fields ?? {};
  const blob = fromHex(encrypted.securityHeader + encrypted.ciphertext + encrypted.tag);
  const plaintext = parts.open(blob);
  if (plaintext === undefined) return undefined;
  return decodeZclPayload(clusterId, frameControl, commandId, plaintext);
}

function pushComponent(
  values: ResponseValue[],
  component: GbzComponent,
  parts: ProtectedParts,
): void {
  const { clusterId, frameControl, commandId } = component;
  const { cluster, name } = zclCommand(clusterId, frameControl, commandId);
  const fields = fieldsOf(component, parts);
  const common = { clusterId, cluster };
  const encrypted = component.encrypted === undefined ? {} : { encrypted: true as const };
  if (fields === undefined) {
    values.push({ name, ...common, value: null, result: notDecrypted, ...encrypted });
    return;
  }
  const general = isGeneralCommand(frameControl);
  if (general && commandId === readAttributesResponse && Array.isArray(fields.attributes)) {
    for (const attribute of fields.attributes as readonly GbzFields[]) {
      values.push({
        name: String(attribute.attribute),
        ...common,
        attributeId: attribute.attributeId as number,
        value: attribute.value ?? null,
        result: statusName(attribute.status),
        ...encrypted,
      });
    }
    return;
  }
  const result = general && commandId === defaultResponse ? statusName(fields.status) : 'success';
  values.push({ name, ...common, value: fields, result, ...encrypted });
}

/** Components name what they carry: attributes one by one, everything else command by command. */
export function gbzValues(
  components: readonly GbzComponent[],
  parts: ProtectedParts,
): readonly ResponseValue[] {
  const values: ResponseValue[] = [];
  for (let i = 0; i < components.length; i++) {
    within(`components[${i}]`, () => pushComponent(values, components[i] as GbzComponent, parts));
  }
  return values;
}

export function gbzAlertValues(alert: GbzAlert, parts: ProtectedParts): readonly ResponseValue[] {
  const detail =
    alert.detail === undefined
      ? []
      : [{ name: alert.alert, value: alert.detail, result: 'success' }];
  return [...detail, ...gbzValues(alert.components ?? [], parts)];
}
