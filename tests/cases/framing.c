/* SPDX-License-Identifier: MIT */
/* The form of a token, and the credentials around it: cases 1 to 22. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jose/base64url.h"
#include "cases.h"
#include "token/token.h"

static char *segments[3]; /* of a token whose segments leave 2, 3 and 2 characters modulo 4 */

static const char *const names[] = {"header", "payload", "signature"};

static char *joined(const char *header, const char *payload, const char *signature)
{
    return text_of("%s.%s.%s", header, payload, signature);
}

/* The token with another segment in one place. */
static char *with(int which, const char *segment)
{
    return joined(which == 0 ? segment : segments[0], which == 1 ? segment : segments[1],
                  which == 2 ? segment : segments[2]);
}

/* In process, where nothing is trimmed or refused before: these octets at the begin of each
 * segment, in it and at its end. */
static void inserted_raw(int number, const char *octets, size_t length, const char *name)
{
    char *good = joined(segments[0], segments[1], segments[2]);
    size_t before = 0;
    for (int which = 0; which < 3 && world.server == IN_PROCESS; which++) {
        for (size_t half = 0; half < 3; half++) {
            size_t at = before + half * strlen(segments[which]) / 2;
            char *token = text_of("%.*s%*s%s", (int)at, good, (int)length, "", good + at);
            memcpy(token + at, octets, length);
            emit_raw(number, BEARER_TOKEN_BASE64, token, strlen(good) + length,
                     "%s in the %s, place %zu", name, names[which], half);
            free(token);
        }
        before += strlen(segments[which]) + 1;
    }
    free(good);
}

/* The token with `text` amid each segment in turn. `status` as for emit_refused(); 0: the program
 * answers. */
static void inserted(int number, unsigned status, enum bearer_code code, const char *text,
                     const char *name)
{
    for (int which = 0; which < 3; which++) {
        int half = (int)strlen(segments[which]) / 2;
        char *segment = text_of("%.*s%s%s", half, segments[which], text, segments[which] + half);
        char *token = with(which, segment);
        free(segment);
        if (status != 0) {
            emit_refused(number, status, code, token, "%s in the %s", name, names[which]);
        } else {
            emit(number, code, token, "%s in the %s", name, names[which]);
        }
    }
    inserted_raw(number, text, strlen(text), name);
}

static void counts(void)
{
    const char *h = segments[0], *p = segments[1], *s = segments[2];
    emit(1, BEARER_TOKEN_SEGMENTS, text_of("%s.%s", h, p), "header and payload");
    emit(1, BEARER_TOKEN_SEGMENTS, text_of("%s.%s", p, s), "payload and signature");
    emit(1, BEARER_TOKEN_SEGMENTS, text_of("%s", h), "one segment");
    emit(2, BEARER_TOKEN_SEGMENTS, text_of("%s.%s.%s.%s", h, p, s, s), "a fourth segment");
    emit(2, BEARER_TOKEN_SEGMENTS, text_of("%s.%s.%s.", h, p, s), "a trailing dot");
    emit(2, BEARER_TOKEN_SEGMENTS, text_of(".%s.%s.%s", h, p, s), "a leading dot");
    emit(2, BEARER_TOKEN_SEGMENTS, text_of("%s..%s.%s", h, p, s), "two dots in the middle");
    static const char jwe_header[] = "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}";
    char *jwe = test_base64url(jwe_header, sizeof jwe_header - 1);
    emit(3, BEARER_TOKEN_SEGMENTS, text_of("%s.%s.%s.%s.%s", jwe, s, p, p, s), "a JWE");
    emit(3, BEARER_TOKEN_SEGMENTS, text_of("%s.%s.%s.x.x", h, p, s), "two segments more");
    free(jwe);
    static const char *const few[] = {"", ".", "..", "...", "a", "a.", ".a", "a.."};
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++) {
        emit(4, BEARER_TOKEN_SEGMENTS, text_of("%s", few[i]), "\"%s\"", few[i]);
    }
    /* More than one member needs a comma, and a comma is for more than one credential. */
    emit(5, BEARER_TWO_CREDENTIALS,
         text_of("{\"payload\":\"%s\",\"protected\":\"%s\",\"signature\":\"%s\"}", p, h, s),
         "the flattened JSON serialization");
    emit(
        5, BEARER_TWO_CREDENTIALS,
        text_of("{\"payload\":\"%s\",\"signatures\":[{\"protected\":\"%s\",\"signature\":\"%s\"}]}",
                p, h, s),
        "the general one");
    emit(5, BEARER_TOKEN_BASE64, text_of("{\"payload\":\"%s.%s.%s\"}", h, p, s),
         "one member of it");
    emit(5, BEARER_TOKEN_SEGMENTS, text_of("{\"payload\":\"%s\"}", p), "one member without dots");
    emit(6, BEARER_TOKEN_SEGMENTS, with(0, ""), "no header");
    emit(7, BEARER_TOKEN_SEGMENTS, with(1, ""), "no payload");
    emit(8, BEARER_TOKEN_SEGMENTS, with(2, ""), "no signature");
}

/* A token in whose `which` there is an octet that is `from` in base64url, there replaced by
 * `to`. */
static void other_alphabet(char from, char to, int which)
{
    for (unsigned i = 0; i < 1000; i++) {
        char *header = text_of("{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"x\":\"?>~%u?>~?>~\"}", i);
        char *claims = text_of("{%s,\"x\":\"?>~%u?>~?>~\"}", world.claims, i);
        char *token = sign(header, claims);
        char *part[3];
        split(token, part);
        char *found = strchr(part[which], from);
        char *spoiled = NULL;
        if (found != NULL) {
            *found = to;
            spoiled = joined(part[0], part[1], part[2]);
        }
        free(part[0]);
        free(token);
        free(header);
        free(claims);
        if (spoiled != NULL) {
            emit(10, BEARER_TOKEN_BASE64, spoiled, "%c for %c in the %s", to, from, names[which]);
            return;
        }
    }
    cases_bail("no token with that character");
}

static void alphabet(void)
{
    static const char others[] = "!\"#$%&'()*:;<=>?@[\\]^`{|}~";
    for (int which = 0; which < 3; which++) {
        char *padded =
            text_of("%s%s", segments[which], strlen(segments[which]) % 4 == 2 ? "==" : "=");
        emit(9, BEARER_TOKEN_BASE64, with(which, padded), "the right padding after the %s",
             names[which]);
        free(padded);
        other_alphabet('-', '+', which);
        other_alphabet('_', '/', which);
    }
    inserted(9, 0, BEARER_TOKEN_BASE64, "=", "=");
    inserted(11, 0, BEARER_TOKEN_BASE64, " ", "a space");
    inserted(11, 0, BEARER_TOKEN_BASE64, "\t", "a tab");
    inserted(11, 400, BEARER_TOKEN_BASE64, "\n", "LF");
    inserted(11, 400, BEARER_TOKEN_BASE64, "\r", "CR");
    inserted(11, 400, BEARER_TOKEN_BASE64, "\r\n", "CR LF");
    for (const char *other = others; *other != '\0'; other++) {
        char text[2] = {*other, '\0'};
        char name[20];
        snprintf(name, sizeof name, "octet 0x%02x", (unsigned)*other);
        inserted(12, 0, BEARER_TOKEN_BASE64, text, name);
    }
    inserted(12, 0, BEARER_TWO_CREDENTIALS, ",", "a comma");
    inserted(12, 400, BEARER_TOKEN_BASE64, "\x01", "octet 0x01");
    inserted(12, 400, BEARER_TOKEN_BASE64, "\x1f", "octet 0x1f");
    inserted(12, 400, BEARER_TOKEN_BASE64, "\x7f", "octet 0x7f");
    inserted_raw(10, "+", 1, "+");
    inserted_raw(10, "/", 1, "/");
    inserted_raw(10, "++//", 4, "++//");
    inserted_raw(11, "\r\n  ", 4, "CR LF and two spaces");
    inserted_raw(15, "", 1, "a raw NUL");
    inserted(15, 0, BEARER_TOKEN_BASE64, "%00", "%00");
    inserted(15, 0, BEARER_TOKEN_BASE64, "\\u0000", "an escaped NUL");
    inserted(16, 0, BEARER_TOKEN_BASE64, "\xc3\xa9", "UTF-8");
    inserted(16, 0, BEARER_TOKEN_BASE64, "\xef\xbd\x81", "a full-width letter");
    inserted(16, 0, BEARER_TOKEN_BASE64, "\xe2\x80\x8b", "a space without width");
    inserted(16, 0, BEARER_TOKEN_BASE64, "\xff\xfe\x80", "octets that are no UTF-8");
}

static void lengths(void)
{
    for (int which = 0; which < 3; which++) {
        size_t length = strlen(segments[which]);
        char *segment = text_of("%s%s", segments[which], length % 4 == 2 ? "AAA" : "AA");
        emit(14, BEARER_TOKEN_BASE64, with(which, segment), "a character too many in the %s",
             names[which]);
        segment[length - length % 4 + 1] = '\0';
        emit(14, BEARER_TOKEN_BASE64, with(which, segment), "too few in the %s", names[which]);
        free(segment);
        emit(14, BEARER_TOKEN_BASE64, with(which, "A"), "one character for a %s", names[which]);
        segment = text_of("%s", segments[which]);
        segment[length - 1]++; /* the lowest bit, which encodes nothing */
        emit(13, BEARER_TOKEN_BASE64, with(which, segment), "a trailing bit in the %s",
             names[which]);
        free(segment);
    }
}

/* A right token of this many characters. */
static char *of_size(size_t size)
{
    for (int rest = 0; rest < 3; rest++) {
        char *header = text_of("%s%*s", GOOD_HEADER, rest, "");
        size_t text = size - 342 - 2 - BASE64URL_ENCODED(strlen(header));
        char *claims =
            text_of("%-*s", (int)(text / 4 * 3 + text % 4 - (text % 4 > 0)), world.good_claims);
        char *token = sign(header, claims);
        free(header);
        free(claims);
        if (strlen(token) == size) {
            return token;
        }
        free(token);
    }
    cases_bail("no token of that size");
}

static void sizes(void)
{
    emit(17, BEARER_OK, of_size(16000), "16,000 characters");
    if (world.server != APACHE) {
        emit(17, BEARER_OK, of_size(TOKEN_MAX), "16 KiB");
        emit(17, BEARER_TOKEN_TOO_LONG, of_size(TOKEN_MAX + 1), "a character more");
        emit(17, BEARER_TOKEN_TOO_LONG, of_size(20000), "20,000 characters");
        emit_refused(18, 431, BEARER_TOKEN_TOO_LONG, of_size(100000), "100,000 characters");
    } else { /* a field over 16 KiB does not arrive; longer ones are refused */
        emit(17, BEARER_NO_CREDENTIALS, of_size(TOKEN_MAX + 1), "a character more than 16 KiB");
        emit(17, BEARER_NO_CREDENTIALS, of_size(20000), "20,000 characters");
        emit_refused(18, 400, BEARER_TOKEN_TOO_LONG, of_size(100000), "100,000 characters");
    }
}

static void raw(void)
{
    for (int which = 0; which < 3; which++) {
        char *token = text_of("%s", world.good);
        size_t length = strlen(token);
        token[which == 0 ? 8 : which == 1 ? length / 2 : length - 20] = '\0';
        emit_raw(15, BEARER_TOKEN_BASE64, token, length, "a NUL in the %s", names[which]);
        free(token);
    }
    size_t length = (size_t)9 * 1024 * 1024;
    char *huge = text_of("%*s", (int)length, "");
    memset(huge, '.', length);
    emit_raw(18, BEARER_TOKEN_TOO_LONG, huge, length, "9 MiB of dots");
    memset(huge, 'A', length);
    emit_raw(18, BEARER_TOKEN_TOO_LONG, huge, length, "9 MiB");
    for (int which = 1; which < 3 && world.server == IN_PROCESS; which++) {
        emit(18, BEARER_TOKEN_TOO_LONG, with(which, huge), "a %s of 9 MiB", names[which]);
    }
    free(huge);
}

static void credentials(void)
{
    static const char *const schemes[] = {"Bearer", "bearer", "BEARER", "bEaReR", "Bearer   "};
    static const char *const none[] = {"Basic dXNlcjpwYXNz", "Digest username=\"x\"", "Negotiate x",
                                       "Bearerx", "B"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        emit_fields(19, BEARER_OK,
                    (char *[]){text_of("Authorization: %s %s", schemes[i], world.good), NULL}, "%s",
                    schemes[i]);
    }
    const char *good = world.good;
    char *expected = text_of("Authorization: Bearer %s", good);
    emit_fields(20, BEARER_TWO_CREDENTIALS,
                (char *[]){text_of("%s", expected), text_of("%s", expected), NULL},
                "two headers, both good");
    emit_fields(20, BEARER_TWO_CREDENTIALS,
                (char *[]){text_of("%s", expected), text_of("Authorization: Bearer x"), NULL},
                "two headers, the first good");
    emit_fields(20, BEARER_TWO_CREDENTIALS,
                (char *[]){text_of("Authorization: Bearer x"), text_of("%s", expected), NULL},
                "two headers, the second good");
    emit_fields(20, BEARER_TWO_CREDENTIALS,
                (char *[]){text_of("Authorization: Basic x"), text_of("%s", expected), NULL},
                "two headers, of two schemes");
    emit(20, BEARER_TWO_CREDENTIALS, text_of("%s, Bearer %s", good, good), "two in one header");
    emit(20, BEARER_TWO_CREDENTIALS, text_of("%s,%s", good, good), "two, separated by a comma");
    emit(20, BEARER_TWO_CREDENTIALS, text_of("%s,", good), "a comma after it");
    emit(20, BEARER_TWO_CREDENTIALS, text_of(",%s", good), "a comma before it");
    free(expected);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        emit_fields(21, BEARER_NO_CREDENTIALS,
                    (char *[]){text_of("Authorization: %s", none[i]), NULL}, "%s", none[i]);
    }
    emit_fields(21, BEARER_NO_CREDENTIALS, (char *[]){NULL}, "no header");
    emit_fields(21, BEARER_NO_CREDENTIALS, (char *[]){text_of("Authorization;"), NULL},
                "an empty one");
    emit_fields(21, BEARER_NO_CREDENTIALS, (char *[]){text_of("Authorization: %s", good), NULL},
                "the token without a scheme");
    emit_fields(21, BEARER_NO_CREDENTIALS,
                (char *[]){text_of("Authorization: Bearer\t%s", good), NULL},
                "a tab after the scheme");
}

static void elsewhere(void)
{
    char *path = text_of("/private?access_token=%s", world.good);
    world.path = path;
    emit_fields(22, BEARER_NO_CREDENTIALS, (char *[]){NULL}, "in the query");
    emit(22, BEARER_TOKEN_SEGMENTS, text_of("x"), "in the query, and a bad one in the header");
    world.path = "/private";
    free(path);
    char *body = text_of("access_token=%s", world.good);
    emit_body(22, world.server == LIGHTTPD ? 400 : 0, body, "in the body");
    free(body);
    emit_fields(22, BEARER_NO_CREDENTIALS,
                (char *[]){text_of("Cookie: access_token=%s", world.good),
                           text_of("X-Authorization: Bearer %s", world.good),
                           text_of("Proxy-Authorization: Bearer %s", world.good), NULL},
                "in other header fields");
}

void family_framing(void)
{
    char *header = text_of("%s", GOOD_HEADER);
    char *claims = text_of("%s", world.good_claims);
    while (strlen(header) % 3 != 1) {
        char *more = text_of("%s ", header);
        free(header);
        header = more;
    }
    while (strlen(claims) % 3 != 2) {
        char *more = text_of("%s ", claims);
        free(claims);
        claims = more;
    }
    char *token = sign(header, claims);
    split(token, segments);
    emit(130, BEARER_OK, token, "the token the others are made of");
    free(header);
    free(claims);
    counts();
    alphabet();
    lengths();
    sizes();
    credentials();
    elsewhere();
    raw();
    free(segments[0]);
}
