/* SPDX-License-Identifier: MIT */
/* explain: how to mend dates and clocks. */
#include <inttypes.h>
#include <string.h>

#include "ctl/explain/explain.h"
#include "json/json.h"
#include "token/claims.h"

/* As far apart as clocks are that nobody sets, and as far as BEARER_LEEWAY goes. */
#define SKEW_MAX 300

/* exp, nbf or iat: whichever is wrong. */
static const char *wrong_date(const struct explain *explain)
{
    unsigned check = STAGE_EXP;
    while (check < STAGE_IAT && explain->states[check] != CHECK_FAILED) {
        check++;
    }
    return explain_check_name((enum bearer_stage)check);
}

void explain_mend_date(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    const char *name = wrong_date(explain);
    const char *text = js_number_text(explain->claims, name);
    if (text != NULL && strlen(text) == 13 && strspn(text, "0123456789") == 13) {
        line_add(line, "%s is in milliseconds: the issuer has to write seconds", name);
    } else {
        line_add(line, "%s has to be a number of seconds since 1970: the issuer has to write it so",
                 name);
    }
}

void explain_mend_early(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    const char *text = js_number_text(explain->claims, wrong_date(explain));
    struct numeric_date date;
    if (text == NULL || !numeric_date_parse(text, &date)) {
        return;
    }
    int64_t ahead = date.seconds - explain->now;
    if (ahead <= SKEW_MAX) {
        line_add(line,
                 "this machine's clock and the issuer's differ by %" PRId64
                 " s or more, and %" PRId64
                 " are forgiven: set it by NTP (timedatectl), or raise BEARER_LEEWAY",
                 ahead, explain->config->leeway);
    } else {
        line_add(
            line,
            "if it was issued just now, the clock of this machine is wrong (timedatectl), or the "
            "issuer's");
    }
}
