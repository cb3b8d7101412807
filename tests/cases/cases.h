/* SPDX-License-Identifier: MIT */
/* The hostile cases, each once: tables of header, claims, signer and outcome, and what is made by
 * code where a table cannot say it. One family of cases is one file. Two programs run them:
 * hostile-mint makes requests for servers of them, test_cases has the library judge them in its own
 * process. What a family emits goes to the one of both that is linked. tests/README.md says what
 * the numbers are.
 *
 * What a family needs to say besides is in `world`, and stays in force until it is changed: the
 * site, its key set, the path. */
#ifndef CASES_H
#define CASES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "jose/jwk.h"
#include "keys.h"

#define ISSUER   "https://issuer.example.test/"
#define AUDIENCE "https://api.example.test/"
#define SECOND   "urn:hostile:second" /* the other audience that is configured */

#define HEADER_OF(alg, kid) "{\"alg\":\"" alg "\",\"typ\":\"at+jwt\",\"kid\":\"" kid "\"}"
#define GOOD_HEADER         HEADER_OF("RS256", "rsa-1")
#define MEMBERS             "\"alg\":\"RS256\",\"kid\":\"rsa-1\""

enum server { IN_PROCESS, LIGHTTPD, APACHE };

struct world {
    enum server server;
    /* "narrow": RS256 alone is configured; "wide": every algorithm. In process also "lenient": a
     * leeway of 5 s. Else the profiles of a location: a case_site, or an issuer_site. */
    const char *site;
    /* The name of a key set. */
    const char *set;
    /* Below the API. */
    const char *path;
    /* A URL where nobody may ever ask, and the path of a file that nobody may ever make. */
    const char *bait, *witness;
    int64_t now;

    /* In every set there is "rsa-1", which signs the good token. The attacker's key is in none. */
    struct test_key *rsa, *attacker;
    /* Of the set "main": "rsa-2"; "ec-256", "ec-384", "ec-521"; "ed-1". */
    struct test_key *other, *ec[3], *ed;
    /* Right claims without the brackets, so that more can follow; with them; the good token. */
    char *claims, *good_claims, *good;
};

extern struct world world;

/* Sets `world` up for this server and this time. */
void world_make(enum server server, int64_t now);
void world_free(void);
/* Runs all families, each after begin(its name). */
void world_run(void (*begin)(const char *name));

/* In the texts of a table: each of the values in its turn, the time in seconds from now, the right
 * claims without the brackets, and a NUL. */
#define EACH    "\1"
#define AT(s)   "\2" #s "\2"
#define GOOD    "\3"
#define NUL     "\4"
#define OF(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A site of a family of its own, a profile where it is one of a server: its settings, up to NULL,
 * beside those of "narrow", which they replace, and the claims of the token that is good there. */
struct case_site {
    const char *name;
    const char *settings[4];
    const char *claims;
};
/* Up to one without a name. */
extern const struct case_site profile_sites[];
/* Of this one a server cannot be asked: it is for guards alone. */
#define GUARD_SITE "no-audience"

/* Sites of cases 136 to 139, up to NULL: what BEARER_PROFILE says; the key of a signer (enum signer of
 * issuers.h) and the token that is good there, both the caller's. */
extern const char *const issuer_sites[];
struct test_key *issuer_key(unsigned signer);
char *issuer_good(const char *profiles, const char **claims);

struct case_row {
    int number;
    /* What the token gets. */
    enum bearer_code code;
    /* NULL: the good one, the good ones. */
    const char *header, *claims;
    /* For EACH in one of both, up to NULL; NULL: the row is one case. */
    const char *const *values;
    /* NULL: the value, else the text itself. */
    const char *name;
    /* By its own time, which is so exact only in process. */
    bool exact;
    /* By a key that nobody knows. */
    bool forged;
};

void emit_rows(const struct case_row *rows, size_t count);
#define EMIT(rows) emit_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* The text of a table with what EACH and the others stand for, the caller's. */
char *expanded(const char *text, const char *value, size_t *length);

/* Formatted text, the caller's. Like everything here it ends the program when it cannot do its
 * work. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *vtext_of(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void cases_bail(const char *what) __attribute__((noreturn));

/* Signed by "rsa-1" as RS256, whatever the header says. */
char *sign(const char *header, const char *claims);

/* "{BEFORE[[...]]}" of this depth, the brackets being the first level; the caller's. */
char *nested(const char *before, int depth);

/* The three segments of a compact token, released together with the first. */
void split(const char *token, char *segments[3]);

/* A certificate for the key, as x5c has it: base64 of its DER. Made by an authority of its own. */
char *certificate(const struct test_key *key);

/* A key, as JSON text, which is freed, for the set that is being made. `fit` is what `bearerctl
 * refresh` says about it at the site of the set, by its kid. set_end() makes the set of them, and
 * of "rsa-1". */
void set_key(char *jwk, const char *kid, enum jwk_fit fit);
void set_end(const char *name);

/* A token that names this kid, by this key. */
void emit_by(int number, enum bearer_code code, const struct test_key *signer, enum jwa alg,
             const char *kid);

/* --- What hostile-mint and test_cases do each in its own way. */

/* What follows gets an answer of the program: 200 and its own claims for BEARER_OK, else what
 * `code` says. The token, or the NULL-ended header fields, are freed. The name of the variant is
 * the format's. */
void emit(int number, enum bearer_code code, char *token, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void emit_fields(int number, enum bearer_code code, char *fields[], const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* This one the server refuses itself, with this status; where it does not, it would get what `code`
 * says. */
void emit_refused(int number, unsigned status, enum bearer_code code, char *token,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A body to the GET, without credentials. `status` as for emit_refused(); 0: the program
 * answers. */
void emit_body(int number, unsigned status, const char *body, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A token that curl does not send, as it is. The server refuses it itself, or just ends the
 * connection; where it does not, it would get what `code` says. */
void emit_raw(int number, enum bearer_code code, const char *token, size_t length,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

/* What set_end() has; "rsa-1" comes to them. */
struct key_row {
    char *jwk, *kid;
    enum jwk_fit fit;
};

void emit_set(const char *name, const struct key_row *rows, size_t count);
/* A document as it is, which `bearerctl refresh` has to refuse with a message that has `why` in
 * it. */
void emit_document(const char *name, const char *text, const char *why);

/* --- The families. */
void family_framing(void);    /* 1 to 22 */
void family_header(void);     /* 23 to 33 */
void family_algorithm(void);  /* 34 to 47 */
void family_extensions(void); /* 48 to 60 */
void family_kid(void);        /* 61 to 67 */
void family_signature(void);  /* 69 to 72, 75 to 79 */
void family_padding(void);    /* 73, 74 */
void family_jwks(void);       /* 80 to 97, 100, and by way of */
void jwks_points(void);       /* 101 */
void family_many(void);       /* 98 */
void family_documents(void);  /* 99, 103 */
void family_claims(void);     /* 104 to 129 */
void family_profile(void);    /* from 140 on */
void family_issuer(void);     /* 136 to 139, for servers only: else test_profiles.c */

#endif
