import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { metering } from '../../../protocols/zigbee/clusters/metering.js';
import { prepayment } from '../../../protocols/zigbee/clusters/prepayment.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { commandNumber } from '../../functions/cluster-rows.js';
import { supplyStatuses } from '../../functions/supply-state.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import type { ZclClient, ZclQuestion } from '../zcl-client.js';
import type { GasOrders } from './gas-orders.js';
import { type MeterAnswer, statusAnswer, topUpAnswer } from './meter-answers.js';

/** OriginatingDevice of the Prepayment cluster: this is no meter and no head end (RTDS PCS01, PCS02). */
const prepaymentDisplay = 2;
/** Answers of these orders are default responses: there is no other. */
const noAnswerCommand = -1;

const orders = {
  topUp: {
    clusterId: prepayment.id,
    commandId: commandNumber(prepayment, 'server', 'ConsumerTopUp'),
    answerId: commandNumber(prepayment, 'client', 'ConsumerTopUpResponse'),
  },
  emergencyCredit: {
    clusterId: prepayment.id,
    commandId: commandNumber(prepayment, 'server', 'SelectAvailableEmergencyCredit'),
    answerId: noAnswerCommand,
  },
  enableSupply: {
    clusterId: metering.id,
    commandId: commandNumber(metering, 'server', 'LocalChangeSupply'),
    answerId: noAnswerCommand,
  },
} as const satisfies Readonly<Record<string, Omit<ZclQuestion, 'fields'>>>;

const creditActivated = 'emergency credit is activated';

/** A meter that a prepayment display gives orders to. `answered` may never be called. */
export interface OrderedMeter {
  topUp(utrn: string, answered: (answer: MeterAnswer) => void): void;
  activateEmergencyCredit(answered: (answer: MeterAnswer) => void): void;
}

/** The electricity meter, reached over the home network alone (PECS01 to PECS03). */
export class ElectricityOrders implements OrderedMeter {
  constructor(
    private readonly client: ZclClient,
    private readonly esme: Eui64,
    private readonly nowSeconds: () => number,
  ) {}

  topUp(utrn: string, answered: (answer: MeterAnswer) => void): void {
    const fields = { originatingDevice: prepaymentDisplay, topUpCode: utrn };
    this.order('topUp', fields, (answer, status) => answered(topUpAnswer(answer, status)));
  }

  activateEmergencyCredit(answered: (answer: MeterAnswer) => void): void {
    const fields = {
      commandIssueDateTime: this.nowSeconds(),
      originatingDevice: prepaymentDisplay,
    };
    this.order('emergencyCredit', fields, (_answer, status) =>
      answered(statusAnswer(creditActivated, status)),
    );
  }

  enableSupply(answered: (answer: MeterAnswer) => void): void {
    const fields = { proposedSupplyStatus: supplyStatuses.enabled };
    this.order('enableSupply', fields, (_answer, status) =>
      answered(statusAnswer('supply is on', status)),
    );
  }

  private order(
    name: keyof typeof orders,
    fields: GbzFields,
    take: (answer: GbzFields | undefined, status: number) => void,
  ): void {
    this.client.ask(this.esme, { ...orders[name], fields, isOrder: true }, take);
  }
}

/** The gas meter, by protected messages (PCS01, PCS02). */
export class GasMeterOrders implements OrderedMeter {
  constructor(private readonly messages: GasOrders) {}

  topUp(utrn: string, answered: (answer: MeterAnswer) => void): void {
    this.messages.send('PCS01', { utrn }, ({ commandId, fields = {} }) => {
      const refusal = commandId === generalCommandIds.defaultResponse;
      answered(
        refusal
          ? topUpAnswer(undefined, fields.status as number)
          : topUpAnswer(fields, zclStatuses.success),
      );
    });
  }

  activateEmergencyCredit(answered: (answer: MeterAnswer) => void): void {
    this.messages.send('PCS02', {}, ({ fields = {} }) =>
      answered(statusAnswer(creditActivated, fields.status as number)),
    );
  }
}
