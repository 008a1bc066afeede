import { utrnLength } from '../../protocols/gbcs/utrn-digits.js';
import type { DeviceKey, Fuel } from '../devices/device.js';

/** What a key on the keyboard asks for. */
export type KeyAction = { readonly press: DeviceKey } | 'quit' | undefined;

const ctrlC = '\x03';
const ctrlD = '\x04';
const escapeKey = '\x1b';
const enter = ['\r', '\n'];
const backspace = ['\x7f', '\b'];
/** An arrow or function key: one sequence, not an escape and letters. */
const escapeSequence = new RegExp(`${escapeKey}[[O][0-9;]*[A-Za-z~]`, 'g');

/** Turns keyboard input into keys of a display. Digits of a top-up gather here until Enter. */
export class DisplayKeys {
  /** Whose meter top-up and emergency credit are for. */
  fuel: Fuel = 'electricity';
  private digits: string | undefined;

  /** `hasKeys`: a display without any only lets one quit. */
  constructor(private readonly hasKeys: boolean) {}

  /** All actions in a piece of input: a paste comes at once. */
  take(input: string): readonly KeyAction[] {
    return [...input.replace(escapeSequence, '')].map((character) => this.key(character));
  }

  private key(character: string): KeyAction {
    if (character === ctrlC || character === ctrlD) return 'quit';
    if (this.digits !== undefined) return this.typed(character, this.digits);
    if (character === 'q' || character === escapeKey) return 'quit';
    if (!this.hasKeys) return undefined;
    const { fuel } = this;
    switch (character.toLowerCase()) {
      case 'e':
        return { press: { key: 'emergency-credit', fuel } };
      case 's':
        return { press: { key: 'enable-supply' } };
      case 'a':
        return { press: { key: 'acknowledge' } };
      case 'g':
        this.fuel = fuel === 'gas' ? 'electricity' : 'gas';
        return undefined;
      case 't':
        this.digits = '';
        return undefined;
      default:
        return undefined;
    }
  }

  private typed(character: string, digits: string): KeyAction {
    if (character === escapeKey) {
      this.digits = undefined;
    } else if (backspace.includes(character)) {
      this.digits = digits.slice(0, -1);
    } else if (enter.includes(character)) {
      if (digits.length !== utrnLength) return undefined;
      this.digits = undefined;
      return { press: { key: 'top-up', utrn: digits, fuel: this.fuel } };
    } else if (/\d/.test(character) && digits.length < utrnLength) {
      this.digits = digits + character;
    }
    return undefined;
  }

  /** What the keys do now, for the foot of the display. */
  help(): string {
    if (!this.hasKeys) return 'q quit';
    if (this.digits === undefined) {
      const other = this.fuel === 'gas' ? 'electricity' : 'gas';
      return `[${this.fuel}]  e emergency credit  t top up  s supply on  a acknowledge  g ${other}  q quit`;
    }
    const shown = this.digits.padEnd(utrnLength, '_').replace(/.{4}(?=.)/g, '$& ');
    return `top-up for ${this.fuel}: ${shown}  Enter sends, Esc gives up`;
  }
}
