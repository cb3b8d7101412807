/* SPDX-License-Identifier: MIT */
#include "door/revoked.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "json/json.h"
#include "token/claims.h"

#define SETS_MAX (1U << REVOKED__NAMES)

struct entry {
    struct revoked_line line;
    uint64_t hash;
    /* in its chain */
    const struct entry *next;
};

struct revoked {
    /* how many owners there are beside one */
    atomic_uint others;
    /* what the lines' values are */
    char *room;
    struct entry *entries;
    size_t count;
    /* of entries, by the hash of all that a line names: heads[hash & mask] */
    const struct entry **heads;
    size_t mask;
    /* the different sets of names on the lines */
    unsigned sets[SETS_MAX];
    unsigned set_count;
};

/* What a token, or a line, says of the names in a set. */
struct values {
    const char *texts[REVOKED__NAMES];
    size_t lengths[REVOKED__NAMES];
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) *
           UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio: odd, its bits well spread */
    return hash ^ hash >> 32;
}

/* Without a seed: what is in the list an operator wrote, and a token is only looked up. */
static uint64_t hash_of(unsigned names, const char *const *texts, const size_t *lengths)
{
    uint64_t hash = names;
    for (unsigned i = 0; i < REVOKED__NAMES; i++) {
        if ((names & 1U << i) == 0) {
            continue;
        }
        const char *at = texts[i];
        size_t left = lengths[i];
        uint64_t word = 0;
        hash = mix(hash, left);
        for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
            memcpy(&word, at, sizeof word);
            hash = mix(hash, word);
        }
        word = 0;
        memcpy(&word, at, left);
        hash = mix(hash, word);
    }
    return hash;
}

struct revoked *revoked_share(struct revoked *list)
{
    atomic_fetch_add_explicit(&list->others, 1, memory_order_relaxed);
    return list;
}

void revoked_free(struct revoked *list)
{
    if (list == NULL || atomic_fetch_sub_explicit(&list->others, 1, memory_order_acq_rel) != 0) {
        return;
    }
    free(list->room);
    free(list->entries);
    free(list->heads);
    free(list);
}

void revoked_cleanup(struct revoked **list)
{
    revoked_free(*list);
}

static void keep_set(struct revoked *list, unsigned names)
{
    for (unsigned i = 0; i < list->set_count; i++) {
        if (list->sets[i] == names) {
            return;
        }
    }
    list->sets[list->set_count++] = names;
}

/* Chains the lines, the first in front. */
static bool build_index(struct revoked *list)
{
    size_t heads = 1;
    while (heads < list->count) {
        heads *= 2;
    }
    list->mask = heads - 1;
    list->heads = calloc(heads, sizeof *list->heads);
    for (size_t i = list->count; list->heads != NULL && i > 0; i--) {
        struct entry *entry = &list->entries[i - 1];
        const struct entry **head = &list->heads[entry->hash & list->mask];
        entry->next = *head;
        *head = entry;
    }
    return list->heads != NULL;
}

static bool take_line(struct revoked *list, const struct revoked_line *line, struct diag *diag)
{
    if (line->names == 0) {
        return true;
    }
    if (list->count == REVOKED_MAX) {
        diag_set(diag,
                 "this is line number %d, and more do not count; remove those that are past "
                 "(\"bearerctl revoked\" shows them), or have one line say it for many, with kid= "
                 "or issuer= and before=",
                 REVOKED_MAX + 1);
        return false;
    }
    struct entry *entry = &list->entries[list->count++];
    *entry =
        (struct entry){.line = *line, .hash = hash_of(line->names, line->texts, line->lengths)};
    keep_set(list, line->names);
    return true;
}

static bool take_lines(struct revoked *list, const char *text, const char *end, unsigned profiles,
                       struct diag *diag)
{
    struct revoked_line line;
    size_t room = 0;
    size_t used = 0;
    for (unsigned number = 1; text < end; number++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const size_t length = (size_t)((stop != NULL ? stop : end) - text);
        if (!revoked_line_read(text, length, profiles, list->room + room, &used, &line, diag)) {
            diag_wrap(diag, "line %u", number);
            return false;
        }
        room += used;
        line.number = number;
        if (!take_line(list, &line, diag)) {
            diag_wrap(diag, "line %u", number);
            return false;
        }
        text += length + (stop != NULL ? 1 : 0);
    }
    return true;
}

/* How many lines there can be. */
static size_t most_lines(const char *text, const char *end)
{
    size_t lines = 1;
    for (; lines < REVOKED_MAX && text < end; text++) {
        text = memchr(text, '\n', (size_t)(end - text));
        if (text == NULL) {
            break;
        }
        lines++;
    }
    return lines;
}

struct revoked *revoked_parse(const char *text, size_t length, unsigned profiles, struct diag *diag)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *end = text + length;
    struct revoked *list CLEANUP(revoked_cleanup) = calloc(1, sizeof *list);
    if (list != NULL) {
        list->room = malloc(length + 1);
        list->entries = calloc(most_lines(text, end), sizeof *list->entries);
    }
    if (list == NULL || list->room == NULL || list->entries == NULL) {
        diag_set(diag, "out of memory");
        return NULL;
    }
    if (length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0) {
        text += sizeof mark - 1;
    }
    if (!take_lines(list, text, end, profiles, diag)) {
        return NULL;
    }
    if (!build_index(list)) {
        diag_set(diag, "out of memory");
        return NULL;
    }
    return steal(&list);
}

size_t revoked_count(const struct revoked *list)
{
    return list->count;
}

const struct revoked_line *revoked_at(const struct revoked *list, size_t index)
{
    return &list->entries[index].line;
}

bool revoked_is_past(const struct revoked_line *line, int64_t now)
{
    return now >= line->until;
}

/* What the token says of each name; the set of those of which it says something. */
static unsigned read_values(const struct token *token, struct values *values)
{
    const char *const claims[REVOKED__NAMES] = {
        [REVOKED_SUB] = "sub", [REVOKED_CLIENT] = claims_client(token->claims),
        [REVOKED_JTI] = "jti", [REVOKED_SID] = "sid",
        [REVOKED_KID] = NULL,  [REVOKED_ISSUER] = "iss",
    };
    unsigned names = 0;
    for (unsigned i = 0; i < REVOKED__NAMES; i++) {
        if (claims[i] != NULL) {
            values->texts[i] = js_scalar(token->claims, claims[i], &values->lengths[i]);
            names |= values->texts[i] != NULL ? 1U << i : 0;
        }
    }
    if (token->kid_length > 0) {
        values->texts[REVOKED_KID] = token->kid;
        values->lengths[REVOKED_KID] = token->kid_length;
        names |= 1U << REVOKED_KID;
    }
    return names;
}

static bool same_values(const struct revoked_line *line, const struct values *values)
{
    for (unsigned i = 0; i < REVOKED__NAMES; i++) {
        if ((line->names & 1U << i) != 0 &&
            (line->lengths[i] != values->lengths[i] ||
             memcmp(line->texts[i], values->texts[i], line->lengths[i]) != 0)) {
            return false;
        }
    }
    return true;
}

/* A token that does not say when it was issued is older than anything. */
static bool is_before(const struct token *token, int64_t before)
{
    struct numeric_date issued;
    const char *text = js_number_text(token->claims, "iat");
    return before == REVOKED_NO_LIMIT || text == NULL || !numeric_date_parse(text, &issued) ||
           issued.seconds < before;
}

const struct revoked_line *revoked_find(const struct revoked *list, const struct token *token,
                                        int64_t now)
{
    struct values values;
    const unsigned said = list->count > 0 ? read_values(token, &values) : 0;
    for (unsigned i = 0; i < list->set_count; i++) {
        const unsigned names = list->sets[i];
        if ((names & said) != names) {
            continue;
        }
        const uint64_t hash = hash_of(names, values.texts, values.lengths);
        const struct entry *entry = list->heads[hash & list->mask];
        for (; entry != NULL; entry = entry->next) {
            if (entry->hash == hash && entry->line.names == names &&
                same_values(&entry->line, &values) && is_before(token, entry->line.before) &&
                !revoked_is_past(&entry->line, now)) {
                return &entry->line;
            }
        }
    }
    return NULL;
}
