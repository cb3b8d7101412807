/* SPDX-License-Identifier: MIT */
/* libbearer: may this request pass? For a program that serves requests itself and wants the answer
 * that bearer.fcgi gives in front of others. bearer_guard(3) and bearer_verdict(3) have an example
 * and all that is promised. */
#ifndef BEARER_H
#define BEARER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __GNUC__
#define BEARER_API __attribute__((visibility("default")))
#else
#define BEARER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Configuration, keys and the tokens that were seen; one for a process. */
struct bearer_guard;

/* What a check came to. It belongs to one thread at a time, and to the guard that made it. */
struct bearer_verdict;

/* What is known of a request, by its CGI name: REQUEST_METHOD, HTTP_AUTHORIZATION, BEARER_REQUIRE,
 * ... */
struct bearer_fact {
    const char *name;
    /* NULL: as if the fact were not there */
    const char *value;
};

/* Takes one line with its newline, `length` octets and a NUL; called from any thread, and from
 * several at a time. */
typedef void bearer_log_fn(void *context, const char *line, size_t length);

/* Reads the configuration in `file` (NULL: where bearer.fcgi looks for it). `log` NULL: standard
 * error. NULL: there is none that can be used, or no memory; why, in `error`, which has `size`
 * octets. To be called after fork(). */
BEARER_API struct bearer_guard *bearer_guard_open(const char *file, bearer_log_fn *log,
                                                  void *context, char *error, size_t size);

/* The check may wait some seconds for keys that are being fetched. Without it, it says 503 and
 * Retry-After. */
#define BEARER_WAIT 1U

/* Judges a request; from any thread. NULL: no memory, to be answered as bearer_verdict_status()
 * says of it: 500. */
BEARER_API struct bearer_verdict *bearer_guard_check(struct bearer_guard *guard,
                                                     const struct bearer_fact *facts, size_t count,
                                                     unsigned flags);

/* When no check runs any more and all verdicts are freed. NULL is fine. */
BEARER_API void bearer_guard_close(struct bearer_guard *guard);

/* 200: it may pass. Else the status of the answer. */
BEARER_API int bearer_verdict_status(const struct bearer_verdict *verdict);

/* One word of why, as in the log: "ok", "expired", "no-credentials", ... */
BEARER_API const char *bearer_verdict_reason(const struct bearer_verdict *verdict);

/* The body of the answer to who may not pass; empty with 200. `length` may be NULL. */
BEARER_API const char *bearer_verdict_body(const struct bearer_verdict *verdict, size_t *length);

/* The header fields of that answer, from index 0 on; false: there are no more. */
BEARER_API bool bearer_verdict_header(const struct bearer_verdict *verdict, size_t index,
                                      const char **name, const char **value);

/* A claim of the token that was let in, by a JSON Pointer or the name of a member: a string itself,
 * a number as it is written, true or false, the JSON of an array or object. NULL: there is none, or
 * no token. */
BEARER_API const char *bearer_verdict_claim(struct bearer_verdict *verdict, const char *pointer);

/* All of them, the JSON that was signed. NULL: no token was let in. `length` may be NULL. */
BEARER_API const char *bearer_verdict_claims(const struct bearer_verdict *verdict, size_t *length);

/* Whether the token that was let in meets this requirement too (the grammar of BEARER_REQUIRE). */
BEARER_API bool bearer_verdict_meets(struct bearer_verdict *verdict, const char *requirement);

/* NULL is fine. */
BEARER_API void bearer_verdict_free(struct bearer_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
