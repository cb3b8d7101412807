/* SPDX-License-Identifier: MIT */
/* A parameter of an endpoint: how it is declared, and what a text has to be to be one.
 *
 *     path|query NAME TYPE [MIN..MAX] [= DEFAULT | optional] [repeated]
 *     TYPE := string | integer | number | boolean | word,word...
 *
 * MIN and MAX are of a number's value or of a string's length in characters; one may be missing. */
#ifndef FB_APP_PARAM_H
#define FB_APP_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

enum param_place { PARAM_PATH, PARAM_QUERY };
enum param_type { PARAM_STRING, PARAM_INTEGER, PARAM_NUMBER, PARAM_BOOLEAN, PARAM_WORDS };

/* A value, as it was given and as it is meant. */
struct param_value {
    /* how many were given; those of a repeated one are all sound, and this is the first */
    size_t count;
    /* NULL: there is none */
    const char *text;
    int64_t integer;
    double number;
    bool boolean;
};

#define PARAM_WORDS_MAX 32

struct param {
    enum param_place place;
    enum param_type type;
    /* may be missing; then `usual` counts, if there is one */
    bool optional;
    bool repeated;
    bool has_min, has_max;
    /* of a number as text too, for messages and documentation */
    double min, max;
    int64_t least, most;
    const char *min_text, *max_text;
    const char *name;
    /* PARAM_WORDS: NULL-terminated */
    const char *words[PARAM_WORDS_MAX + 1];
    const char *usual;
    struct param_value usual_value;
    /* what all of these are in */
    char *octets;
};

/* Why a text is none: a type of pydantic's and its words, into `message`. */
struct param_fault {
    const char *type;
    char message[512];
};

/* Reads a declaration. False, with a message in `diag`: it is none, or out of memory. Cleared by
 * param_clear() in any case. */
bool param_parse(const char *declaration, struct param *param, struct diag *diag);
void param_clear(struct param *param);

/* Whether a text (UTF-8) is a value of this parameter: into *value, which borrows it, without its
 * count. False: *fault says why, in words of the declaration alone. Allocates nothing. */
bool param_read(const struct param *param, const char *text, struct param_value *value,
                struct param_fault *fault);

#endif
