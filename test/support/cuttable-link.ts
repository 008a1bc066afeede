import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay to `port` on loopback whose connections the test can cut. */
export interface CuttableLink {
  readonly url: string;
  /** Breaks all connections; new ones pass again once `mend` is called. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function cuttableLink(brokerUrl: string): Promise<CuttableLink> {
  const target = Number(new URL(brokerUrl).port);
  const sockets = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A cut is meant to look like an error to whoever is connected.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    keep(near);
    if (!whole) {
      near.destroy();
      return;
    }
    const far = keep(connect(target, '127.0.0.1'));
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    cut,
    mend: () => {
      whole = true;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
