"""Load on a site, and what it cost: requests per second and their latencies by wrk, CPU time of processes from /proc."""
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass

# What wrk says at its end, exactly; its own text rounds. Nothing of it runs per request.
REPORT = """
done = function(summary, latency, requests)
  io.write(string.format(
    '\\nREPORT {"requests":%d,"duration":%d,"bytes":%d,"errors":%d,"p50":%d,"p99":%d,"max":%d}\\n',
    summary.requests, summary.duration, summary.bytes,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
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


class WrongAnswer(Exception):
    """A fast wrong answer is a failure."""


@dataclass
class Run:
    """One run: requests per second, latencies in milliseconds, CPU seconds per request (None where nobody counted)."""
    rate: float
    p50: float
    p99: float
    cpu: float | None


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


def private_dirty(pid):
    """Bytes of memory that this process shares with nobody and has written to."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Private_Dirty:"))


def _check(site, path, token):
    status, body = answer(site.url + path, token)
    if status != 200 or not site.is_right(path, body):
        raise WrongAnswer(f"{site.name} {path}: {status} {body[:300]}")


def _report(command, what):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("REPORT "):
            return json.loads(line[7:])
    raise RuntimeError(f"wrk against {what} failed:\n{done.stdout}{done.stderr}")


def run(site, path, seconds, token=None, tokens=None, clients=16):
    """Full speed for that long, with one token, or with each of a file in turn; answers are checked before and after it, and none in between may have an
    error status. Returns a Run; its CPU time is that of the site's workers."""
    first = token or (open(tokens, encoding="ascii").readline().strip() if tokens else None)
    _check(site, path, first)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write((TOKENS % tokens if tokens else "") + REPORT)
        script.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        pids = site.workers()
        before = cpu_seconds(pids)
        report = _report(command + [site.url + path], site.name)
        used = cpu_seconds(pids) - before
    _check(site, path, first)
    if report["errors"] or not report["requests"]:
        raise WrongAnswer(f"{site.name} {path}: {report['errors']} of {report['requests']} requests went wrong")
    return Run(rate=report["requests"] / (report["duration"] / 1e6), p50=report["p50"] / 1e3, p99=report["p99"] / 1e3,
               cpu=used / report["requests"] if pids else None)


def in_turn(made, path, seconds, count, token):
    """Starts the sites of `made` (a function for each name) and runs them one after the other, `count` times round, so that what the machine does meanwhile
    meets them all. The runs of each, by name; the sites are stopped."""
    started, runs = {}, {}
    try:
        for name, start in made.items():
            started[name] = start()
        for _ in range(count):
            for name, site in started.items():
                runs.setdefault(name, []).append(run(site, path, seconds, token=token))
    finally:
        for site in started.values():
            site.stop()
    return runs
