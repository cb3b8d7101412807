# SPDX-License-Identifier: MIT
"""Ratios of pairs with the interval they lie in, and a wish compared with it."""
import math
import statistics
from dataclasses import dataclass

# Two-sided 95 % of Student's t, by degrees of freedom; beyond the table the normal distribution is near enough.
T95 = [0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09,
       2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04]


@dataclass
class Ratio:
    """A geometric mean and its 95 % interval."""
    mean: float
    low: float
    high: float

    def __str__(self):
        return f"{self.mean:.3f} ({self.low:.3f} to {self.high:.3f})"


def ratio(pairs):
    """Of (ours, theirs) in each pair."""
    logs = [math.log(ours / theirs) for ours, theirs in pairs]
    mean = statistics.fmean(logs)
    if len(logs) < 2:
        return Ratio(math.exp(mean), 0, math.inf)
    t = T95[len(logs) - 1] if len(logs) <= len(T95) else 1.96
    half = t * statistics.stdev(logs) / math.sqrt(len(logs))
    return Ratio(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def at_most(value, goal):
    """For CPU time and what else a machine's noise moves little: the mean itself has to keep to it."""
    return value.mean <= goal


def at_least(value, goal):
    """For throughput: missed only if the whole interval lies below it."""
    return value.high >= goal
