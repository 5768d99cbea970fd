"""Posts questions from a process of its own: `api_load HOST PATH SECONDS N KIND TOKEN`.

Prints how many were answered and the seconds that each took.
"""

import http.client
import json
import random
import sys
import threading
import time

MODELS = ("508", "511", "512", "515", "522", "522K", "523", "523K", "712", "722", "723", "754")
VERSIONS = ("1.6B", "2.3A", "2.4A", "2.5A", "2.6A")


def device(chance: random.Random, kind: str) -> dict[str, str]:
    """Return a pump of a clinic's list, or one like no other."""
    told = {
        "manufacturer": "Medtronic",
        "model": chance.choice(MODELS),
        "software_version": chance.choice(VERSIONS),
        "serial": f"ZW{chance.randrange(10**8):08}",
    }
    if kind == "strangers":
        told["lot"] = f"L{chance.randrange(10**9)}"
    return told


def main() -> None:
    host, path, seconds, n_callers, kind, token = sys.argv[1:]
    chance = random.Random(7)
    bodies = [json.dumps(device(chance, kind)).encode() for _ in range(4000)]
    headers = {"Content-Type": "application/json"}
    if token != "-":
        headers["Authorization"] = f"Bearer {token}"
    took: list[float] = []
    until = time.monotonic() + float(seconds)

    def ask(start: int) -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        number = start
        while time.monotonic() < until:
            number += 1
            begun = time.perf_counter()
            connection.request("POST", path, bodies[number % len(bodies)], headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            took.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=ask, args=(1000 * each,)) for each in range(int(n_callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(took))


if __name__ == "__main__":
    main()
