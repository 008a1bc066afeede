import { MessageHan } from '../../emulator/han/message-han.js';
import { Directory } from '../../emulator/han/stack/directory.js';
import type { HanEntity } from '../../emulator/han/stack/han-entity.js';
import { toHex } from '../../protocols/codec/hex.js';
import {
  entityEndpoints,
  euis,
  type HomeEntity,
  homeEntities,
  radioOf,
  radios,
} from './joined-home.js';

export interface MessageHome {
  readonly han: MessageHan;
  readonly entities: Readonly<Record<HomeEntity, HanEntity>>;
  /** Every ZCL frame that was sent, in order. */
  readonly sent: string[];
}

/** A home whose devices speak whole ZCL frames to each other, without an air. */
export function messageHome(): MessageHome {
  const sent: string[] = [];
  const han = new MessageHan(
    new Directory(
      homeEntities.map((name) => ({
        entity: euis[name],
        type: name,
        radio: radios[radioOf(name)].eui,
        endpoints: entityEndpoints[name],
        sleepy: name === 'gsme',
        band: '2g4',
      })),
    ),
  );
  const entity = (name: HomeEntity): HanEntity => {
    const made = han.entityOf(euis[name]);
    const send = made.sendZcl.bind(made);
    made.sendZcl = (destination, clusterId, zcl, endpoint) => {
      sent.push(toHex(zcl));
      return send(destination, clusterId, zcl, endpoint);
    };
    return made;
  };
  const entities = Object.fromEntries(homeEntities.map((name) => [name, entity(name)])) as Record<
    HomeEntity,
    HanEntity
  >;
  return { han, entities, sent };
}
