# SPDX-License-Identifier: MIT
"""Load on a site, and what it cost: requests per second by wrk, CPU time of processes from /proc, and how long requests took by h2load, which lists each.

wrk's own percentiles are not used. They are corrected as if every connection should have sent at a steady rate and all of them stood still whenever one did ("coordinated
omission"): a single request of a second then counts as hundreds."""
import base64
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass, field

# What wrk says at its end, exactly; its own text rounds. Nothing of it runs per request.
REPORT = """
done = function(summary, latency, requests)
  io.write(string.format(
    '\\nREPORT {"requests":%d,"duration":%d,"bytes":%d,"errors":%d,"closed":%d,"wrong":%d}\\n',
    summary.requests, summary.duration, summary.bytes, summary.errors.status + summary.errors.timeout,
    summary.errors.connect + summary.errors.read + summary.errors.write,
    judged and judged:get("wrong") or 0))
end
"""

# Each request shows the next token of a file; made beforehand, so that it costs no more than one token does.
TOKENS = """
local made, next_one = {}, 0
init = function()
  for token in io.lines("%s") do
    made[#made + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. token })
  end
end
request = function()
  next_one = next_one %% #made + 1
  return made[next_one]
end
"""

# Each body has to be one of those in a file, octet by octet. Looking at them costs wrk time, so this is done in a run of its own.
BODIES = """
setup = function(thread)
  judged = thread
end
local right = {}
local inner = init
init = function(args)
  wrong = 0
  for body in (io.open("%s", "rb"):read("*a") .. "\\0"):gmatch("(.-)%%z") do
    right[body] = true
  end
  if inner then
    inner(args)
  end
end
response = function(status, headers, body)
  if status ~= 200 or not right[body] then
    wrong = wrong + 1
  end
end
"""


class WrongAnswer(Exception):
    """A fast wrong answer is a failure."""


@dataclass
class Run:
    """One run: requests per second, CPU seconds per request, and how often the worker slept or was put aside in one (None where nobody counted). `times`: how
    long each request took, of a run of their own beside it; none where that was not asked for."""
    rate: float
    cpu: float | None
    sleeps: float | None
    times: list[float] = field(default_factory=list)


@dataclass
class Latencies:
    """Counted request by request, in milliseconds: half took no longer than p50, 99 of 100 no longer than p99."""
    count: int
    p50: float
    p99: float
    longest: float
    slow: int  # of at least half a second

    def __str__(self):
        return f"p99 {self.p99:.1f} ms"


def answer(url, token=None):
    """Status and body of one request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=20) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def cpu_seconds(pids):
    """What these processes, with all their threads, have used so far."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total / 1e9


def switches(pids):
    """How often these processes have given the processor away so far, or had it taken."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if "ctxt_switches:" in line)
    return total


def private_dirty(pid):
    """Bytes of memory that this process shares with nobody and has written to."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Private_Dirty:"))


def _check(site, path, token):
    """One answer; its body, which was found right."""
    status, body = answer(site.url + path, token)
    if status != 200 or not site.is_right(path, body):
        raise WrongAnswer(f"{site.name} {path}: {status} {body[:300]}")
    return body


def _wrk(site, path, seconds, script, token, clients):
    """What wrk reports of a run with this script."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + REPORT)
        file.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", file.name]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        done = subprocess.run(command + [site.url + path], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("REPORT "):
            return json.loads(line[7:])
    raise RuntimeError(f"wrk against {site.name} failed:\n{done.stdout}{done.stderr}")


def claims_of(token):
    """The octets that were signed."""
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def _size(site, path, token, tokens, first, script, clients):
    """Octets of one answer, of a second in which every body was compared with what it has to be. Done once for each of a site's paths."""
    sort = (path, token, tokens)
    if sort not in site.sizes:
        right = [_check(site, path, first)]
        if tokens and site.claims:
            with open(tokens, encoding="ascii") as file:
                right = [claims_of(line.strip()) for line in file]
        with tempfile.NamedTemporaryFile("w", suffix=".bodies") as bodies:
            bodies.write("\0".join(right))
            bodies.flush()
            report = _wrk(site, path, 1, script + BODIES % bodies.name, token, clients)
        if report["wrong"] or not report["requests"]:
            raise WrongAnswer(f"{site.name} {path}: {report['wrong']} of {report['requests']} bodies are wrong")
        site.sizes[sort] = report["bytes"] / report["requests"]
    return site.sizes[sort]


def run(site, path, seconds, token=None, tokens=None, clients=16):
    """Full speed for that long, with one token, or with each of a file in turn. Every body is judged in a second beforehand; in the run itself no answer may have
    another status, and together they have to be as long as so many right ones. Connections may be closed between requests only where the site says so. Returns a Run; its CPU
    time is that of the site's workers."""
    script, first = "", token
    if tokens:
        script = TOKENS % tokens
        with open(tokens, encoding="ascii") as file:
            first = file.readline().strip()
    size = _size(site, path, token, tokens, first, script, clients)
    pids = site.workers()
    before, asleep = cpu_seconds(pids), switches(pids)
    report = _wrk(site, path, seconds, script, token, clients)
    used, slept = cpu_seconds(pids) - before, switches(pids) - asleep
    _check(site, path, first)
    if report["errors"] or not report["requests"] or (report["closed"] and not site.closes):
        raise WrongAnswer(f"{site.name} {path}: {report['errors']} of {report['requests']} requests went wrong, {report['closed']} connections were cut")
    # One octet of each may be rounding; of some answers only a part came before the end.
    if not site.closes and abs(report["bytes"] - size * report["requests"]) > report["requests"] + 2 * clients * size:
        raise WrongAnswer(f"{site.name} {path}: answers of {report['bytes'] / report['requests']:.1f} octets instead of {size:.1f}")
    return Run(rate=report["requests"] / (report["duration"] / 1e6), cpu=used / report["requests"] if pids else None,
               sleeps=slept / report["requests"] if pids else None)


def times(site, path, seconds, token=None, clients=16):
    """The milliseconds that each request took, of so many clients that ask again as soon as they have their answer, for that long."""
    _check(site, path, token)
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        command = ["h2load", "--h1", "-t1", f"-c{clients}", f"-D{seconds}", f"--log-file={log}"]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        done = subprocess.run(command + [site.url + path], capture_output=True, text=True, check=False)
        with open(log, encoding="ascii") as file:
            lines = [line.split() for line in file]
    wrong = [line for line in lines if line[1] != "200"]
    if done.returncode or not lines or wrong:
        raise WrongAnswer(f"{site.name} {path}: {len(wrong)} of {len(lines)} requests went wrong, {wrong[:1]}\n{done.stdout}{done.stderr}")
    return [int(line[2]) / 1e3 for line in lines]


def latencies(took):
    """What these times come to."""
    took = sorted(took)
    return Latencies(len(took), took[len(took) // 2], took[-1 - len(took) // 100], took[-1], sum(time >= 500 for time in took))


def counted(runs):
    """What the times of these runs come to, of all their requests together."""
    return latencies([time for done in runs for time in done.times])


def in_turn(made, path, seconds, count, token, timed=()):
    """Starts the sites of `made` (a function for each name) and runs them one after the other, `count` times round, so that what the machine does meanwhile
    meets them all; every other round the other way round. After each run of those in `timed`, as long again, their requests are timed. The runs of each, by name; the sites are
    stopped."""
    started, runs = {}, {}
    try:
        for name, start in made.items():
            started[name] = start()
        for number in range(count):
            for name, site in list(started.items()) if number % 2 == 0 else reversed(list(started.items())):
                done = run(site, path, seconds, token=token)
                if name in timed:
                    done.times = times(site, path, seconds, token=token)
                runs.setdefault(name, []).append(done)
    finally:
        for site in started.values():
            site.stop()
    return {name: runs[name] for name in made}
