"""A TCP relay that delays bytes by half a round trip each way: `relay.py PORT ROUND_TRIP_MS` prints its own port."""

from __future__ import annotations

import asyncio
import sys


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Passes bytes on in order, each `delay` seconds after it came; the line stays as wide as it is."""
    loop = asyncio.get_running_loop()
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def late() -> None:
        while True:
            due, data = await line.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    sending = asyncio.create_task(late())
    data = b"."
    while data:
        try:
            data = await reader.read(1 << 16)
        except OSError:
            data = b""
        line.put_nowait((loop.time() + delay, data))
    await asyncio.gather(sending, return_exceptions=True)


async def main(port: int, round_trip: float) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        both = (_carry(reader, far_writer, round_trip / 2), _carry(far_reader, writer, round_trip / 2))
        await asyncio.gather(*both)

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) / 1000))
