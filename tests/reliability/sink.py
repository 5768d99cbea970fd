"""A mail server for the harness: keeps what it accepts on disk, then answers late, or misbehaves.

Run as a process: `python -m tests.reliability.sink FOLDER [OPTION=VALUE ...]`. It writes its port
to FOLDER/port, and a line per message it took to FOLDER/taken before it answers. About half of the
connections are offered to hand a message over as a chunk (RFC 3030). Options: `late_s`
(the longest wait before the answer to the final dot), `early_s` (the shortest), `faults` (how many
of a thousand verbs go wrong), `kinds` (drop: at MAIL and RCPT; drop_data, drop_after: behind the
final dot, the mail not taken or taken; 4xx; 5xx), `seed`.
"""

import asyncio
import os
import sys
from email import message_from_bytes
from pathlib import Path
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """What the server does at each verb."""

    def __init__(self, folder: Path, options: dict[str, str]) -> None:
        self._file = os.open(folder / "taken", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._rng = Random(int(options.get("seed", "1")))
        self._late_s = float(options.get("late_s", "0"))
        self._early_s = float(options.get("early_s", "0"))
        self._faults = float(options.get("faults", "0")) / 1000
        self._kinds = options.get("kinds", "drop,drop_data,4xx,5xx,drop_after").split(",")

    def _fault(self, *fitting: str) -> str:
        kinds = [kind for kind in self._kinds if kind in fitting]
        return self._rng.choice(kinds) if kinds and self._rng.random() < self._faults else ""

    async def _answer(self, server: SMTP, fault: str) -> str:
        if fault.startswith("drop"):
            assert server.transport is not None
            server.transport.abort()
            return "451 gone"
        return {"4xx": "451 4.3.0 not now", "5xx": "550 5.7.1 not at all"}[fault]

    async def handle_EHLO(  # noqa: N802 - aiosmtpd asks for it
        self, _server: SMTP, session: Session, _envelope: Envelope, name: str, told: list[str]
    ) -> list[str]:
        session.host_name = name
        return [told[0], "250-CHUNKING", *told[1:]] if self._rng.random() < 0.5 else told

    async def handle_MAIL(  # noqa: N802 - aiosmtpd asks for it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if fault := self._fault("drop", "4xx"):
            return await self._answer(server, fault)
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd asks for it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if fault := self._fault("drop", "4xx"):
            return await self._answer(server, fault)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd asks for it
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if fault := self._fault("drop_data", "4xx", "5xx"):
            return await self._answer(server, fault)
        assert isinstance(envelope.content, bytes)
        message_id = message_from_bytes(envelope.content)["Message-ID"]
        os.write(self._file, f"{message_id} {envelope.rcpt_tos[0]}\n".encode())
        await asyncio.sleep(self._rng.uniform(self._early_s, max(self._early_s, self._late_s)))
        if self._fault("drop_after"):
            return await self._answer(server, "drop")
        return "250 2.0.0 taken"


class ChunkServer(SMTP):
    """A server that takes a message in one chunk, too."""

    async def smtp_BDAT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd asks for it
        size, last = arg.split()
        assert self.envelope is not None
        assert self.envelope.rcpt_tos
        assert last == "LAST"
        self.envelope.content = await self._reader.readexactly(int(size))
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)


async def serve(folder: Path, options: dict[str, str]) -> None:
    sink = Sink(folder, options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: ChunkServer(sink, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (folder / "port.partial").write_text(str(port))
    (folder / "port.partial").rename(folder / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), dict(each.split("=", 1) for each in sys.argv[2:])))
