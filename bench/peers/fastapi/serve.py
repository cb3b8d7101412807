# SPDX-License-Identifier: MIT
"""uvicorn with a process for each core on one port: serve.py PORT

`uvicorn --workers` makes a listening socket of no named protocol, for which asyncio does not set TCP_NODELAY: each answer then waits 40 ms for an acknowledgement,
and 16 clients get 360 answers a second instead of some thousand. Here the socket is said to be TCP."""
import os
import socket
import sys

import uvicorn

with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(1024)
    for _ in range(os.cpu_count() - 1):
        if os.fork() == 0:
            break
    uvicorn.Server(uvicorn.Config("main:app", access_log=False, log_level="warning")).run(sockets=[listener])
