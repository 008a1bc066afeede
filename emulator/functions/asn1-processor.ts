import { type Asn1Payload, decodeAsn1, encodeAsn1 } from '../../protocols/asn1/structures.js';
import type { CommandContext, PayloadProcessor, ResponseContent } from './payload-processor.js';

export type Asn1Value = Asn1Payload['value'];

/** Behaviour of one ASN.1 use case: from the value of its command to the value of its response. */
export interface Asn1UseCase<S> {
  readonly execute: (device: S, command: Asn1Value, context: CommandContext) => Asn1Value;
  /**
   * The official responses of some use cases write every length from 128 on as `82 00 nn`. Whether fielded devices do
   * is unknown ([mem?], asn1.md 1), hence named here.
   */
  readonly lengths?: Asn1Payload['lengths'];
}

export interface Asn1Parts<S> {
  readonly device: S;
  readonly useCases: ReadonlyMap<string, Asn1UseCase<S>>;
}

/** Executes the ASN.1 use cases: credentials, joins, firmware, the gas meter's clock. */
export class Asn1Processor<S> implements PayloadProcessor {
  constructor(private readonly parts: Asn1Parts<S>) {}

  supports(useCase: string): boolean {
    return this.parts.useCases.has(useCase);
  }

  execute(content: Uint8Array, context: CommandContext): ResponseContent {
    const { code } = context.command;
    const useCase = this.parts.useCases.get(code.useCase) as Asn1UseCase<S>;
    const { value } = decodeAsn1(content, code.code, 'command');
    const answer: Asn1Payload = {
      kind: 'asn1',
      structure: `${code.useCase} response`,
      value: useCase.execute(this.parts.device, value, context),
      ...(useCase.lengths === undefined ? {} : { lengths: useCase.lengths }),
    };
    return { content: encodeAsn1(answer, code.code, 'response'), results: ['answered'] };
  }
}
