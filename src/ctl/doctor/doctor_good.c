/* SPDX-License-Identifier: MIT */
/* doctor URL: what a good token gets, and who gets it after that. */
#include "ctl/doctor/doctor_answer.h"
#include "ctl/doctor/doctor_look.h"

static const char with[] = "with the good token";

/* What it got is for its owner: without a word about that, caches with rules of their own keep it
 * for everybody. */
static void tell_storage(const struct look *look, const struct probe_answer *answer)
{
    const char *name = look->lines->name;
    if (answer->is_public) {
        finding(
            look->findings, FINDING_FAILURE,
            "%s: Cache-Control says public (or s-maxage): any cache on the way may hand the answer "
            "to those without a token; take that away where this is configured, and let it be "
            "private or no-store",
            with);
    } else if (!answer->is_private && !answer->no_store) {
        finding(look->findings, FINDING_WARNING,
                "%s: no Cache-Control: private (or no-store) comes with it: a cache in front of %s "
                "that keeps what has status 200 would hand it to those without a token; add the "
                "header, as the shipped configuration does",
                with, name);
    }
}

static void tell_inner(const struct look *look, const struct probe_answer *answer)
{
    if (answer->inner[0] != '\0') {
        finding(
            look->findings, FINDING_WARNING,
            "%s: the answer has the field %s, which tells a web server where to find a file: "
            "no web server takes it out, so none follows it, and clients learn where the file is",
            with, answer->inner);
    }
    if (answer->claims) {
        finding(
            look->findings, FINDING_WARNING,
            "%s: the answer has fields Variable-..., the claims, which are for the program behind "
            "%s: unset them, as the shipped configuration does",
            with, look->lines->name);
    }
}

/* Somebody else asks for what was just handed out. */
static void ask_after(struct look *look, const char *as, bool made_up)
{
    struct probe_answer answer;
    if (made_up) {
        look_get_made_up(look, as, LOOK_SHORT, &answer);
    } else {
        look_get(look, as, NULL, &answer);
    }
    if (answer.answered && answer_lets_in(&answer)) {
        finding(
            look->findings, FINDING_FAILURE,
            "%s: %ld%s: what one good token got is kept and handed on to everybody; what keeps it? "
            "%s",
            as, answer.status, answer.cached ? ", which says that it is from a cache" : "",
            look->lines->cache);
    }
}

void doctor_good(struct look *look)
{
    struct probe_answer answer;
    look_get(look, with, look->good, &answer);
    look->scant = answer_is_scant(&answer);
    if (!look_answered(look, false, &answer) ||
        !answer_to_good(look->findings, look->lines, &answer)) {
        return;
    }
    look->gave = answer;
    unsigned count =
        look->findings->count[FINDING_WARNING] + look->findings->count[FINDING_FAILURE];
    tell_storage(look, &answer);
    tell_inner(look, &answer);
    ask_after(look, "without a token, after the good one", false);
    ask_after(look, "with a made-up token, after the good one", true);
    if (look->findings->count[FINDING_WARNING] + look->findings->count[FINDING_FAILURE] == count) {
        finding(look->findings, FINDING_OK,
                "%s: %ld, for its owner alone: a request without a token, right after it, gets "
                "nothing",
                with, answer.status);
    }
}
