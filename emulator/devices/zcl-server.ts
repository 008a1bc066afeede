import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import {
  decodeZclFrame,
  disablesDefaultResponse,
  encodeZclFrame,
} from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { executeZcl, generalCommandIds, type ZclDevice } from '../functions/zcl-interpreter.js';
import type { ZclModel } from '../functions/zcl-model.js';
import type { DeviceHost } from './device.js';

export interface ZclServerParts<S> {
  readonly model: ZclModel<S>;
  readonly device: S;
  readonly host: DeviceHost;
  readonly nowMs: () => number;
}

/** Server side of a device's clusters on the home network: what displays ask, answered from the model. */
export class ZclServer<S extends ZclDevice> {
  dropped = 0;

  constructor(private readonly parts: ZclServerParts<S>) {}

  /** Executes a request of `from` and sends the answers; anything that is no request is counted and dropped. */
  receive(from: Eui64, clusterId: number, bytes: Uint8Array): void {
    const { model, device, host, nowMs } = this.parts;
    try {
      const frame = decodeZclFrame(bytes);
      const { frameControl, commandId } = frame;
      if (commandId === generalCommandIds.defaultResponse && (frameControl & 0x03) === 0) return;
      const fields = decodeZclPayload(clusterId, frameControl, commandId, frame.payload);
      const request = { clusterId, frameControl, commandId, fields };
      for (const reply of executeZcl(model, { device, nowMs: nowMs(), from }, request).replies) {
        const silent =
          reply.commandId === generalCommandIds.defaultResponse &&
          disablesDefaultResponse(frameControl);
        if (silent) continue;
        const payload = encodeZclPayload(
          clusterId,
          reply.frameControl,
          reply.commandId,
          reply.fields,
        );
        host.sendZcl(
          from,
          clusterId,
          encodeZclFrame({
            frameControl: reply.frameControl,
            sequenceNumber: frame.sequenceNumber,
            commandId: reply.commandId,
            payload,
          }),
        );
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped++;
      host.event('frame-dropped', { from, clusterId, reason: error.message });
    }
  }
}
