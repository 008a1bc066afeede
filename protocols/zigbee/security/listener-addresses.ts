import type { Eui64 } from '../../codec/eui64.js';
import type { ApsCommand } from '../aps-command.js';
import type { MacHeader } from '../ieee802154.js';
import type { MacCommand } from '../mac-command.js';
import { isNwkBroadcast, type NwkHeader } from '../nwk.js';
import type { NwkCommand } from '../nwk-command.js';
import type { ZdoMessage } from '../zdo/zdo.js';

/** More than the nodes of a home, for as long as anybody listens. Our choice. */
const addressesMax = 256;

/** Which node has which short address, as far as the frames of a network tell who only listens. */
export class ListenerAddresses {
  private readonly euis = new Map<number, Eui64>();
  /** Where the last device asked for an address: the answer says whose that is. */
  private asked: { readonly device: Eui64; readonly parent: number } | undefined;

  euiOf(shortAddress: number): Eui64 | undefined {
    return this.euis.get(shortAddress);
  }

  learn(shortAddress: number, eui: Eui64): void {
    if (isNwkBroadcast(shortAddress)) return;
    if (!this.euis.has(shortAddress) && this.euis.size >= addressesMax) {
      const [oldest] = this.euis.keys();
      if (oldest !== undefined) this.euis.delete(oldest);
    }
    this.euis.set(shortAddress, eui);
  }

  learnFromMacCommand({ source, destination }: MacHeader, command: MacCommand): void {
    if (command.command === 'association-request') {
      const known = typeof source === 'string' && typeof destination === 'number';
      this.asked = known ? { device: source, parent: destination } : undefined;
    } else if (command.command === 'association-response' && typeof destination === 'string') {
      if (command.status === 0) this.learn(command.shortAddress, destination);
      if (this.asked?.device !== destination) return;
      if (typeof source === 'string') this.learn(this.asked.parent, source);
      this.asked = undefined;
    }
  }

  learnFromNwkHeader(header: NwkHeader): void {
    const { source, sourceEui, destination, destinationEui } = header;
    if (sourceEui !== undefined) this.learn(source, sourceEui);
    if (destinationEui !== undefined) this.learn(destination, destinationEui);
  }

  learnFromNwkCommand(header: NwkHeader, command: NwkCommand): void {
    const { destinationEui } = header;
    if (command.command !== 'rejoin-response' || destinationEui === undefined) return;
    if (command.status === 0) this.learn(command.shortAddress, destinationEui);
  }

  learnFromApsCommand(command: ApsCommand): void {
    if (command.command === 'update-device') this.learn(command.shortAddress, command.device);
  }

  learnFromZdo({ name, fields }: ZdoMessage): void {
    const answered = name === 'NWK_addr_rsp' || name === 'IEEE_addr_rsp';
    if (name === 'Device_annce' || (answered && fields.status === 0)) {
      this.learn(fields.nwkAddress, fields.ieeeAddress);
    }
  }
}
