/* SPDX-License-Identifier: MIT */
/* Rows of the table, and requests for curl: see mint.c. */
#include "mint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jose/base64url.h"

static const char *narrow, *wide, *profiles, *family;
static FILE *table, *curl;
static char *groups[100];
static const char *group; /* one of them */
static unsigned variants;

static struct {
    const char *site;
    char *token;
} goods[20];
static size_t good_count;

void emit_begin(const char *narrow_url, const char *wide_url, const char *profiles_url)
{
    narrow = narrow_url;
    wide = wide_url;
    profiles = profiles_url;
    table = open_in("table", "w");
}

void emit_family(const char *name)
{
    family = name;
}

void emit_good(const char *site, char *token, const char *claims)
{
    char *name = text_of("goods/%s", site);
    FILE *file = open_in(name, "w");
    free(name);
    fputs(claims, file);
    closed(file);
    if (good_count == sizeof goods / sizeof goods[0]) {
        cases_bail("too many good tokens");
    }
    goods[good_count].site = site;
    goods[good_count++].token = token;
}

/* What is good at this site. */
static const char *good(void)
{
    size_t i = 0;
    while (i < good_count && strcmp(goods[i].site, world.site) != 0) {
        i++;
    }
    return i < good_count ? goods[i].token : world.good;
}

/* The URL of this site's API. */
static const char *url_of_site(void)
{
    return strcmp(world.site, "narrow") == 0 ? narrow
           : strcmp(world.site, "wide") == 0 ? wide
                                             : profiles;
}

void emit_end(void)
{
    for (; good_count > 0; good_count--) {
        free(goods[good_count - 1].token);
    }
    closed(curl);
    closed(table);
}

/* What each answer has to be, by "The answers" of doc/design.md; the program's own table is not
 * asked. */
static unsigned status_of(enum bearer_code code)
{
    if (code == BEARER_OK) {
        return 200;
    }
    if (code == BEARER_TWO_CREDENTIALS) {
        return 400;
    }
    if (code == BEARER_NOT_GRANTED || code == BEARER_NO_USER) {
        return 403;
    }
    return code == BEARER_NO_KEYS ? 503 : 401;
}

/* The columns challenge and body of a denial. */
static void write_denial(enum bearer_code code)
{
    const char *text = bearer_outcome(code)->text;
    const char *error = code == BEARER_TWO_CREDENTIALS ? "invalid_request"
                        : code == BEARER_NO_USER       ? "insufficient_scope"
                                                       : "invalid_token";
    if (code == BEARER_NOT_GRANTED) { /* of the one route that wants a scope */
        fputs("Bearer realm=\"api\", error=\"insufficient_scope\", "
              "scope=\"read:messages\"\t{\"detail\":\"Required: scope=read:messages\"}\n",
              table);
    } else if (code == BEARER_NO_CREDENTIALS) {
        fprintf(table, "Bearer realm=\"api\"\t{\"detail\":\"%s\"}\n", text);
    } else if (code == BEARER_NO_KEYS) {
        fprintf(table, "\t{\"detail\":\"%s\"}\n", text);
    } else {
        fprintf(
            table,
            "Bearer realm=\"api\", error=\"%s\", error_description=\"%s\"\t{\"detail\":\"%s\"}\n",
            error, text, text);
    }
}

/* An accepted token is answered with what was signed. */
static void write_claims(const char *token)
{
    char *segments[3];
    split(token, segments);
    size_t length = strlen(segments[1]);
    unsigned char *octets = malloc(BASE64URL_DECODED_MAX(length) + 1);
    if (octets == NULL || !base64url_decode(segments[1], length, octets, &length)) {
        cases_bail("the claims of a good token cannot be decoded");
    }
    octets[length] = '\0';
    fprintf(table, "\t%s\n", strpbrk((char *)octets, "\t\n") == NULL ? (char *)octets : "*");
    free(octets);
    free(segments[0]);
}

/* The group of this family, site and set: groups are switched to and fro, so that a key set is used
 * but once. */
static void begin_group(void)
{
    size_t i = 0;
    char *name = text_of("%s.%s.%s.curl", family, world.site, world.set);
    while (i < sizeof groups / sizeof groups[0] && groups[i] != NULL &&
           strcmp(groups[i] + 4, name) != 0) {
        i++;
    }
    if (i == sizeof groups / sizeof groups[0]) {
        cases_bail("too many groups");
    }
    if (groups[i] == NULL) {
        groups[i] = text_of("%03zu.%s", i + 1, name);
    }
    free(name);
    if (group == groups[i]) {
        return;
    }
    if (curl != NULL) {
        closed(curl);
    }
    group = groups[i];
    curl = open_in(group, "a");
}

/* In double quotes, as curl reads it. */
static void write_quoted(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        static const char special[] = "\"\\\n\r\t\v";
        static const char escaped[] = "\"\\nrtv";
        const char *found = strchr(special, *text);
        if (found != NULL) {
            fputc('\\', file);
        }
        fputc(found != NULL ? escaped[found - special] : *text, file);
    }
    fputs("\"\n", file);
}

/* One request: `mark` after its number tells the good token's. */
static void write_request(char *const fields[], const char *body, const char *mark,
                          const char *path)
{
    char *url = text_of("%s%s", url_of_site(), path);
    fputs("next\nurl = ", curl);
    write_quoted(curl, url);
    free(url);
    fputs("path-as-is\nmax-time = 60\nnoproxy = \"*\"\n", curl);
    if (url_of_site() == profiles) { /* what the location sets BEARER_PROFILE to */
        fprintf(curl, "header = \"X-Profiles: %s\"\n", world.site);
    }
    for (; *fields != NULL; fields++) {
        fputs("header = ", curl);
        write_quoted(curl, *fields);
    }
    if (body != NULL) {
        fputs("request = GET\ndata = ", curl);
        write_quoted(curl, body);
    }
    fprintf(
        curl,
        "write-out = \"\001%%{http_code}\001%%header{www-authenticate}\001%%header{x-evil}\001%u%s\036\"\n",
        variants, mark);
}

/* The first columns of a row, up to the reason. */
static void begin_row(int number, unsigned status, const char *reason, const char *format,
                      va_list args) __attribute__((format(printf, 4, 0)));
static void begin_row(int number, unsigned status, const char *reason, const char *format,
                      va_list args)
{
    begin_group();
    char *name = vtext_of(format, args);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at < ' ' ? '?' : *at;
    }
    fprintf(table, "%u\t%s\t%d\t%s\t%u\t%s\t", ++variants, group, number, name, status, reason);
    free(name);
}

static void write_requests(char *fields[], const char *body)
{
    write_request(fields, body, "", world.path);
    char *then[] = {text_of("Authorization: Bearer %s", good()), NULL};
    write_request(then, NULL, "+", "/private");
    free(then[0]);
    for (; *fields != NULL; fields++) {
        free(*fields);
    }
}

static const char *reason_of(enum bearer_code code)
{
    return code == BEARER_OK ? "-" : bearer_outcome(code)->reason;
}

void emit(int number, enum bearer_code code, char *token, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    begin_row(number, status_of(code), reason_of(code), format, args);
    va_end(args);
    if (code == BEARER_OK) {
        write_claims(token);
    } else {
        write_denial(code);
    }
    write_requests((char *[]){text_of("Authorization: Bearer %s", token), NULL}, NULL);
    free(token);
}

void emit_fields(int number, enum bearer_code code, char *fields[], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    begin_row(number, status_of(code), reason_of(code), format, args);
    va_end(args);
    if (code == BEARER_OK) {
        write_claims(good());
    } else {
        write_denial(code);
    }
    write_requests(fields, NULL);
}

void emit_refused(int number, unsigned status, enum bearer_code code, char *token,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    begin_row(number, status, "-", format, args);
    va_end(args);
    (void)code; /* it does not come that far */
    fputs("\t*\n", table);
    write_requests((char *[]){text_of("Authorization: Bearer %s", token), NULL}, NULL);
    free(token);
}

void emit_body(int number, unsigned status, const char *body, const char *format, ...)
{
    const enum bearer_code code = BEARER_NO_CREDENTIALS;
    va_list args;
    va_start(args, format);
    begin_row(number, status != 0 ? status : status_of(code), status != 0 ? "-" : reason_of(code),
              format, args);
    va_end(args);
    if (status != 0) {
        fputs("\t*\n", table);
    } else {
        write_denial(code);
    }
    write_requests((char *[]){text_of("Content-Type: application/x-www-form-urlencoded"), NULL},
                   body);
}

void emit_raw(int number, enum bearer_code code, const char *token, size_t length,
              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *name = vtext_of(format, args);
    va_end(args);
    (void)code; /* it does not come that far */
    fprintf(table, "%u\traw\t%d\t%s\t400\t-\t\t*\n", ++variants, number, name);
    free(name);
    name = text_of("raw/%u", variants);
    FILE *file = open_in(name, "w");
    fprintf(
        file,
        "GET /api/private HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ");
    fwrite(token, 1, length, file);
    fputs("\r\n\r\n", file);
    closed(file);
    free(name);
}
