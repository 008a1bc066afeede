import { z } from 'zod';
import { time } from './parameters.js';
import { type GbzComponentTemplate, request } from './request.js';
import { place } from './template.js';

/** Commands to gas meters and the gas proxy function, in the order of their names. */

const clusters = { metering: 0x0702 } as const;
const commands = { readAttributes: 0x00, changeSupply: 0x0b } as const;
/** ZCL frame control: general or cluster command, from client to server, default response wanted. */
const frameControls = { general: 0x00, cluster: 0x01 } as const;
/** What ChangeSupply proposes; the bits ask for an answer (device-behaviour.md 4.4). */
const supplyStates = { off: 0, armed: 1 } as const;
const acknowledgementRequired = 0x01;

function read(clusterId: number, attributes: readonly number[]): GbzComponentTemplate {
  return {
    clusterId,
    frameControl: frameControls.general,
    commandId: commands.readAttributes,
    fields: { attributes: attributes.map((attributeId) => ({ attributeId })) },
  } as GbzComponentTemplate;
}

function changeSupply(proposedSupplyStatus: number): GbzComponentTemplate {
  return {
    clusterId: clusters.metering,
    frameControl: frameControls.cluster,
    commandId: commands.changeSupply,
    fields: {
      providerId: 0,
      issuerEventId: place('$issuerEventId'),
      requestDateTime: 0,
      implementationDateTime: 0,
      proposedSupplyStatus,
      supplyControlBits: acknowledgementRequired,
    },
  } as GbzComponentTemplate;
}

export const gasRequests = {
  GCS13a: request(0x0074, { gbz: [read(clusters.metering, [0x0302, 0x0301, 0x0300, 0x0000])] }),
  GCS28: request(
    0x007f,
    {
      asn1: {
        validityIntervalStart: place('from', 'generalizedTime'),
        validityIntervalEnd: place('to', 'generalizedTime'),
      },
    },
    z.strictObject({
      from: time('start of the interval in which the hub’s time is accepted'),
      to: time('end of that interval'),
    }),
  ),
  GCS32: request(0x0081, { gbz: [changeSupply(supplyStates.off)] }),
  GCS33: request(0x0082, { gbz: [read(clusters.metering, [0x0205, 0x0014])] }),
  GCS38: request(0x0084, { gbz: [read(clusters.metering, [0x0206])] }),
  GCS39: request(0x0085, { gbz: [changeSupply(supplyStates.armed)] }),
} as const;
