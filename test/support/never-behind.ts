import type { Medium } from '../../emulator/han/air/radio.js';

/** A medium whose frames, where a test loses some, were lost on the air: no bus that is behind is waited for. */
export function neverBehind(medium: Medium): Medium {
  return {
    attach: (radio) => medium.attach(radio),
    detach: (radio) => medium.detach(radio),
    transmit: (radio, psdu, on) => medium.transmit(radio, psdu, on),
    energyOn: (channel) => medium.energyOn(channel),
  };
}
