import { type Codec, decodeWith } from '../codec/codec.js';
import { CodecError } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import type { Trace } from '../codec/trace.js';
import { type Writer, written } from '../codec/writer.js';
import { accessRequest, accessRequestTag } from './access-request.js';
import { accessResponse, accessResponseTag } from './access-response.js';
import type { DlmsApdu } from './apdu-types.js';
import { dataNotification, dataNotificationTag } from './data-notification.js';

function readApdu(reader: Reader): DlmsApdu {
  const tag = reader.peek();
  switch (tag) {
    case accessRequestTag:
      return accessRequest.decode(reader);
    case accessResponseTag:
      return accessResponse.decode(reader);
    case dataNotificationTag:
      return dataNotification.decode(reader);
    default:
      reader.need(1);
      return reader.fail(
        `0x${tag.toString(16).padStart(2, '0')} is not the tag of an access-request, ` +
          'access-response or data-notification',
      );
  }
}

function writeApdu(writer: Writer, apdu: DlmsApdu): void {
  if (typeof apdu !== 'object' || apdu === null) writer.fail('not a DLMS APDU');
  switch (apdu.kind) {
    case 'access-request':
      accessRequest.encode(writer, apdu);
      break;
    case 'access-response':
      accessResponse.encode(writer, apdu);
      break;
    case 'data-notification':
      dataNotification.encode(writer, apdu);
      break;
    default:
      throw new CodecError('kind', writer.offset, 'not the kind of an APDU that GBCS uses');
  }
}

/** The three APDUs by their tag: 0xD9, 0xDA, 0x0F. @see dlms.md 1 */
export const dlmsApdu: Codec<DlmsApdu> = { decode: readApdu, encode: writeApdu };

/** Decodes all of `bytes`; throws CodecError with paths like `items[3].data[1]`. */
export function decodeDlmsApdu(bytes: Uint8Array, trace?: Trace): DlmsApdu {
  return decodeWith(dlmsApdu, bytes, '', trace);
}

/** Accepts untrusted JSON: whatever is not an APDU throws CodecError. Names in it are ignored. */
export function encodeDlmsApdu(apdu: DlmsApdu): Uint8Array {
  return written((writer) => writeApdu(writer, apdu));
}
