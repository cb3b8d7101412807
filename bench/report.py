# SPDX-License-Identifier: MIT
"""The table: every figure with its goal, and the plot of those that compare servers."""
import os
import platform
import subprocess
import time
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass
class Row:
    """One figure. `met`: None where there is no goal. `rate`: requests per second, for the plot."""
    section: str
    what: str
    value: str
    goal: str = ""
    met: bool | None = None
    note: str = ""
    rate: float | None = None
    failed: bool = False

    def line(self):
        """For a terminal."""
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return f"{self.what}: {self.value}" + (f"   [{self.goal}: {verdict}]" if self.goal else "") + (f"   {self.note}" if self.note else "")


def _version(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).splitlines()[0].strip()
    except (OSError, IndexError):
        return "?"


def _machine():
    model = "?"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
    versions = [_version(["lighttpd", "-v"]), _version(["/usr/sbin/nginx", "-v"]), _version(["/usr/sbin/apache2", "-v"]),
                "node " + _version(["node", "--version"])]
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; " + "; ".join(versions)


def _plot(rows):
    bars = [row for row in rows if row.rate]
    top = max((row.rate for row in bars), default=1)
    height = 26 * len(bars) + 50
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" font-family="sans-serif" font-size="13">',
           f'<rect width="900" height="{height}" fill="white"/>',
           '<text x="10" y="24" font-size="16">Requests per second, 16 connections, the same token again</text>']
    for number, row in enumerate(bars):
        y = 42 + 26 * number
        width = 430 * row.rate / top
        colour = "#2b6cb0" if "bearer.fcgi" in row.what else "#a0aec0"
        out.append(f'<text x="330" y="{y + 14}" text-anchor="end">{escape(row.what)}</text>'
                   f'<rect x="340" y="{y}" width="{width:.0f}" height="19" fill="{colour}"/>'
                   f'<text x="{345 + width:.0f}" y="{y + 14}">{row.rate:,.0f}</text>')
    return "\n".join(out + ["</svg>", ""])


def write(directory, rows, quick):
    """results.md and results.svg."""
    lines = ["# Results", "",
             f"`./dev bench{' --quick' if quick else ''}`, {time.strftime('%Y-%m-%d', time.gmtime())}: {_machine()}.", "",
             "Ratios are geometric means of interleaved pairs with their 95 % interval; \"A/A\" is the same program twice: what the machine's noise alone makes. A goal",
             "for throughput (at least ...) is missed only if the whole interval lies below it, any other if the mean is over it.", "",
             "How long requests took is counted, request by request (h2load lists each), in runs beside those for throughput and CPU time: 16 clients that ask again as",
             "soon as they have their answer.", ""]
    section = None
    for row in rows:
        if row.section != section:
            section = row.section
            lines += ["", f"## {section}", "", "| figure | value | goal | |", "|---|---|---|---|"]
        verdict = {None: "", True: "met", False: "**missed**"}[row.met]
        lines.append(f"| {row.what} | {row.value} | {row.goal} | {' '.join(filter(None, (verdict, row.note)))} |")
    if any(row.rate for row in rows):
        lines += ["", "![Requests per second](results.svg)"]
        with open(os.path.join(directory, "results.svg"), "w", encoding="utf-8") as file:
            file.write(_plot(rows))
    with open(os.path.join(directory, "results.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
