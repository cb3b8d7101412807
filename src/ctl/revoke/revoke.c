/* SPDX-License-Identifier: MIT */
/* bearerctl revoke: adds a line to the list of revoked tokens. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/instant.h"
#include "base/text.h"
#include "ctl/commands.h"
#include "ctl/revoke/listfile.h"
#include "policy/value.h"

const char revoke_help[] =
    "Usage: bearerctl revoke NAME=VALUE... [--before TIME] [--until TIME]\n"
    "\n"
    "Adds a line to the list of BEARER_REVOKED_FILE: tokens with all of these are refused\n"
    "within 1.5 seconds. NAME is sub (user), client, jti (one token), sid (session), kid\n"
    "(key) or issuer. VALUE is taken as it is, unless it begins with a single quote. Lines\n"
    "past their --until are removed. The file is replaced whole, and keeps owner and mode.\n"
    "\n"
    "  --before TIME   only tokens issued before it: 2026-11-29T12:00:00Z, seconds since\n"
    "                  1970, or now (and BEARER_LEEWAY more): new tokens are good\n"
    "  --until TIME    the line says nothing from then on: when the last such token expires\n"
    "\n"
    "exit status: 0 the line is on the list, 64 usage, 70 something failed inside, 73 the\n"
    "list cannot be written, or is full, 74 standard output cannot be written, 75 another\n"
    "revocation does not end, 77 cannot run as the owner of the list, 78 configuration, or a\n"
    "list that is wrong\n";

struct arguments {
    struct cli_list operands;
    /* NULL: not given */
    const char *before, *until;
};

static void clear_arguments(struct arguments *arguments)
{
    cli_list_cleanup(&arguments->operands);
}

static const char *as_time(char out[INSTANT_TEXT], const char *text, int64_t leeway)
{
    if (strcmp(text, "now") != 0) {
        return text;
    }
    /* All that was issued in this second, by whichever clock is right. */
    return instant_write(out, (int64_t)time(NULL) + 1 + leeway);
}

static void put_word(struct text *text, const char *name, size_t length, const char *value)
{
    text_puts(text, text->length > 0 ? " " : "");
    text_put(text, name, length);
    text_puts(text, "=");
    if (*value == '\'') {
        text_puts(text, value);
    } else {
        value_write(text, value, strlen(value));
    }
}

/* The arguments as a line would have them. -1, or the exit status. */
static int put_arguments(const struct cli *cli, const struct arguments *arguments, int64_t leeway,
                         struct text *text)
{
    char when[INSTANT_TEXT];
    for (size_t i = 0; i < arguments->operands.count; i++) {
        const char *word = arguments->operands.items[i];
        const size_t length = strcspn(word, "=");
        if (cli_is_token(word)) {
            return cli_usage(cli,
                             "a token is not taken as an argument, where the shell's history and "
                             "the list of processes show it; name its jti, or its sub or sid: "
                             "\"bearerctl explain\" shows what a token says");
        }
        if (word[length] == '\0') {
            return cli_usage(cli, "'%s' is not NAME=VALUE, like sub='auth0|5f7c'", word);
        }
        const char *value = word + length + 1;
        const bool before = length == 6 && strncmp(word, "before", 6) == 0;
        put_word(text, word, length, before ? as_time(when, value, leeway) : value);
    }
    if (arguments->before != NULL) {
        put_word(text, "before", 6, as_time(when, arguments->before, leeway));
    }
    if (arguments->until != NULL) {
        put_word(text, "until", 5, arguments->until);
    }
    return -1;
}

/* What they say, as it is written into the list; `config`, NULL: as if it did not matter. -1, or
 * the exit status. */
static int make_line(const struct cli *cli, const struct arguments *arguments,
                     const struct config *config, struct text *text)
{
    struct text given CLEANUP(text_clear) = {0};
    struct revoked_line line;
    struct diag diag = {0};
    size_t used = 0;
    const unsigned profiles = config != NULL ? config_count(config) : 1;
    int status = put_arguments(cli, arguments, config != NULL ? config->leeway : 0, &given);
    if (status >= 0) {
        return status;
    }
    char *room CLEANUP(cleanup_free) = malloc(given.length + 1);
    if (given.failed || room == NULL) {
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    if (!revoked_line_read(given.bytes, given.length, profiles, room, &used, &line, &diag)) {
        return cli_usage(cli, "%s", diag.text);
    }
    if (revoked_is_past(&line, time(NULL))) {
        return cli_usage(cli, "until= is past: such a line says nothing");
    }
    revoked_line_write(text, &line);
    return text->failed ? cli_fail(cli, EX_SOFTWARE, "out of memory") : -1;
}

/* The old list without the lines that are past; where the line stands already: its number, else
 * 0. */
struct copied {
    struct text text;
    size_t kept, past;
    unsigned there;
};

static void copy(const struct listfile *file, const struct text *line, struct copied *copied)
{
    const int64_t now = time(NULL);
    const char *end = file->text + file->length;
    size_t next = 0; /* of the lines that count */
    unsigned number = 1;
    for (const char *at = file->text; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *after = stop != NULL ? stop + 1 : end;
        const bool counts =
            next < revoked_count(file->list) && revoked_at(file->list, next)->number == number;
        if (counts && revoked_is_past(revoked_at(file->list, next), now)) {
            copied->past++;
        } else {
            copied->kept += counts ? 1 : 0;
            text_put(&copied->text, at, (size_t)(after - at));
        }
        if (counts && line->bytes != NULL &&
            (size_t)((stop != NULL ? stop : end) - at) == line->length &&
            memcmp(at, line->bytes, line->length) == 0) {
            copied->there = number;
        }
        next += counts ? 1 : 0;
        at = after;
    }
    if (copied->text.length > 0 && copied->text.bytes[copied->text.length - 1] != '\n') {
        text_puts(&copied->text, "\n");
    }
}

static void clear_copied(struct copied *copied)
{
    text_clear(&copied->text);
}

static int add_line(const struct cli *cli, const struct listfile *file, const struct text *line)
{
    struct copied copied CLEANUP(clear_copied) = {.kept = 0};
    copy(file, line, &copied);
    if (copied.there > 0) {
        printf("%s\nstands in %s already, line %u\n", line->bytes, file->path, copied.there);
        return EXIT_SUCCESS;
    }
    if (copied.kept >= REVOKED_MAX) {
        return cli_fail(cli, EX_CANTCREAT,
                        "%s is full, with %d lines of which none is past; have one line say it for "
                        "many, with kid= or issuer= and --before, and remove those",
                        file->path, REVOKED_MAX);
    }
    text_put(&copied.text, line->bytes, line->length);
    text_puts(&copied.text, "\n");
    if (copied.text.failed) {
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    if (copied.text.length > REVOKED_OCTETS) {
        return cli_fail(cli, EX_CANTCREAT,
                        "%s would have more than %d octets; remove lines that are no longer needed",
                        file->path, REVOKED_OCTETS);
    }
    int status = listfile_replace(cli, file, copied.text.bytes, copied.text.length);
    if (status >= 0) {
        return status;
    }
    printf("%s\nis added to %s, which has %zu line%s now\n", line->bytes, file->path,
           copied.kept + 1, copied.kept == 0 ? "" : "s");
    if (copied.past > 0) {
        printf("%zu line%s past %s until= removed\n", copied.past, copied.past == 1 ? "" : "s",
               copied.past == 1 ? "its" : "their");
    }
    return EXIT_SUCCESS;
}

int revoke_run(const struct cli *cli)
{
    struct arguments arguments CLEANUP(clear_arguments) = {.before = NULL};
    struct listfile file CLEANUP(listfile_clear) = LISTFILE_NONE;
    struct text line CLEANUP(text_clear) = {0};
    const struct cli_option options[] = {{.name = "--before", .value = &arguments.before},
                                         {.name = "--until", .value = &arguments.until},
                                         {.name = NULL}};
    int status = cli_parse_list(cli, options, "NAME=VALUE", &arguments.operands);
    if (status < 0) {
        status = make_line(cli, &arguments, NULL, &line); /* what is wrong with it comes first */
        text_clear(&line);
        line = (struct text){0};
    }
    if (status < 0) {
        status = listfile_open(cli, true, &file);
    }
    if (status < 0) {
        status = make_line(cli, &arguments, file.config, &line);
    }
    return status >= 0 ? status : add_line(cli, &file, &line);
}
