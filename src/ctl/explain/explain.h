/* SPDX-License-Identifier: MIT */
/* bearerctl explain, in parts. What is decided, door_decide() decides, as in a worker; the rest
 * here shows it. */
#ifndef FB_CTL_EXPLAIN_EXPLAIN_H
#define FB_CTL_EXPLAIN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/response.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "config/config.h"
#include "door/revocations.h"
#include "json/json.h"
#include "keys/keycache.h"
#include "policy/requirement.h"

struct json_object;

/* Each stage of bearer_outcome() but STAGE_NONE is a check that is shown. */
enum check_state { CHECK_NOT_REACHED = 0, CHECK_PASSED, CHECK_FAILED };

/* Without control characters; what does not fit is cut. */
struct line {
    char text[1600];
};

struct explain {
    /* all profiles */
    const struct config *all;
    /* the one of them that decided */
    const struct config *config;
    /* its name, where there are several; "": none that was named has the token's issuer; NULL:
     * there is one alone */
    const char *profile;
    /* NULL at first: none was named */
    const struct requirement *requirement;
    /* where there is none */
    struct requirement valid_token;
    /* the value of the Authorization header */
    const char *credentials;
    int64_t now;
    /* NULL: there is no list */
    struct revocations *revocations;

    /* The verdict. */
    enum bearer_code code;
    /* of BEARER_REVOKED */
    const struct revoked_line *revoked;
    /* of a denial */
    struct response answer;
    struct keycache_view keys;
    /* what was logged meanwhile, line by line */
    struct text notes;

    /* The token, and what it says, verified or not: to be shown. */
    /* borrowed, not NUL-terminated; NULL: the credentials have none */
    const char *text;
    size_t length;
    /* NULL: unreadable */
    struct json_object *header, *claims;
    /* why; NULL: not got that far */
    const char *header_flaw, *claims_flaw;
    /* the same claims once all but the requirement has passed, else NULL */
    struct json_object *verified_claims;

    enum check_state states[STAGE__MAX];
    struct line details[STAGE__MAX];
    struct line mends[4];
    size_t mend_count;
    /* a configuration that accepts it, where its issuer is another one */
    struct line writes[8];
    size_t write_count;
};

/* Reads what is in the file (`-`: standard input) as one token, with or without "Bearer" or
 * "Authorization: Bearer" before it and white space around it. -1: *credentials is the value of an
 * Authorization header, the caller's; else the exit status, after a message. */
int explain_input(const struct cli *cli, const char *operand, char **credentials);

/* Fills in what is to be shown of the token, the state of each check and a few words to it. The
 * verdict must be there. */
void explain_checks(struct explain *explain);

/* Fills in how to mend what is wrong. After explain_checks(). */
void explain_mend(struct explain *explain);

/* Fills in the lines of a configuration for a token of another issuer. In explain_lines.c. */
void explain_lines(struct explain *explain);

/* Writes it all to standard output. explain_json(): as one JSON object; false: out of memory. */
void explain_print(const struct explain *explain);
bool explain_json(const struct explain *explain);

/* Writes what a requirement means, a line for each of its alternatives. */
void explain_print_meaning(const struct requirement *requirement);

/* "passed", "failed", "not reached"; "form", "header" ... */
const char *explain_state_name(enum check_state state);
const char *explain_check_name(enum bearer_stage check);

/* Adds to the line. */
void line_add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A text from outside, in quotes, escaped, and cut where it is long. */
void line_add_text(struct line *line, const char *text, size_t length);
/* The strings of a claim, in quotes, up to eight; what it is instead if it has none. */
void line_add_strings(struct line *line, const struct json_object *claims, const char *name);
void line_add_array(struct line *line, const struct json_object *array);

/* "an array", "absent" ... */
const char *explain_type(enum js_type type);

/* A new line of how to mend it, to be filled in; the last one again if there is no more room. In
 * explain_line.c. */
struct line *explain_new_mend(struct explain *explain);

/* How to mend an iss that is absent or another one. In explain_issuer.c. */
void explain_mend_issuer(struct explain *explain);

/* The profile whose tokens these are by their iss; NULL: nobody's. */
const struct config *explain_profile_of(const struct explain *explain);

/* How to mend a tid that is none of those accepted. */
void explain_mend_tenant(struct explain *explain);

/* In explain_kind.c: "ask for an access token with audience "X"". */
void explain_add_ask(const struct explain *explain, struct line *line);

/* An ID token is for the client itself: whose audience that is, where it is none of ours, is most
 * likely one too. False where ID tokens are accepted. */
bool explain_is_id_token(const struct explain *explain);

/* What says what kind of token it is; how to get another, by the typ of the header, by a claim that
 * is there, by one that is not. */
void explain_show_kind(struct explain *explain);
void explain_mend_typ(struct explain *explain);
void explain_mend_kind(struct explain *explain);
void explain_mend_lacking(struct explain *explain);

/* Which audience it has, and how to mend that. In explain_audience.c. */
void explain_show_audience(struct explain *explain);
void explain_mend_audience(struct explain *explain);

/* How to mend a requirement that is too little where no audience is asked for. */
void explain_mend_open(struct explain *explain);

/* How to mend a token that has not what BEARER_USER_CLAIM names. In explain_issuer.c. */
void explain_mend_user(struct explain *explain);

/* How to mend exp, nbf or iat, whichever has failed: one that is no date; one that lies in the
 * future. In explain_dates.c. */
void explain_mend_date(struct explain *explain);
void explain_mend_early(struct explain *explain);

/* How to mend each term of the requirement that a good token does not meet. In explain_grants.c. */
void explain_mend_grants(struct explain *explain);

/* A test in words; what the token has to say to it; and whether it holds: "holds", "fails",
 * "undecided", or "not reached" where the token is not good. In explain_words.c, as the next
 * are. */
void explain_words(const struct requirement_test *test, struct line *line);
void explain_found(const struct explain *explain, const struct requirement_test *test,
                   struct line *line);
const char *explain_holds_name(const struct explain *explain, const struct requirement_test *test);

/* The same for who decides by it. */
enum holds explain_holds(const struct explain *explain, const struct requirement_test *test);
struct requirement_facts explain_facts(const struct explain *explain);

/* Adds a value, and a name, as one writes it in a requirement. */
void line_add_value(struct line *line, const char *value, size_t length);
void line_add_name(struct line *line, const char *steps, size_t used);

#endif
