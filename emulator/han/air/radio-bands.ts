/** What the two frequency bands of a smart metering home give a radio. */
export interface RadioBand {
  readonly name: '2.4 GHz' | 'sub-GHz';
  /** Time of one octet on the air. */
  readonly octetUs: number;
  /** From receiving to sending, or from sensing to sending. */
  readonly turnaroundUs: number;
  /** Unit of the random wait before a radio senses the channel. */
  readonly backoffUs: number;
  readonly transmitPowerDbm: number;
  /** Below this nothing is received, however quiet the channel is. */
  readonly sensitivityDbm: number;
  /** A frame must be so much stronger than noise and other frames to be received at all. */
  readonly signalToNoiseDb: number;
  /** Energy from which on a radio takes the channel for occupied. */
  readonly occupiedDbm: number;
  /** Loss over the first metre, free space. */
  readonly lossAtMetreDb: number;
}

/**
 * Page 0: 250 kbit/s in symbols of 16 µs; turnaround 12 symbols, backoff 20 symbols. Power and
 * sensitivity are those of usual chips; IEEE 802.15.4 asks for -85 dBm or better, and for an
 * occupied channel to be seen 10 dB above that.
 */
const twoPointFour: RadioBand = {
  name: '2.4 GHz',
  octetUs: 32,
  turnaroundUs: 192,
  backoffUs: 320,
  transmitPowerDbm: 8,
  sensitivityDbm: -97,
  signalToNoiseDb: 3,
  occupiedDbm: -75,
  lossAtMetreDb: 40,
};

/**
 * Pages 28 to 31: 100 kbit/s, turnaround 1 ms, backoff the turnaround and 8 symbols of 10 µs, 25 mW.
 * [mem]
 */
const subGhz: RadioBand = {
  name: 'sub-GHz',
  octetUs: 80,
  turnaroundUs: 1_000,
  backoffUs: 1_080,
  transmitPowerDbm: 14,
  sensitivityDbm: -105,
  signalToNoiseDb: 10,
  occupiedDbm: -80,
  lossAtMetreDb: 31,
};

export const subGhzPageMin = 28;

export function isSubGhz(page: number): boolean {
  return page >= subGhzPageMin;
}

export function bandOf(page: number): RadioBand {
  return isSubGhz(page) ? subGhz : twoPointFour;
}

/**
 * Preamble, start of frame and length: six octets at 2.4 GHz; taken for sub-GHz as well. [mem]
 */
const leadingOctets = 6;
const checkSequenceOctets = 2;

/** How long a frame occupies the air; `octets` of PSDU without its frame check sequence. */
export function airtimeUs(page: number, octets: number): number {
  return (leadingOctets + octets + checkSequenceOctets) * bandOf(page).octetUs;
}

const acknowledgmentOctets = 3;

/** From the end of a frame to the end of its acknowledgment. */
export function acknowledgmentUs(page: number): number {
  return bandOf(page).turnaroundUs + airtimeUs(page, acknowledgmentOctets);
}
