import { createSocket, type Socket } from 'node:dgram';

/** Only this machine: what is fed are the readings of homes. */
const loopback = '127.0.0.1';
/** Datagrams given to the socket and not yet gone; one more is left out. */
const underWayMax = 1_024;

/** Sends datagrams to a port of this machine, whether anybody listens or not. */
export class UdpFeed {
  /** Datagrams that were not sent. */
  leftOut = 0;
  private readonly socket: Socket;
  private underWay = 0;
  private ended: (() => void) | undefined;

  constructor(readonly port: number) {
    this.socket = createSocket('udp4');
    this.socket.on('error', () => {
      this.leftOut++;
    });
  }

  /** False if it was left out. */
  send(datagram: Uint8Array): boolean {
    if (this.ended !== undefined || this.underWay >= underWayMax) {
      this.leftOut++;
      return false;
    }
    this.underWay++;
    this.socket.send(datagram, this.port, loopback, (error) => {
      if (error) this.leftOut++;
      this.underWay--;
      if (this.underWay === 0) this.ended?.();
    });
    return true;
  }

  /** Resolves when all has gone. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.ended = resolve;
      if (this.underWay === 0) resolve();
    });
    this.socket.close();
  }
}
