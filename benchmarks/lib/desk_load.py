"""Visitors of a page in a process of their own: for some seconds, latencies as JSON.

They post what they are given; without a body they only look.

Run: python -m benchmarks.lib.desk_load HOST:PORT PATH SECONDS VISITORS BODY COOKIE
"""

import http.client
import json
import sys
import threading
import time


def visit(host: str, path: str, until: float, body: str, cookie: str, told: list[float]) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie,
    }
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.request("POST" if body else "GET", path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        told.append(time.perf_counter() - began)
    connection.close()


def main() -> None:
    host, path, seconds, visitors, body, cookie = sys.argv[1:]
    told: list[float] = []
    until = time.monotonic() + float(seconds)
    threads = [
        threading.Thread(target=visit, args=(host, path, until, body, cookie, told))
        for _ in range(int(visitors))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
