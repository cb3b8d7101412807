/* SPDX-License-Identifier: MIT */
/* What doctor found: one line each, and which of them was the worst. */
#ifndef FB_CTL_DOCTOR_FINDINGS_H
#define FB_CTL_DOCTOR_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* In order of gravity; the value is the exit status where this is the worst. */
enum finding_level { FINDING_OK = 0, FINDING_WARNING = 1, FINDING_FAILURE = 2, FINDING__MAX };

struct findings {
    FILE *out;
    bool colour;
    /* which profile lines are about, borrowed; NULL: they do not say */
    const char *profile;
    /* somebody watches standard error */
    bool waits;
    /* columns of the line that stands there */
    size_t wait_shown;
    unsigned count[FINDING__MAX];
};

/* Starts with none; lines go to `out`, in colour if that is a terminal and NO_COLOR is not set (or
 * empty). */
void findings_start(struct findings *findings, FILE *out);

/* Writes one line: the level, aligned, and the text. Whatever is not printable ASCII in it becomes
 * \xHH; a text longer than 2000 octets is cut. */
void finding(struct findings *findings, enum finding_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says on standard error what takes a while, on one line that the next finding, or the end, takes
 * away; nothing unless that is a terminal (and TERM is not dumb). What is not printable ASCII is
 * left out, and so is what the line has no room for. */
void findings_wait(struct findings *findings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the last line, "N ok, N warnings, N failures", and returns the exit status: the worst
 * level there was. */
int findings_end(struct findings *findings);

/* Pieces of such texts. Each is written to `out`, which has FINDING_PIECE octets, and returned. */
#define FINDING_PIECE 600
/* Text from outside, escaped and cut (log_escape()). */
const char *finding_shown(char *out, const char *text);
/* A path as one word for the shell, for commands to copy. */
const char *finding_word(char *out, const char *path);
/* A length of time, rounded down: "45 s", "12 min", "3 h", "5 days". */
const char *finding_span(char *out, int64_t seconds);
/* A time, in UTC, and how long ago that was. */
const char *finding_time(char *out, int64_t when, int64_t now);

#endif
