import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import type { DeviceType, MessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import { rolesHeldBy } from '../functions/trust-anchor-cells.js';
import { UsageError } from '../ports/errors.js';
import { type AccessControlBroker, hasVariants, speaksForItself } from './access-control-broker.js';
import type { ServiceUser } from './service-user.js';

/** Who is the originator of a command, and for whom it speaks if not for itself. */
export interface ChosenOriginator {
  readonly speaker: ServiceUser;
  readonly onBehalfOf: ServiceUser | undefined;
}

/** The parties of a head end, and the choice among them. */
export class Originators {
  private readonly byEntity = new Map<Eui64, ServiceUser>();
  private readonly byRole = new Map<RemotePartyRole, ServiceUser>();
  /** In order of preference: suppliers first, then as given. */
  private readonly users: readonly ServiceUser[];

  /** Of several parties of one role the first is meant when the role is asked for. */
  constructor(
    users: readonly ServiceUser[],
    private readonly broker: AccessControlBroker,
  ) {
    const isSupplier = (user: ServiceUser): boolean => user.party.role === 'supplier';
    this.users = [...users.filter(isSupplier), ...users.filter((user) => !isSupplier(user))];
    for (const user of [...this.users, broker]) {
      this.byEntity.set(user.party.eui, user);
      if (!this.byRole.has(user.party.role)) this.byRole.set(user.party.role, user);
    }
  }

  /** A party by role or entity identifier. */
  find(roleOrEntity: string): ServiceUser | undefined {
    return (
      this.byEntity.get(roleOrEntity as Eui64) ?? this.byRole.get(roleOrEntity as RemotePartyRole)
    );
  }

  /**
   * The party that may originate this use case: the one wanted, or the first that may, suppliers preferred (but the
   * broker where it may choose the form). One that may not, but whom the broker may speak for, is spoken for.
   *
   * @throws UsageError for a party that does not exist. Whether it may at all is the broker's judgement.
   */
  choose(
    code: MessageCode,
    target: DeviceType,
    wanted?: RemotePartyRole | Eui64,
  ): ChosenOriginator {
    const may = this.mayOriginate(code, target);
    if (wanted === undefined) return this.byDefault(code, may);
    const user = this.find(wanted);
    if (user === undefined) {
      const known = [...this.byEntity.values()].map(({ party }) => `${party.role} ${party.eui}`);
      throw new UsageError(`no party '${wanted}'; known are ${known.join(', ')}`);
    }
    if (user === this.broker) return this.spokenByBroker(code, this.users[0]);
    const spokenFor = !may(user) && code.roles.includes('accessControlBroker');
    return spokenFor ? this.spokenByBroker(code, user) : { speaker: user, onBehalfOf: undefined };
  }

  /** A role must be allowed the use case, and be known to the kind of device: a hub knows no supplier. */
  private mayOriginate(code: MessageCode, target: DeviceType): (user: ServiceUser) => boolean {
    const known = rolesHeldBy[target];
    return ({ party }) => code.roles.includes(party.role) && (known?.includes(party.role) ?? true);
  }

  private byDefault(code: MessageCode, may: (user: ServiceUser) => boolean): ChosenOriginator {
    const brokerMay = code.roles.includes('accessControlBroker');
    const allowed = this.users.find(may);
    if (brokerMay && (allowed === undefined || hasVariants(code))) {
      return this.spokenByBroker(code, this.users[0]);
    }
    if (allowed !== undefined) return { speaker: allowed, onBehalfOf: undefined };
    const have = this.users.map((user) => user.party.role).join(', ');
    throw new UsageError(
      `${code.useCase} may be sent by ${code.roles.join(', ') || 'nobody'}; here are ${have}`,
    );
  }

  private spokenByBroker(code: MessageCode, user: ServiceUser | undefined): ChosenOriginator {
    return { speaker: this.broker, onBehalfOf: speaksForItself(code) ? undefined : user };
  }
}
