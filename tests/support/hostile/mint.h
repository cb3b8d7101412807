/* Of hostile-mint: what its families have in common. One family of cases is one file; its function emits the variants of its cases one after
 * another, and each becomes a request for curl and a row of the table of answers. The numbers are those of the list of hostile cases.
 *
 * What a family needs to say besides is in `mint`, and stays in force until it is changed: the site, its key set, the path. */
#ifndef HOSTILE_MINT_H
#define HOSTILE_MINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "jose/jwk.h"
#include "keys.h"

#define ISSUER   "https://issuer.example.test/"
#define AUDIENCE "https://api.example.test/"
#define SECOND   "urn:hostile:second" /* the other audience that is configured */

#define HEADER_OF(alg, kid) "{\"alg\":\"" alg "\",\"typ\":\"at+jwt\",\"kid\":\"" kid "\"}"
#define GOOD_HEADER         HEADER_OF("RS256", "rsa-1")

enum server { LIGHTTPD, APACHE };

struct mint {
    enum server server;
    const char *site;    /* "narrow": RS256 alone is configured; "wide": every algorithm */
    const char *set;     /* the name of a key set */
    const char *path;    /* below the API */
    const char *bait;    /* a URL where nobody may ever ask */
    const char *witness; /* the path of a file that nobody may ever make */
    int64_t now;

    /* In every set there is "rsa-1", which signs the good token. The attacker's key is in none. */
    struct test_key *rsa, *attacker;
    struct test_key *other; /* "rsa-2", of the set "main" */
    struct test_key *ec[3]; /* "ec-256", "ec-384", "ec-521" of the set "main" */
    struct test_key *ed;    /* "ed-1" of the set "main" */
    char *claims;           /* right ones without the brackets, so that more can follow */
    char *good_claims;      /* with them */
    char *good;             /* the good token */
};

extern struct mint mint;

/* Formatted text, the caller's. Like everything here it ends the program when it cannot do its work. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *vtext_of(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void mint_bail(const char *what) __attribute__((noreturn));

/* A file of the directory; closed() ends the program if it could not be written. */
FILE *open_in(const char *name, const char *mode);
void closed(FILE *file);

/* Before the first family, at the beginning of each (then `mint` is as it was at first), and after the last. */
void emit_begin(const char *narrow_url, const char *wide_url);
void emit_family(const char *name);
void emit_end(void);

/* What follows gets an answer of the program: 200 and its own claims for BEARER_OK, else what `code` says. The token, or the NULL-ended
 * header fields, are freed. The name of the variant is the format's. */
void emit(int number, enum bearer_code code, char *token, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void emit_fields(int number, enum bearer_code code, char *fields[], const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* This one the server refuses itself, with this status. */
void emit_refused(int number, unsigned status, char *token, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same header fields with a body to the GET. `status` as for emit_refused(); 0: it is as for emit_fields(). */
void emit_body(int number, unsigned status, enum bearer_code code, const char *body, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* A request that curl does not send, as it is. The server refuses it itself; it may also just end the connection. */
void emit_raw(int number, const char *octets, size_t length, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Signed by "rsa-1" as RS256, whatever the header says. */
char *sign(const char *header, const char *claims);

/* The three segments of a compact token, released together with the first. */
void split(const char *token, char *segments[3]);

/* Key sets. Of each key, as JSON text, which is freed, `fit` is what `bearerctl refresh` says about it at the site of the set, by its kid. The
 * key "rsa-1" is added. */
struct key_row {
    char *jwk;
    const char *kid;
    enum jwk_fit fit;
};

void emit_set(const char *name, const struct key_row *rows, size_t count);
/* A document as it is, which `bearerctl refresh` has to refuse with a message that has `why` in it. */
void emit_document(const char *name, const char *text, const char *why);

/* A certificate for the key, as x5c has it: base64 of its DER. Made by an authority of its own. */
char *certificate(const struct test_key *key);

/* The families. */
void family_framing(void);    /* 1 to 22 */
void family_header(void);     /* 23 to 33 */
void family_algorithm(void);  /* 34 to 47 */
void family_extensions(void); /* 48 to 60 */
void family_kid(void);        /* 61 to 67 */
void family_signature(void);  /* 69 to 72, 75 to 79 */
void family_padding(void);    /* 73, 74 */
void family_jwks(void);       /* 80 to 97, 100, 101 */
void family_many(void);       /* 98 */
void family_documents(void);  /* 99, 103 */
void family_claims(void);     /* 104 to 129 */
void flood(const char *url);  /* 68, in flood.curl */

#endif
