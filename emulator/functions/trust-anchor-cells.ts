import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { CellUsage, KeyUsage, RemotePartyRole } from '../../protocols/gbcs/roles.js';

/** One cell of a device's trust anchor store: whose key a device trusts for what (device-behaviour.md 1.7). */
export interface TrustAnchorCell {
  readonly role: RemotePartyRole;
  readonly keyUsage: KeyUsage;
  readonly cellUsage: CellUsage;
  readonly entity: Eui64;
  /** 65-byte uncompressed point. */
  readonly publicKey: Uint8Array;
  /** 8 bytes as 16 hex digits. */
  readonly subjectKeyIdentifier: string;
}

/**
 * The trust anchor cells of one device. Devices of a fleet that trust the same parties share one instance: replacing a
 * credential makes a new one.
 */
export class TrustAnchorCells {
  private readonly rolesByEntity = new Map<Eui64, RemotePartyRole>();

  constructor(readonly cells: readonly TrustAnchorCell[]) {
    for (const cell of cells) this.rolesByEntity.set(cell.entity, cell.role);
  }

  /** The role under which the device knows `entity`; undefined for an unknown remote party. */
  roleOf(entity: Eui64): RemotePartyRole | undefined {
    return this.rolesByEntity.get(entity);
  }

  find(
    role: RemotePartyRole,
    keyUsage: KeyUsage,
    cellUsage: CellUsage = 'management',
  ): TrustAnchorCell | undefined {
    for (const cell of this.cells) {
      if (cell.role === role && cell.keyUsage === keyUsage && cell.cellUsage === cellUsage) {
        return cell;
      }
    }
    return undefined;
  }

  ofRole(role: RemotePartyRole): readonly TrustAnchorCell[] {
    return this.cells.filter((cell) => cell.role === role);
  }
}

const everyDevice = ['root', 'recovery', 'transitionalCoS'] as const;
const meter = [...everyDevice, 'supplier', 'networkOperator', 'accessControlBroker'] as const;
const display = [...everyDevice, 'supplier', 'accessControlBroker'] as const;

/**
 * Roles whose cells a device type holds. Partly [mem?] in the reference (GPF, PPMID, HCALCS), hence one table.
 */
export const rolesHeldBy: Readonly<Record<string, readonly RemotePartyRole[]>> = {
  esme: meter,
  gsme: meter,
  gpf: meter,
  chf: [...everyDevice, 'wanProvider', 'accessControlBroker'],
  ppmid: display,
  hcalcs: display,
  sapc: [...meter, 'loadController'],
};

/**
 * The cells of a device type, out of all that a PKI issues. Meters and displays hold only the key agreement cell of the
 * access control broker; the hub's two functions hold its signature cell as well. Only meters take top-ups.
 */
export function trustAnchorCellsOf(
  type: string,
  all: readonly TrustAnchorCell[],
): TrustAnchorCells {
  const roles = rolesHeldBy[type] ?? [];
  const onHub = type === 'chf' || type === 'gpf';
  const isMeter = type === 'esme' || type === 'gsme';
  return new TrustAnchorCells(
    all.filter((cell) => {
      if (!roles.includes(cell.role)) return false;
      if (cell.role === 'accessControlBroker' && cell.keyUsage === 'digitalSignature') return onHub;
      return cell.cellUsage === 'management' || isMeter;
    }),
  );
}
