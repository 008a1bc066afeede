import { Air } from '../../emulator/han/air.js';
import { endpoints, hubShortAddress } from '../../emulator/han/endpoints.js';
import type { HanEntity } from '../../emulator/han/han-entity.js';
import { HanNode } from '../../emulator/han/han-node.js';
import { Neighbours } from '../../emulator/han/neighbours.js';
import { eui64 } from '../../protocols/codec/eui64.js';

export const panId = 0x1a62;
export const euis = {
  gpf: eui64('02fe110000000001'),
  chf: eui64('02fe110000000002'),
  esme: eui64('02fe110000000003'),
  gsme: eui64('02fe110000000004'),
  ppmid: eui64('02fe110000000005'),
  ihd: eui64('02fe110000000006'),
} as const;
export type HomeEntity = keyof typeof euis;

export const shortAddresses: Readonly<Record<HomeEntity, number>> = {
  gpf: hubShortAddress,
  chf: hubShortAddress,
  esme: 0x4f21,
  gsme: 0x8a32,
  ppmid: 0x1b43,
  ihd: 0xc354,
};

export interface HanHome {
  readonly air: Air;
  readonly neighbours: Neighbours;
  readonly nodes: Readonly<Record<'hub' | Exclude<HomeEntity, 'gpf' | 'chf'>, HanNode>>;
  readonly entities: Readonly<Record<HomeEntity, HanEntity>>;
  /** Every frame that went to the bus, in order. */
  readonly frames: Uint8Array[];
  nowMs: number;
}

/**
 * A joined home whose bus hands every frame straight back, after `onFrame` has seen (and may have
 * replaced) it.
 */
export function hanHome(onFrame: (psdu: Uint8Array) => Uint8Array[] = (psdu) => [psdu]): HanHome {
  const frames: Uint8Array[] = [];
  const air = new Air((psdu, { sender }) => {
    frames.push(psdu);
    for (const heard of onFrame(psdu)) air.receive(heard, sender);
  });
  const entityEndpoints: Readonly<Record<HomeEntity, readonly [number, ...number[]]>> = {
    gpf: [endpoints.gasSupplyInterface, endpoints.gasMirror],
    chf: [endpoints.commsHub],
    esme: [endpoints.device],
    gsme: [endpoints.device],
    ppmid: [endpoints.device],
    ihd: [endpoints.device],
  };
  const names = Object.keys(euis) as HomeEntity[];
  const neighbours = new Neighbours(
    names.map((name) => ({
      entity: euis[name],
      shortAddress: shortAddresses[name],
      endpoints: entityEndpoints[name],
    })),
  );
  const node = (name: HomeEntity): HanNode => {
    const made = new HanNode({
      medium: air,
      panId,
      shortAddress: shortAddresses[name],
      eui: euis[name],
      neighbours,
      nowMs: () => home.nowMs,
    });
    air.attach(made);
    return made;
  };
  const nodes = {
    hub: node('gpf'),
    esme: node('esme'),
    gsme: node('gsme'),
    ppmid: node('ppmid'),
    ihd: node('ihd'),
  };
  const entity = (name: HomeEntity, on: HanNode): HanEntity =>
    on.addEntity(euis[name], entityEndpoints[name]);
  const entities = {
    gpf: entity('gpf', nodes.hub),
    chf: entity('chf', nodes.hub),
    esme: entity('esme', nodes.esme),
    gsme: entity('gsme', nodes.gsme),
    ppmid: entity('ppmid', nodes.ppmid),
    ihd: entity('ihd', nodes.ihd),
  };
  const home: HanHome = { air, neighbours, nodes, entities, frames, nowMs: 0 };
  return home;
}
