/* SPDX-License-Identifier: MIT */
/* doctor: what the answers of a deployed endpoint mean. */
#ifndef FB_CTL_DOCTOR_DOCTOR_ANSWER_H
#define FB_CTL_DOCTOR_DOCTOR_ANSWER_H

#include "ctl/doctor/doctor_server.h"
#include "ctl/doctor/findings.h"
#include "ctl/doctor/probe.h"

/* Says what it means that a request without credentials was answered so. True: it was denied as it
 * should be, by status, so that it is worth going on. */
bool answer_to_nobody(struct findings *findings, const struct server_lines *lines,
                      const struct probe_answer *answer);

/* Says what it means that a made-up token was. True: it arrived, and was refused. */
bool answer_to_token(struct findings *findings, const struct server_lines *lines,
                     const struct probe_answer *answer);

/* Says what it means that two tokens in one header were: that is 400, and the only such denial that
 * a stranger can get. */
void answer_to_two(struct findings *findings, const struct server_lines *lines,
                   const struct probe_answer *answer);

/* Says what it means that the good token was not let in. True: it was, and there is nothing to
 * say. */
bool answer_to_good(struct findings *findings, const struct server_lines *lines,
                    const struct probe_answer *answer);

/* True if a token was good, and lacks what this location requires. */
bool answer_is_scant(const struct probe_answer *answer);

/* True if a token was seen by the program: it says so. */
bool answer_saw_token(const struct probe_answer *answer);

/* True for every success: what was asked for, or a part of it, came. */
bool answer_lets_in(const struct probe_answer *answer);

#endif
