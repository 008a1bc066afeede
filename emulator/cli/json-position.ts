/**
 * Where a text stops being JSON: the position of the first character that cannot stand there, or the text's length if it
 * ends too early. `JSON.parse` says it only for some errors, in words that change with the engine.
 *
 * Only for texts that `JSON.parse` refuses.
 */
export function jsonErrorAt(text: string): number {
  const scan = new Scan(text);
  return scan.run();
}

const space = /[ \t\n\r]*/y;
const word = /true|false|null/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Up to the quote at its end, or the first character that no string holds (control characters among them). */
const stringBody = /(?:[ !#-[\]-\uffff]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

type Place = 'value' | 'first-value' | 'key' | 'first-key' | 'after';

class Scan {
  private at = 0;
  private readonly open: ('[' | '{')[] = [];

  constructor(private readonly text: string) {}

  run(): number {
    let place: Place | undefined = 'value';
    while (place !== undefined) {
      this.take(space);
      place = this.step(place);
    }
    return this.at;
  }

  /** What may come next; undefined where the text goes wrong, at `at`. */
  private step(place: Place): Place | undefined {
    const next = this.text[this.at];
    if (place === 'after') return this.after(next);
    if ((place === 'first-key' && next === '}') || (place === 'first-value' && next === ']')) {
      return this.close();
    }
    if (place === 'key' || place === 'first-key') return this.key(next);
    if (next === '{' || next === '[') {
      this.at++;
      this.open.push(next);
      return next === '{' ? 'first-key' : 'first-value';
    }
    if (next === '"') return this.string() ? 'after' : undefined;
    return this.take(word) || this.take(number) ? 'after' : undefined;
  }

  private after(next: string | undefined): Place | undefined {
    const inside = this.open.at(-1);
    if (inside === undefined) return undefined;
    if (next === (inside === '{' ? '}' : ']')) return this.close();
    if (next !== ',') return undefined;
    this.at++;
    return inside === '{' ? 'key' : 'value';
  }

  private close(): Place {
    this.at++;
    this.open.pop();
    return 'after';
  }

  private key(next: string | undefined): Place | undefined {
    if (next !== '"' || !this.string()) return undefined;
    this.take(space);
    if (this.text[this.at] !== ':') return undefined;
    this.at++;
    return 'value';
  }

  private string(): boolean {
    this.at++;
    this.take(stringBody);
    if (this.text[this.at] !== '"') return false;
    this.at++;
    return true;
  }

  /** Whether the pattern takes at least one character. */
  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const [taken = ''] = pattern.exec(this.text) ?? [];
    this.at += taken.length;
    return taken !== '';
  }
}
