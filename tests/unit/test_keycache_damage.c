/* SPDX-License-Identifier: MIT */
/* The cache's two files with every fault that a broken disk can give them: cut at every length,
 * every bit flipped. A worker that holds keys goes on; a new one has none, or its own; each says so
 * in one line. */
#include "keycache_test.h"

#define FLIPPED(text, bit) ((text)[(bit) / 8] = (char)((text)[(bit) / 8] ^ 1 << (bit) % 8))

static struct cache_names names;

/* A file with this content in the place of the one with that name. */
static void replace(const char *name, const char *bytes, size_t length)
{
    put_bytes(in_site("damaged"), bytes, length, 0600);
    if (rename(in_site("damaged"), in_site("cache/%s", name)) != 0) {
        tempdir_bail("rename");
    }
}

/* A worker that has seen nothing yet, and no bearerctl. */
static struct keycache *fresh_worker(void)
{
    while (site.count > 0) {
        keycache_free(site.workers[--site.count]);
    }
    said[0] = '\0';
    return worker_of(NULL, true);
}

/* What became of a damaged document: 0 if a fresh worker took it for none and said so in one line,
 * 1 if not. */
static unsigned taken(const char *bytes, size_t length)
{
    replace(names.document, bytes, length);
    struct keycache *worker = fresh_worker();
    bool missed = answer(worker, "k1", true, NOW) == BEARER_NO_KEYS && found == NULL;
    return missed && lines_with("is damaged") == 1 && lines_with("") == 1 ? 0 : 1;
}

static void documents(void)
{
    size_t length = 0;
    unsigned wrong = 0;
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    attempted(NOW, ATTEMPT_SUCCEEDED, "");
    char *text = content_of(in_site("cache/%s", names.document), &length);
    expect(fresh_worker(), "k1", false, NOW, BEARER_OK, "a good document to begin with");
    for (size_t i = 0; i < length; i++) {
        wrong += taken(text, i);
    }
    is_number(wrong, 0, "cut at every length it is a miss and one line (%zu lengths)", length);
    for (size_t i = 0; i < length * 8; i++) {
        FLIPPED(text, i);
        wrong += taken(text, length);
        FLIPPED(text, i);
    }
    is_number(wrong, 0, "with any bit flipped likewise (%zu bits)", length * 8);
    char *twice = malloc(length * 2 + 1);
    memcpy(twice, text, length);
    memcpy(twice + length, text, length);
    is_number(taken(twice, length * 2), 0, "there twice likewise");
    is_number(taken(twice, length + 1), 0, "with one byte more likewise");
    free(twice);
    replace(names.document, text, length);
    expect(fresh_worker(), "k1", false, NOW, BEARER_OK, "whole again it is used");
    free(text);
}

/* A worker that holds keys, while its document is damaged again and again. */
static void held(void)
{
    size_t length = 0;
    unsigned passed = 0;
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    attempted(NOW, ATTEMPT_SUCCEEDED, "");
    char *text = content_of(in_site("cache/%s", names.document), &length);
    struct keycache *worker = fresh_worker();
    expect(worker, "k1", false, NOW, BEARER_OK, "a worker that has read the document");
    next_tick();
    for (size_t i = 0; i < length; i++) {
        replace(names.document, text, i);
        passed += answer(worker, "k1", false, NOW) == BEARER_OK ? 1 : 0;
    }
    is_number(passed, length, "keeps its keys when it is cut, at every length");
    is_number(lines_with("is damaged"), length, "  a line for each");
    is_number(lines_with(""), length, "  and no other");
    expect(worker, "k1", false, NOW, BEARER_OK, "  nor one for every request");
    is_number(lines_with(""), length, "  of which there was one more");
    free(text);
}

/* A worker meets a damaged record, with an unknown kid. Known kids go on, the other is refused, and
 * the record is one again. */
static bool survived(const char *bytes, size_t length)
{
    struct stat st;
    replace(names.record, bytes, length);
    struct keycache *worker = fresh_worker();
    enum bearer_code known = answer(worker, "k1", true, NOW);
    enum bearer_code unknown = answer(worker, "k9", true, NOW);
    struct attempt attempt = last_attempt();
    return known == BEARER_OK && (unknown == BEARER_KID_UNKNOWN || unknown == BEARER_NO_KEYS) &&
           answer(worker, "k1", true, NOW) == BEARER_OK && lines_with("") <= 1 &&
           attempt.when > 0 && attempt.when <= NOW &&
           stat(in_site("cache/%s", names.record), &st) == 0 && st.st_size >= 512;
}

static void records(void)
{
    size_t length = 0;
    unsigned wrong = 0;
    new_site(NULL);
    cached(NOW, KIDS("k1"));
    attempted(NOW - 5, ATTEMPT_FAILED,
              "https://issuer.example.test/jwks.json: the server answered 500");
    char *text = content_of(in_site("cache/%s", names.record), &length);
    is_number(length, 512, "a record to begin with");
    *(strstr(text, " 3 0 ") + 3) = '1'; /* the failure in it has been logged */
    for (size_t i = 0; i <= length; i++) {
        wrong += survived(text, i) ? 0 : 1;
    }
    is_number(wrong, 0,
              "cut at every length: known kids pass, others are refused, one line at most");
    for (size_t i = 0; i < length * 8;
         i += i < 512 ? 1 : 9) { /* the padding need not be that thorough */
        FLIPPED(text, i);
        wrong += survived(text, length) ? 0 : 1;
        FLIPPED(text, i);
    }
    is_number(wrong, 0,
              "with any bit of what counts flipped likewise, and one in each octet of its padding");
    char *longer = calloc(1, 100000);
    memcpy(longer, text, length);
    ok(survived(longer, 100000), "with 100,000 bytes likewise");
    free(longer);
    free(text);
}

int main(void)
{
    keycache_test_begin();
    cache_names(CACHE_URI, NULL, NULL, &names);
    documents();
    held();
    records();
    return keycache_test_end();
}
