# SPDX-License-Identifier: MIT
"""What is measured. Each section is a generator of rows, and its first line of text is its title."""
import os
import re
import subprocess
import time
from statistics import median

import figures
import load
import sections_flat
import sections_guard
import sections_refresh
import sites
from report import Row

AUTHZ = "HTTP_AUTHORIZATION=Bearer "


def _servers(setup):
    """Name, and how a site of a program is put behind it."""
    def apache(site):
        return site.apache("proxy", "apache-conf/proxy-fcgi.conf")
    return {"lighttpd": lambda site: site.lighttpd(), "nginx, kept": lambda site: site.nginx(kept=True),
            "nginx": lambda site: site.nginx(), "Apache mod_proxy_fcgi": apache}


def _batch(site):
    """The same site, its workers under the scheduling policy that ours choose by themselves."""
    for pid in site.workers():
        subprocess.run(["chrt", "--batch", "--pid", "0", str(pid)], check=True)
    return site


def against_bare(setup, quick):
    """A token seen before, and the public endpoint, against the bare program behind the same server"""
    count, seconds = (3, 1) if quick else (15, 1)
    servers = list(_servers(setup).items())
    for server, start in servers[:1] if quick else servers:
        for path, token, cpu_goal, rate_goal in (("/private", setup.token, 1.05, 0.95), ("/public", None, 1.03, 0.97)):
            def site(name, program, server=server, start=start, path=path):
                return start(setup.installation(f"{server}: {name}", program, path))
            made = {"ours": lambda site=site: site("bearer.fcgi", "bearer.fcgi"), "bare": lambda site=site: site("bare", "bare"),
                    "again": lambda site=site: site("bare again", "bare"), "alike": lambda site=site: _batch(site("bare alike", "bare"))}
            runs = load.in_turn(made, "/api" + path, seconds, count, token, {"ours"})

            def ratio(which, what, base="bare", runs=runs):
                return figures.ratio([(getattr(a, what), getattr(b, what)) for a, b in zip(runs[which], runs[base])])
            cpu, rate = ratio("ours", "cpu"), ratio("ours", "rate")
            title = f"{server}, {path}"
            per = sum(run.cpu for run in runs["ours"]) / count * 1e6
            yield Row("Against the bare program", f"{title}: CPU time of a request", str(cpu), f"at most {cpu_goal}", figures.at_most(cpu, cpu_goal),
                      f"A/A {ratio('again', 'cpu')}; {per:.1f} µs; to the bare program under SCHED_BATCH {ratio('ours', 'cpu', 'alike')}")
            yield Row("Against the bare program", f"{title}: requests per second", str(rate), f"at least {rate_goal}", figures.at_least(rate, rate_goal),
                      f"A/A {ratio('again', 'rate')}; {load.counted(runs['ours'])}")


def peers(setup, quick):
    """The private endpoint, a token seen before, beside other ways to write it"""
    seconds, count = (1, 1) if quick else (4, 5)

    def fastify():
        return sites.Peer("fastify", setup.fresh(), setup.subject).node(setup, "fastify")

    made = {
        "bearer.fcgi, lighttpd": lambda: setup.installation("lighttpd").lighttpd(),
        "bearer.fcgi, nginx, kept": lambda: setup.installation("nginx").nginx(kept=True),
        "bearer.fcgi, nginx": lambda: setup.installation("nginx").nginx(),
        "bearer.fcgi, Apache mod_proxy_fcgi": lambda: setup.installation("apache").apache("proxy", "apache-conf/proxy-fcgi.conf"),
        "bearer.fcgi, Apache mod_fcgid": lambda: setup.installation("fcgid").apache("fcgid", "apache-conf/fcgid-vhost.conf"),
        "FastAPI, PyJWT": lambda: sites.Peer("fastapi", setup.fresh(), setup.subject).fastapi(setup),
        "express, express-oauth2-jwt-bearer": lambda: sites.Peer("express", setup.fresh(), setup.subject).node(setup, "express"),
        "Fastify, fast-jwt with its cache": fastify,
        "Fastify, fast-jwt, nginx, kept": lambda: sites.Peer("fastify, nginx", setup.fresh(), setup.subject).behind_nginx(fastify()),
    }
    rates = load.in_turn(made, "/api/private", seconds, count, setup.token, made)
    for name, runs in rates.items():
        rate = sum(run.rate for run in runs) / len(runs)
        yield Row("Peers", name, f"{rate:,.0f} requests per second", note=str(load.counted(runs)), rate=rate)
    for ours in ("bearer.fcgi, lighttpd", "bearer.fcgi, nginx, kept"):
        for theirs, goal in (("FastAPI, PyJWT", 10), ("express, express-oauth2-jwt-bearer", 4)):
            value = figures.ratio([(a.rate, b.rate) for a, b in zip(rates[ours], rates[theirs])])
            yield Row("Peers", f"{ours} to {theirs}", str(value), f"at least {goal}", figures.at_least(value, goal))
    value = figures.ratio([(a.rate, b.rate) for a, b in zip(rates["bearer.fcgi, nginx, kept"], rates["Fastify, fast-jwt, nginx, kept"])])
    yield Row("Peers", "bearer.fcgi to Fastify, both behind nginx, kept", str(value), "at least 1", figures.at_least(value, 1))


def distinct(setup, quick):
    """Every token new: the signature is verified each time"""
    count, seconds = (2, 1) if quick else (10, 3)
    servers = _servers(setup)
    for server, number in (("lighttpd", 2000),) if quick else (("lighttpd", 10000), ("lighttpd", 100000), ("nginx, kept", 10000)):
        yield _distinct(setup, server, servers[server], number, count, seconds)


def _distinct(setup, server, start, number, count, seconds):
    tokens = setup.tokens(number)
    raw, runs = [], []
    ours, bare = setup.installation(f"{server}: bearer.fcgi"), setup.installation(f"{server}: bare", "bare")
    with open(ours.path("libexec/bearer.env"), "a", encoding="utf-8") as file:
        file.write("BEARER_TOKEN_CACHE_BYTES=262144\n")
    try:
        start(ours)
        start(bare)
        bare.claims = None
        for _ in range(count):
            runs.append((load.run(ours, "/api/private", seconds, tokens=tokens), load.run(bare, "/api/private", seconds, tokens=tokens)))
            with open(tokens, "rb") as file:
                done = subprocess.run([setup.build("bench/raw_verify"), setup.public_key, "20000"], stdin=file, capture_output=True, check=True)
            raw.append(int(done.stdout) / 1e9)
    finally:
        ours.stop()
        bare.stop()
    beyond = figures.ratio([(a.cpu - b.cpu, one) for (a, b), one in zip(runs, raw)])
    return Row("Every token new", f"{server}, {number:,} tokens: CPU time beyond the bare program's, in raw GnuTLS verifications", str(beyond), "at most 1.25",
               figures.at_most(beyond, 1.25), f"one is {sum(raw) / len(raw) * 1e6:.1f} µs; {median([a.sleeps for a, _ in runs]):.2f} sleeps a request, "
               f"the bare program {median([b.sleeps for _, b in runs]):.2f}")


def _counted(out):
    with open(out, encoding="utf-8") as file:
        return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M).group(1))


def _instructions(setup, site, params, times):
    """Instructions of a worker that answers `times` requests on one connection."""
    out = site.path(f"callgrind.{times}")
    sock = site.path("run/counted.socket")
    process = site.spawn(["spawn-fcgi", "-n", "-s", sock, "-d", site.path("libexec"), "--", "/usr/bin/valgrind", "--tool=callgrind",
                          f"--callgrind-out-file={out}", site.path("libexec/bearer.fcgi")])
    sites.wait_for("the counted worker", lambda: os.path.exists(sock), process, 60)
    subprocess.run([setup.build("fcgi-peer"), sock, "--times", str(times)] + params, check=True, stdout=subprocess.DEVNULL)
    site.stop()
    os.unlink(sock)
    return _counted(out)


def _verifying(setup, site):
    """Instructions of one raw verification."""
    counted = []
    for times in (20, 220):
        out = site.path(f"callgrind.raw.{times}")
        with open(setup.tokens(20), "rb") as file:
            subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", setup.build("bench/raw_verify"), setup.public_key, str(times)],
                           stdin=file, capture_output=True, check=True)
        counted.append(_counted(out))
    return (counted[1] - counted[0]) / 200


def instructions(setup, quick):
    """Instructions of a request with a token seen before, counted by callgrind"""
    params = ["REQUEST_METHOD=GET", "PATH_INFO=/private", "SCRIPT_NAME=/api", "REQUEST_URI=/api/private", "QUERY_STRING=", "CONTENT_LENGTH=0",
              "SERVER_SOFTWARE=lighttpd/1.4.69", "SERVER_PROTOCOL=HTTP/1.1", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_SCHEME=http", "SERVER_PORT=80",
              "SERVER_NAME=localhost", "SERVER_ADDR=127.0.0.1", "REMOTE_ADDR=127.0.0.1", "REMOTE_PORT=40000", "DOCUMENT_ROOT=/srv/www",
              "SCRIPT_FILENAME=/srv/www/api", "REDIRECT_STATUS=200", "HTTP_HOST=localhost", "HTTP_ACCEPT=*/*", AUTHZ + setup.token]
    few, many = (50, 250) if quick else (100, 1100)
    per = {}
    for name, program, more in (("bearer.fcgi", "bearer.fcgi", ""), ("bare", "bare", ""), ("new", "bearer.fcgi", "BEARER_TOKEN_CACHE_BYTES=0\n")):
        site = setup.installation(name, program)
        with open(site.path("libexec/bearer.env"), "a", encoding="utf-8") as file:
            file.write(more)
        counted = [_instructions(setup, site, params, times) for times in (few, many)]
        per[name] = (counted[1] - counted[0]) / (many - few)
    verified = _verifying(setup, site)
    beyond = per["bearer.fcgi"] - per["bare"]
    yield Row("Instructions", "beyond the bare program's, a token seen before", f"{beyond:,.0f}", "at most 15,000", beyond <= 15000,
              f"{per['bearer.fcgi']:,.0f} and {per['bare']:,.0f}")
    new = (per["new"] - per["bare"]) / verified
    yield Row("Instructions", "beyond the bare program's, a new token, in raw GnuTLS verifications", f"{new:.2f}", "at most 1.25", new <= 1.25,
              f"{per['new']:,.0f}; one is {verified:,.0f}")


def plain_cgi(setup, quick):
    """Plain CGI, a whole request, beside a program that does nothing"""
    number = 100 if quick else 400
    site = setup.installation("cgi")
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/private", "HTTP_AUTHORIZATION": "Bearer " + setup.token}
    programs = (site.path("libexec/bearer.fcgi"), setup.build("bench/empty_cgi"))
    pairs = []
    for _ in range(5):
        took = []
        for program in programs:
            start = time.perf_counter()
            for _ in range(number // 5):
                done = subprocess.run([program], env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=True)
                if not done.stdout.startswith(b"Status: 200 "):
                    raise load.WrongAnswer(f"plain CGI: {done.stdout[:200]!r}")
            took.append((time.perf_counter() - start) / (number // 5))
        pairs.append(took)
    value = figures.ratio(pairs)
    yield Row("Plain CGI", "a whole request, to an empty program linked alike", str(value), "at most 1.5", figures.at_most(value, 1.5),
              f"{sum(a for a, _ in pairs) / len(pairs) * 1e3:.1f} ms")


def memory(setup, quick):
    """Memory of an idle worker that has answered once"""
    dirty = {}
    for program in ("bearer.fcgi", "bare"):
        site = setup.installation(program, program, workers=1)
        try:
            site.lighttpd()
            load.answer(site.url + "/api/private", setup.token)
            dirty[program] = load.private_dirty(site.workers()[0])
        finally:
            site.stop()
    beyond = (dirty["bearer.fcgi"] - dirty["bare"]) / 1024
    yield Row("Memory", "Private_Dirty beyond the bare program's", f"{beyond:,.0f} KiB", "at most 1024 KiB", beyond <= 1024,
              f"{dirty['bearer.fcgi'] // 1024} KiB")


ALL = {"instructions": instructions, "bare": against_bare, "distinct": distinct, "peers": peers, "guard": sections_guard.guard,
       "cgi": plain_cgi, "memory": memory, "keys": sections_flat.keys, "sizes": sections_flat.sizes, "workers": sections_flat.workers,
       "threads": sections_flat.threads,
       "rotation": sections_refresh.rotation, "flood": sections_refresh.flood, "fcgid": sections_guard.fcgid}
