"""The health check of a container of ours: whether an address on loopback answers 200.

    python probe.py PORT PATH

It needs the standard library alone, and a twentieth of the time that importing filrouge would take.
"""

import http.client
import sys

_TIMEOUT_S = 4


def main(port: str, path: str) -> int:
    """0 when it answers 200, else 1, and what it said or did on standard output."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        print(answer.status, answer.read(1000).decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        print(repr(error))
        return 1
    return int(answer.status != http.client.OK)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
