/* SPDX-License-Identifier: MIT */
#include "policy/requirement.h"

#include <string.h>

#include "base/log.h"
#include "policy/value.h"

#define SHOWN_MAX 100

/* What stands behind the word. */
enum form { FORM_NOTHING = 0, FORM_VALUE, FORM_TEST, FORM_SECONDS };

/* What an alternative begins with, and how it is denied. */
static const struct row {
    const char *word;
    enum form form;
    enum bearer_code denial;
} rows[REQUIRE__MAX] = {
    [REQUIRE_VALID_TOKEN] = {"valid-token", FORM_NOTHING, BEARER_NOT_GRANTED},
    [REQUIRE_OPTIONAL] = {"optional", FORM_NOTHING, BEARER_NOT_GRANTED},
    [REQUIRE_SCOPE] = {"scope=", FORM_VALUE, BEARER_NOT_GRANTED},
    [REQUIRE_PERMISSION] = {"permission=", FORM_VALUE, BEARER_NOT_GRANTED},
    [REQUIRE_EITHER] = {"either=", FORM_VALUE, BEARER_NOT_GRANTED},
    [REQUIRE_CLAIM] = {"claim:", FORM_TEST, BEARER_NOT_GRANTED},
    [REQUIRE_AUDIENCE] = {"audience=", FORM_VALUE, BEARER_NOT_MEANT},
    [REQUIRE_ISSUER] = {"issuer=", FORM_VALUE, BEARER_NOT_MEANT},
    [REQUIRE_ACR] = {"acr=", FORM_VALUE, BEARER_STEP_UP},
    [REQUIRE_MAX_AGE] = {"max-age=", FORM_SECONDS, BEARER_STEP_UP},
};

static const char words[] =
    "a requirement is made of valid-token, optional, scope=V, permission=V, either=V, claim:NAME, "
    "claim:NAME=V, claim:NAME~=V, !claim:..., audience=V, issuer=V, acr=V and max-age=SECONDS, "
    "separated by spaces (all must hold) or by | (one of them)";

/* The text as far as it has been read. */
struct reader {
    const char *text, *at, *end;
    struct requirement *requirement;
    /* of requirement->octets */
    size_t used;
    /* the bare value behind which it stands, if it was one; NULL: none */
    const char *bare;
    struct diag *diag;
};

enum bearer_code requirement_denial(enum requirement_kind kind)
{
    return (unsigned)kind < REQUIRE__MAX && rows[kind].word != NULL ? rows[kind].denial
                                                                    : BEARER_NOT_GRANTED;
}

static bool ends_here(const struct reader *reader, const char *at)
{
    return at == reader->end || *at == ' ' || *at == '|';
}

/* Where the word that begins here ends. */
static const char *word_end(const struct reader *reader, const char *at)
{
    while (!ends_here(reader, at)) {
        at++;
    }
    return at;
}

/* Puts before the message where it is: the character's number, counted from 1, and the word. */
static bool refused_at(const struct reader *reader, const char *at)
{
    char shown[SHOWN_MAX];
    size_t characters = 1;
    for (const char *before = reader->text; before < at; before++) {
        characters += ((unsigned char)*before & 0xc0) != 0x80 ? 1 : 0;
    }
    diag_wrap(reader->diag, "character %zu, \"%s\"", characters,
              log_escape(shown, sizeof shown, at, (size_t)(word_end(reader, at) - at)));
    return false;
}

static bool refuse(const struct reader *reader, const char *at, const char *message)
{
    diag_set(reader->diag, "%s", message);
    return refused_at(reader, at);
}

/* A word that is none of ours behind a value is most likely the rest of the value. */
static bool refuse_unknown(const struct reader *reader)
{
    const char *end = word_end(reader, reader->at);
    const size_t length = (size_t)(end - reader->at);
    char shown[SHOWN_MAX];
    if (reader->bare != NULL && memchr(reader->at, '=', length) == NULL && length > 0) {
        diag_set(reader->diag, "unknown term; a value with a space: '%s'; else %s",
                 log_escape(shown, sizeof shown, reader->bare, (size_t)(end - reader->bare)),
                 words);
        return refused_at(reader, reader->at);
    }
    if (length == 0) {
        return refuse(reader, reader->at,
                      "unknown term: nothing stands before or behind the |, which takes no spaces "
                      "around it");
    }
    diag_set(reader->diag, "unknown term; %s", words);
    return refused_at(reader, reader->at);
}

/* Finds the row, and moves behind its word. */
static enum requirement_kind read_word(struct reader *reader)
{
    for (unsigned kind = REQUIRE_NEVER + 1; kind < REQUIRE__MAX; kind++) {
        const size_t length = strlen(rows[kind].word);
        if ((size_t)(reader->end - reader->at) >= length &&
            memcmp(reader->at, rows[kind].word, length) == 0 &&
            (rows[kind].form != FORM_NOTHING || ends_here(reader, reader->at + length))) {
            reader->at += length;
            return (enum requirement_kind)kind;
        }
    }
    return REQUIRE_NEVER;
}

static bool read_value(struct reader *reader, struct requirement_test *test)
{
    const char *begin = reader->at;
    char *out = reader->requirement->octets + reader->used;
    if (!value_read(&reader->at, reader->end, out, &test->value_length, reader->diag)) {
        return refused_at(reader, reader->at);
    }
    test->value = out;
    reader->used += test->value_length;
    reader->bare = *begin == '\'' ? NULL : begin;
    return true;
}

static bool read_test(struct reader *reader, struct requirement_test *test)
{
    char *steps = reader->requirement->octets + reader->used;
    if (!value_read_name(&reader->at, reader->end, steps, &test->steps_used, reader->diag)) {
        return refused_at(reader, reader->at);
    }
    test->steps = steps;
    reader->used += test->steps_used;
    if (ends_here(reader, reader->at)) {
        return true;
    }
    test->compare = *reader->at == '~' ? COMPARE_GLOB : COMPARE_EQUAL;
    reader->at += *reader->at == '~' ? 1 : 0;
    if (reader->at == reader->end || *reader->at != '=') {
        return refuse(reader, reader->at,
                      "behind the name of a claim comes =, ~=, a space, a | or the end");
    }
    reader->at++;
    return read_value(reader, test);
}

static bool read_seconds(struct reader *reader, struct requirement_test *test)
{
    const char *begin = reader->at;
    for (; !ends_here(reader, reader->at); reader->at++) {
        if (*reader->at < '0' || *reader->at > '9' || test->seconds > REQUIREMENT_SECONDS_MAX) {
            break;
        }
        test->seconds = test->seconds * 10 + (*reader->at - '0');
    }
    if (reader->at == begin || !ends_here(reader, reader->at) ||
        test->seconds > REQUIREMENT_SECONDS_MAX || (*begin == '0' && reader->at - begin > 1)) {
        return refuse(reader, begin,
                      "the seconds since somebody signed in are up to nine digits, without a zero "
                      "in front: max-age=3600");
    }
    return true;
}

static bool read_alternative(struct reader *reader, struct requirement_test *test)
{
    const char *begin = reader->at;
    test->negated = reader->at < reader->end && *reader->at == '!';
    reader->at += test->negated ? 1 : 0;
    const enum requirement_kind kind = read_word(reader);
    if (kind == REQUIRE_NEVER) {
        reader->at = begin;
        return refuse_unknown(reader);
    }
    if (test->negated && kind != REQUIRE_CLAIM) {
        return refuse(reader, begin, "unknown term: a ! stands before claim: only");
    }
    reader->bare = NULL;
    const enum form form = rows[kind].form;
    if ((form == FORM_VALUE && !read_value(reader, test)) ||
        (form == FORM_TEST && !read_test(reader, test)) ||
        (form == FORM_SECONDS && !read_seconds(reader, test))) {
        return false;
    }
    if (!ends_here(reader, reader->at)) {
        return refuse(reader, reader->at,
                      "behind a closing quote comes a space, a | or the end; a single quote in "
                      "what is quoted is written twice: 'it''s'");
    }
    test->kind = kind;
    test->written = begin;
    test->written_length = (size_t)(reader->at - begin);
    return true;
}

/* Whether a test may stand beside the first of its term. */
static bool goes_with(const struct reader *reader, const struct requirement_test *first,
                      const struct requirement_test *test)
{
    if (rows[first->kind].form == FORM_NOTHING || rows[test->kind].form == FORM_NOTHING) {
        return refuse(reader, test->written,
                      "valid-token and optional have no alternatives: each stands alone, between "
                      "spaces");
    }
    if (rows[first->kind].denial != rows[test->kind].denial) {
        return refuse(reader, test->written,
                      "alternatives are denied in one way: all are scope, permission, either and "
                      "claim, or all are audience and issuer, or all are acr and max-age; what "
                      "has to hold as well stands behind a space");
    }
    return true;
}

static bool read_term(struct reader *reader)
{
    struct requirement *requirement = reader->requirement;
    const struct requirement_test *first = &requirement->tests[requirement->count];
    for (bool alternative = false;; alternative = true) {
        struct requirement_test test = {.alternative = alternative};
        if (requirement->count == REQUIREMENT_TESTS_MAX) {
            return refuse(reader, reader->at, "too many terms: 64 are read");
        }
        if (!read_alternative(reader, &test) || (alternative && !goes_with(reader, first, &test))) {
            return false;
        }
        if (test.kind == REQUIRE_OPTIONAL && requirement->optional) {
            return refuse(reader, test.written, "optional stands once in a requirement");
        }
        requirement->optional = requirement->optional || test.kind == REQUIRE_OPTIONAL;
        requirement->tests[requirement->count++] = test;
        if (reader->at == reader->end || *reader->at != '|') {
            return true;
        }
        reader->at++;
    }
}

static bool read_terms(struct reader *reader)
{
    if ((size_t)(reader->end - reader->text) > REQUIREMENT_LENGTH_MAX) {
        diag_set(reader->diag, "too long: a requirement has up to %d octets",
                 REQUIREMENT_LENGTH_MAX);
        return false;
    }
    for (;;) {
        while (reader->at < reader->end && *reader->at == ' ') {
            reader->at++;
        }
        if (reader->at == reader->end) {
            break;
        }
        if (!read_term(reader)) {
            return false;
        }
    }
    if (reader->requirement->count == 0) {
        diag_set(reader->diag, "empty; %s", words);
        return false;
    }
    return true;
}

bool requirement_parse(const char *text, struct requirement *requirement, struct diag *diag)
{
    struct reader reader = {.text = text,
                            .at = text,
                            .end = text + strlen(text),
                            .requirement = requirement,
                            .diag = diag};
    requirement->text = text;
    requirement->optional = false;
    requirement->count = 0;
    if (read_terms(&reader)) {
        return true;
    }
    requirement->text = "";
    requirement->optional = false;
    requirement->count = 0;
    return false;
}

bool requirement_narrows(const struct requirement *requirement)
{
    bool claims = false; /* all of this term are */
    for (size_t i = 0; i < requirement->count; i++) {
        const struct requirement_test *test = &requirement->tests[i];
        if (!test->alternative && claims) {
            return true;
        }
        claims = (claims || !test->alternative) && test->kind == REQUIRE_CLAIM && !test->negated;
    }
    return claims;
}
