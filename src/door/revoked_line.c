/* SPDX-License-Identifier: MIT */
/* One line of the list of revoked tokens. */
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/text.h"
#include "door/revoked.h"
#include "policy/value.h"

#define ALL_NAMES "sub=, client=, jti=, sid=, kid=, issuer="
#define SHOWN     80

struct name {
    const char *text;
    size_t length;
};

#define NAME(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
static const struct name names[REVOKED__NAMES] = {
    [REVOKED_SUB] = NAME("sub"), [REVOKED_CLIENT] = NAME("client"),
    [REVOKED_JTI] = NAME("jti"), [REVOKED_SID] = NAME("sid"),
    [REVOKED_KID] = NAME("kid"), [REVOKED_ISSUER] = NAME("issuer"),
};
static const struct name before = NAME("before");
static const struct name until = NAME("until");

/* What is left of the line, and where what was found goes. */
struct reader {
    const char *at, *end;
    char *room;
    struct revoked_line *line;
    struct diag *diag;
};

/* NAME=V, the value read. */
struct word {
    const char *name, *text;
    size_t name_length, length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_name(const struct word *word, const struct name *name)
{
    return name->length == word->name_length && memcmp(name->text, word->name, name->length) == 0;
}

static bool refuse_twice(struct reader *reader, const struct word *word)
{
    diag_set(reader->diag, "%.*s= stands there twice; write a line for each",
             (int)word->name_length, word->name);
    return false;
}

static bool take_time(struct reader *reader, const struct word *word, int64_t *into)
{
    char shown[SHOWN];
    if (*into != REVOKED_NO_LIMIT) {
        return refuse_twice(reader, word);
    }
    if (!instant_parse(word->text, word->length, into)) {
        diag_set(reader->diag,
                 "%.*s='%s' is no time; write it like 2026-11-29T12:00:00Z, or in seconds since "
                 "1970",
                 (int)word->name_length, word->name,
                 log_escape(shown, sizeof shown, word->text, word->length));
        return false;
    }
    return true;
}

static bool take_word(struct reader *reader, const struct word *word)
{
    struct revoked_line *line = reader->line;
    for (unsigned i = 0; i < REVOKED__NAMES; i++) {
        if (!is_name(word, &names[i])) {
            continue;
        }
        if ((line->names & 1U << i) != 0) {
            return refuse_twice(reader, word);
        }
        line->names |= 1U << i;
        line->texts[i] = word->text;
        line->lengths[i] = word->length;
        return true;
    }
    if (is_name(word, &before)) {
        return take_time(reader, word, &line->before);
    }
    if (is_name(word, &until)) {
        return take_time(reader, word, &line->until);
    }
    char shown[SHOWN];
    diag_set(reader->diag,
             "'%s=' is nothing that a line can say; write " ALL_NAMES " and before= or until=",
             log_escape(shown, sizeof shown, word->name, word->name_length));
    return false;
}

/* The name and its `=`. */
static bool read_name(struct reader *reader, struct word *word)
{
    word->name = reader->at;
    while (reader->at < reader->end && *reader->at != '=' && !is_blank(*reader->at)) {
        reader->at++;
    }
    word->name_length = (size_t)(reader->at - word->name);
    if (reader->at < reader->end && *reader->at == '=') {
        reader->at++;
        return true;
    }
    char shown[SHOWN];
    diag_set(reader->diag,
             "'%s' is not NAME=VALUE; write words like sub='auth0|5f7c' with blanks between them, "
             "and # before a comment",
             log_escape(shown, sizeof shown, word->name, word->name_length));
    return false;
}

/* The value, from `begin` on, ends before its word does. */
static bool refuse_rest(struct reader *reader, const struct word *word, const char *begin)
{
    char shown[SHOWN];
    char value[SHOWN];
    const char *end = reader->at;
    while (end < reader->end && !is_blank(*end)) {
        end++;
    }
    (void)log_escape(shown, sizeof shown, word->name, word->name_length);
    if (*begin == '\'') {
        diag_set(reader->diag,
                 "%s=: '%s' stands behind the closing quote; write a blank between them", shown,
                 log_escape(value, sizeof value, reader->at, (size_t)(end - reader->at)));
    } else {
        diag_set(reader->diag, "%s=: a value with | in it stands in single quotes: %s='%s'", shown,
                 shown, log_escape(value, sizeof value, begin, (size_t)(end - begin)));
    }
    return false;
}

/* A bare value ends at a tab, too. */
static bool read_value(struct reader *reader, struct word *word)
{
    const char *begin = reader->at;
    const char *end = reader->end;
    if (reader->at < end && *reader->at != '\'') {
        const char *tab = memchr(reader->at, '\t', (size_t)(end - reader->at));
        end = tab != NULL ? tab : end;
    }
    word->text = reader->room;
    if (!value_read(&reader->at, end, reader->room, &word->length, reader->diag)) {
        char shown[SHOWN];
        diag_wrap(reader->diag,
                  "%s=", log_escape(shown, sizeof shown, word->name, word->name_length));
        return false;
    }
    reader->room += word->length;
    return reader->at == reader->end || is_blank(*reader->at) || refuse_rest(reader, word, begin);
}

/* What has been read, as a whole. */
static bool judge(const struct reader *reader, unsigned profiles)
{
    static const unsigned of_issuer = 1U << REVOKED_SUB | 1U << REVOKED_SID | 1U << REVOKED_CLIENT;
    const struct revoked_line *line = reader->line;
    if (line->names == 0) {
        if (line->before == REVOKED_NO_LIMIT && line->until == REVOKED_NO_LIMIT) {
            return true;
        }
        diag_set(reader->diag, "it does not say whose tokens; write one of " ALL_NAMES " as well");
        return false;
    }
    if (profiles > 1 && (line->names & of_issuer) != 0 &&
        (line->names & 1U << REVOKED_ISSUER) == 0) {
        diag_set(reader->diag, "there are several issuers, and each has users, sessions and "
                               "clients of its own; write issuer= as well");
        return false;
    }
    return true;
}

bool revoked_line_read(const char *text, size_t length, unsigned profiles, char *room, size_t *used,
                       struct revoked_line *line, struct diag *diag)
{
    if (length > 0 && text[length - 1] == '\r') {
        length--;
    }
    *line = (struct revoked_line){.before = REVOKED_NO_LIMIT, .until = REVOKED_NO_LIMIT};
    struct reader reader = {text, text + length, room, line, diag};
    for (;;) {
        struct word word = {0};
        while (reader.at < reader.end && is_blank(*reader.at)) {
            reader.at++;
        }
        if (reader.at == reader.end || *reader.at == '#') {
            break;
        }
        if (!read_name(&reader, &word) || !read_value(&reader, &word) ||
            !take_word(&reader, &word)) {
            return false;
        }
    }
    *used = (size_t)(reader.room - room);
    return judge(&reader, profiles);
}

static void write_time(struct text *text, const struct name *name, int64_t time)
{
    char written[INSTANT_TEXT];
    if (time != REVOKED_NO_LIMIT) {
        text_puts(text, " ");
        text_puts(text, name->text);
        text_puts(text, "=");
        text_puts(text, instant_write(written, time));
    }
}

void revoked_line_write(struct text *text, const struct revoked_line *line)
{
    const char *between = "";
    for (unsigned i = 0; i < REVOKED__NAMES; i++) {
        if ((line->names & 1U << i) != 0) {
            text_puts(text, between);
            text_puts(text, names[i].text);
            text_puts(text, "=");
            value_write(text, line->texts[i], line->lengths[i]);
            between = " ";
        }
    }
    write_time(text, &before, line->before);
    write_time(text, &until, line->until);
}
