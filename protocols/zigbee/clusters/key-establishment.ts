import type { ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';

/** A certificate, at the end: its length goes by the suite. */
const initiate: Layout = {
  keyEstablishmentSuite: 'map16',
  ephemeralDataGenerateTime: 'uint8',
  confirmKeyGenerateTime: 'uint8',
  identity: 'bytes',
};

const terminate = {
  name: 'TerminateKeyEstablishment',
  fields: { statusCode: 'enum8', waitTime: 'uint8', keyEstablishmentSuite: 'map16' },
} as const;

const toServer: CommandTable = {
  0: { name: 'InitiateKeyEstablishmentRequest', fields: initiate },
  1: { name: 'EphemeralDataRequest', fields: { ephemeralData: 'bytes' } },
  2: { name: 'ConfirmKeyDataRequest', fields: { secureMessageAuthenticationCode: 'key128' } },
  3: terminate,
};

const toClient: CommandTable = {
  0: { name: 'InitiateKeyEstablishmentResponse', fields: initiate },
  1: { name: 'EphemeralDataResponse', fields: { ephemeralData: 'bytes' } },
  2: { name: 'ConfirmKeyDataResponse', fields: { secureMessageAuthenticationCode: 'key128' } },
  3: terminate,
};

/**
 * Key Establishment: how two devices that hold certificates of one authority come to a link key.
 * Times are seconds. In `keyEstablishmentSuite` bit 0 is suite 1 and bit 1 suite 2.
 */
export const keyEstablishment: ClusterDefinition = {
  id: 0x0800,
  name: 'KeyEstablishment',
  attributes: { 0: ['KeyEstablishmentSuite', 'enum16'] },
  clientAttributes: { 0: ['KeyEstablishmentSuite', 'enum16'] },
  toServer,
  toClient,
};
