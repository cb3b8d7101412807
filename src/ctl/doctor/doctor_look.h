/* SPDX-License-Identifier: MIT */
/* doctor URL: what its parts share while they ask a deployed endpoint. */
#ifndef FB_CTL_DOCTOR_DOCTOR_LOOK_H
#define FB_CTL_DOCTOR_DOCTOR_LOOK_H

#include "ctl/doctor/doctor.h"
#include "ctl/doctor/doctor_server.h"
#include "ctl/doctor/probe.h"

struct look {
    struct doctor *doctor;
    struct findings *findings;
    struct probe probe;
    const struct server_lines *lines;
    const char *alg;
    /* as it may be shown */
    char url[FINDING_PIECE];
    /* a good token's credentials; NULL: none was given */
    const char *good;
    /* what they got; `answered` is false where that was not let in */
    struct probe_answer gave;
    /* the token is good, and not enough for the URL */
    bool scant;
};

/* One request. `as` is for who waits. */
void look_ask(struct look *look, const char *as, const struct probe_request *request,
              struct probe_answer *answer);

/* The same GET without a token, or with these credentials. */
void look_get(struct look *look, const char *as, const char *authorization,
              struct probe_answer *answer);

/* The same with a made-up token of so many octets. */
void look_get_made_up(struct look *look, const char *as, size_t length,
                      struct probe_answer *answer);
#define LOOK_SHORT 400

/* False: there is no answer, and that is told. */
bool look_answered(struct look *look, bool ca_file, const struct probe_answer *answer);

/* With the good token, and then again without: what the one may have, nobody else may. Sets
 * look->gave, or look->scant. */
void doctor_good(struct look *look);

/* The ways around a guard that can be tried from outside: without a token, and, if look->scant,
 * with the given one. */
void doctor_doors(struct look *look);

#endif
