/* SPDX-License-Identifier: MIT */
#include "keys/cachefile.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "cache_test.h"
#include "jose/keyset.h"

#define FETCHED   1700000000
#define STRANGER  12345 /* a uid that is nobody's */
#define EC        JWA_BIT(JWA_ES256)
#define NOT_THERE ((const struct jwk *)(const void *)"not touched")

static struct test_key *key;
static struct cache_names names;
static char *good; /* a document with the key "k1" */
static int dir = -1;

static struct stat identity;
static struct cached cached;
static struct diag diag;

/* What the directory gives for CACHE_URI to somebody who never looked. */
static enum cache_result look(void)
{
    cached_clear(&cached);
    identity = (struct stat){0};
    return cache_read(dir, &names, CACHE_URI, &identity, &cached, &diag);
}

static enum cache_result look_again(void)
{
    cached_clear(&cached);
    return cache_read(dir, &names, CACHE_URI, &identity, &cached, &diag);
}

static const char *document(void)
{
    return at("cache/%s", names.document);
}

static bool write_text(const char *text)
{
    return cache_write(dir, &names, text, strlen(text), &diag);
}

/* A miss that says why with this word, and says it once. */
static void missed(const char *why, const char *test)
{
    enum cache_result result = look();
    if (!ok(result == CACHE_MISS && strstr(diag.text, names.document) != NULL &&
                strstr(diag.text, why) != NULL && cached.json == NULL,
            "%s: a miss, which says \"%s\"", test, why)) {
        printf("# result %d: %s\n", (int)result, diag.text);
    }
    is_number(look_again(), CACHE_UNCHANGED, "  and says it once");
    unlink(document());
    rmdir(document());
}

static void named(void)
{
    struct cache_names other = {0};
    cache_names(CACHE_URI "x", NULL, NULL, &other);
    ok(strcmp(names.document, other.document) != 0 && strcmp(names.record, other.record) != 0 &&
           strcmp(names.temporary, other.temporary) != 0,
       "two URIs have files of their own");
    cache_names(CACHE_URI, NULL, NULL, &other);
    is_string(other.document, names.document, "one URI has the same ones every time");
    cache_names("https://x/../../etc/passwd\n", NULL, NULL, &other);
    is_number(strspn(other.document, "jwks-0123456789abcdef.on"), strlen(other.document),
              "a URI does not show in them");
}

/* Keys that were fetched in another way are others: under other authorities, through a proxy. */
static void named_by_the_way(void)
{
    static const char *const ways[][2] = {
        {NULL, NULL}, {"/a", NULL}, {NULL, "/a"}, {"/a", "/a"}, {"/a/a", NULL}};
    struct cache_names all[5];
    bool apart = true;
    for (size_t i = 0; i < 5; i++) {
        cache_names(CACHE_URI, ways[i][0], ways[i][1], &all[i]);
        for (size_t j = 0; j < i; j++) {
            apart = apart && strcmp(all[i].document, all[j].document) != 0;
        }
    }
    ok(apart, "each way to fetch them has a file of its own");
    is_string(all[0].document, names.document, "and the plain one that of its URI");
}

/* Refused, with these words in the message. */
static void dir_refused(const char *path, const char *one, const char *two, const char *test)
{
    diag_set(&diag, "nothing");
    int fd = cache_dir_open(path, (uid_t)-1, &diag);
    is_number(fd, -1, "%s: not opened", test);
    has(diag.text, "  and the message tells", one, two, NULL);
    if (fd >= 0) {
        close(fd);
    }
}

static void directories(void)
{
    struct stat st;
    int fd = cache_dir_open(at("new"), (uid_t)-1, &diag);
    ok(fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0700,
       "a missing directory is made, mode 0700");
    ok((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "and its descriptor is for us alone");
    ok(cache_dir_current(fd, at("new")), "its path names it");
    rename(at("new"), at("old"));
    ok(!cache_dir_current(fd, at("new")), "not once it was moved away");
    make_directory(at("new"), 0700);
    ok(!cache_dir_current(fd, at("new")) && !cache_dir_current(fd, NULL),
       "nor if there is another in its place");
    close(fd);
    fd =
        open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC); /* both are number 1 of their file system */
    ok(cache_dir_current(fd, "/sys") && !cache_dir_current(fd, "/proc"),
       "nor one on another file system");
    close(fd);
    make_directory(at("readable"), 0755);
    fd = cache_dir_open(at("readable"), (uid_t)-1, &diag);
    ok(fd >= 0, "others may read it");
    close(fd);
    dir_refused(NULL, "BEARER_CACHE_DIR", "no cache directory", "no path");
    dir_refused(at("no/such"), "cannot be made", "BEARER_CACHE_DIR", "a missing parent");
    make_directory(at("home"), 0755);
    fd = cache_dir_open(at("home/.cache/fcgi-bearer"), (uid_t)-1, &diag);
    ok(fd >= 0, "but ~/.cache is made as well");
    close(fd);
    struct stat made;
    ok(stat(at("home/.cache"), &made) == 0 && (made.st_mode & 07777) == 0700,
       "  for its owner alone");
    dir_refused(at("no/.cache/fcgi-bearer"), "cannot be made", "BEARER_CACHE_DIR", "  but no home");
    make_directory(at("group"), 0770);
    dir_refused(at("group"), "chmod go-w", at("group"), "one the group can write");
    make_directory(at("all"), 01777);
    dir_refused(at("all"), "chmod go-w", at("all"), "one all can write");
    if (symlink("new", at("link")) != 0) {
        tempdir_bail("symlink");
    }
    dir_refused(at("link"), "cannot be opened", at("link"), "a link");
    dir_refused(put(at("file"), "x"), "cannot be opened", at("file"), "a file");
    if (needs_root("a directory of another user")) {
        make_directory(at("theirs"), 0700);
        if (chown(at("theirs"), STRANGER, STRANGER) != 0) {
            tempdir_bail("chown");
        }
        dir_refused(at("theirs"), "belongs to another user", "uid 0", "one of another user");
        dir_refused(at("theirs/mine"), "the directory", at("theirs"),
                    "D10: one below a stranger's");
        ok(access(at("theirs/mine"), F_OK) != 0, "  and it is not made");
        become(STRANGER);
        dir_refused(at("mine"), "cannot be made", "uid 12345", "a parent that is not ours");
        dir_refused(at("new"), "cannot be opened", at("new"), "one of root's");
        fd = cache_dir_open(at("theirs"), (uid_t)-1, &diag);
        ok(fd >= 0, "it is its owner's");
        close(fd);
        become(0);
    }
}

static void round_trip(void)
{
    struct stat st;
    is_number(look(), CACHE_MISS, "nothing is there");
    is_string(diag.text, "", "which needs no message");
    ok(write_text(good), "a document is written");
    ok(stat(document(), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0600 &&
           st.st_nlink == 1,
       "mode 0600");
    ok(access(at("cache/%s", names.temporary), F_OK) != 0, "nothing temporary is left");
    is_number(look(), CACHE_READ, "and read");
    is_number(cached.fetched, FETCHED, "when it was fetched");
    is_string(cached.jwks_uri, CACHE_URI, "from where");
    is_string(cached.etag, "\"e\"", "its ETag");
    is_string(cached.last_modified, "Thu, 01 Jan 2026 00:00:00 GMT", "its Last-Modified");
    is_number(js_array_length(js_array(cached.json, "keys")), 1, "its keys");
    is_number(look_again(), CACHE_UNCHANGED, "it is parsed once");
    ok(write_text(good), "written again");
    is_number(look_again(), CACHE_READ, "it is another file");
    unlink(document());
    is_number(look_again(), CACHE_MISS, "until it is gone");
    ok(write_text(good) && look_again() == CACHE_READ, "and back");
    umask(0);
    ok(write_text(good) && stat(document(), &st) == 0 && (st.st_mode & 07777) == 0600,
       "mode 0600 with umask 0");
    umask(022);
}

/* Nothing but the public members of eligible keys goes into the file (case 95). */
static void public_only(void)
{
    size_t length = 0;
    char *ours = test_key_jwk_with(
        key, "\"d\":\"c2VjcmV0\",\"k\":\"c2VjcmV0\",\"x5u\":\"https://x/\",\"use\":\"sig\",");
    char *jwks[] = {ours, strdup("{\"kty\":\"oct\",\"kid\":\"h\",\"k\":\"c2VjcmV0\"}"),
                    strdup("7")};
    char *text = test_jwks(jwks, 3);
    struct json_object *json = js_parse(text, strlen(text), NULL);
    const struct cached bare = {.fetched = FETCHED};
    char *made = cache_compose(CACHE_URI, &bare, json, &length);
    ok(made != NULL && strlen(made) == length && strstr(made, "c2VjcmV0") == NULL &&
           strstr(made, "oct") == NULL && strstr(made, "x5u") == NULL,
       "private and symmetric members stay out");
    ok(write_text(made) && look() == CACHE_READ, "it can be read");
    ok(cached.etag == NULL && cached.last_modified == NULL && cached.jwks_uri == NULL,
       "without validators");
    is_number(js_array_length(js_array(cached.json, "keys")), 1, "the one eligible key is there");
    free(made);
    free(text);
    js_free(json);
}

/* 1000 keys of 8192 bits, which nobody knows, are more than the file may hold. */
static void too_much(void)
{
    unsigned char n[1024];
    char *uri = malloc(100001);
    memset(n, 0xc1, sizeof n);
    char *modulus = test_base64url(n, sizeof n);
    size_t room = 740 * (strlen(modulus) + 64);
    char *text = malloc(room);
    size_t used = (size_t)snprintf(text, room, "{\"keys\":[");
    for (int i = 0; i < 710; i++) {
        used += (size_t)snprintf(text + used, room - used,
                                 "%s{\"kty\":\"RSA\",\"kid\":\"%d\",\"n\":\"%s\",\"e\":\"AQAB\"}",
                                 i == 0 ? "" : ",", i, modulus);
    }
    used += (size_t)snprintf(text + used, room - used, "]}");
    memset(uri, 'u', 100000);
    uri[100000] = '\0';
    size_t length = 0;
    const struct cached bare = {.fetched = FETCHED};
    struct json_object *json = js_parse(text, used, NULL);
    ok(json != NULL, "a document of nearly 1 MiB is taken");
    char *small = cache_compose(CACHE_URI, &bare, json, &length);
    ok(small != NULL && length > CACHE_FILE_MAX - 100000, "and composed");
    char *large = cache_compose(uri, &bare, json, &length);
    ok(large == NULL, "but not what would be longer than the file may be");
    free(small);
    free(large);
    js_free(json);
    free(text);
    free(modulus);
    free(uri);
}

static void wrong_content(void)
{
    static const struct {
        const char *text;
        const char *why;
    } bad[] = {
        {"", "not strict JSON"},
        {"\n", "not strict JSON"},
        {"[]", "not strict JSON"},
        {"{}x", "not strict JSON"},
        {"{}", "of another version"},
        {"{\"version\":1,\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":[]}",
         "of another version"},
        {"{\"version\":\"2\",\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":[]}",
         "of another version"},
        {"{\"version\":3,\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":[]}",
         "not strict JSON"},
        {"{\"version\":3,\"fetched\":1,\"keys\":[]}", "for another URI"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "/\",\"fetched\":1,\"keys\":[]}", "for another URI"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\\u0000\",\"fetched\":1,\"keys\":[]}",
         "not strict JSON"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"keys\":[]}", "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":0,\"keys\":[]}",
         "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":-5,\"keys\":[]}",
         "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":\"5\",\"keys\":[]}",
         "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1e9,\"keys\":[]}",
         "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":99999999999999999999,\"keys\":[]}",
         "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":{}}",
         "without a time or keys"},
        {"{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1}", "without a time or keys"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char test[32];
        snprintf(test, sizeof test, "bad document %zu", i + 1);
        ok(write_text(bad[i].text), "%s is written", test);
        missed(bad[i].why, test);
    }
    static const char nul[] =
        "{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":[]}\0";
    ok(cache_write(dir, &names, nul, sizeof nul - 1, &diag), "written with a NUL behind it");
    missed("not strict JSON", "a NUL behind the document");
    static const char broken[] =
        "{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":[],"
        "\"etag\":\"a\\r\\nHost: evil\",\"last_modified\":\"\\u00e9\"}";
    ok(write_text(broken) && look() == CACHE_READ && cached.etag == NULL &&
           cached.last_modified == NULL,
       "validators that would break a header are as good as absent");
    static const char del[] = "{\"version\":3,\"uri\":\"" CACHE_URI "\",\"fetched\":1,\"keys\":[],"
                              "\"etag\":\"e\x7f\",\"last_modified\":\"then\"}";
    ok(write_text(del) && look() == CACHE_READ && cached.etag == NULL &&
           cached.last_modified != NULL,
       "each for itself, and DEL too");
}

static void planted(void)
{
    put(at("elsewhere"), good);
    chmod(at("elsewhere"), 0600);
    if (unlink(document()) != 0 || symlink(at("elsewhere"), document()) != 0) {
        tempdir_bail("symlink");
    }
    missed("symbolic link", "a link to a good document");
    if (link(at("elsewhere"), document()) != 0) {
        tempdir_bail("link");
    }
    missed("more than one link", "a hard link to a good document");
    if (mkfifo(document(), 0600) != 0) {
        tempdir_bail("mkfifo");
    }
    alarm(20); /* should it wait for a writer */
    missed("not a regular file", "a FIFO");
    alarm(0);
    make_directory(document(), 0700);
    missed("not a regular file", "a directory");
    if (needs_root("a file of another user")) {
        ok(write_text(good) && chown(document(), STRANGER, STRANGER) == 0, "given to another user");
        missed("belongs to another user", "another user's file");
        ok(write_text(good) && chown(at("cache"), STRANGER, STRANGER) == 0,
           "in a directory of another user");
        become(STRANGER);
        missed("Permission denied", "a file of root's that we may not read");
        become(0);
        if (chown(at("cache"), 0, 0) != 0) {
            tempdir_bail("chown");
        }
    }
}

static void too_long(void)
{
    size_t length = strlen(good);
    char *text = malloc(CACHE_FILE_MAX + 1);
    memset(text, ' ', CACHE_FILE_MAX + 1);
    memcpy(text, good, length);
    ok(cache_write(dir, &names, text, CACHE_FILE_MAX, &diag) && look() == CACHE_READ,
       "exactly 1 MiB is read");
    ok(cache_write(dir, &names, text, CACHE_FILE_MAX + 1, &diag), "one byte more");
    missed("larger than 1 MiB", "one byte more");
    free(text);
}

/* Whatever is taken from a damaged document is our key. EC: of nearly all damaged points none is on
 * the curve. */
static bool only_ours(const char *text, size_t length, const struct jwk *ours)
{
    struct cached taken;
    bool good_key = true;
    if (cache_parse(text, length, CACHE_URI, &taken, &diag)) {
        struct keyset *set = keyset_make(taken.json, EC, NULL, NULL);
        const struct jwk *found = NOT_THERE;
        if (set != NULL && keyset_count(set) > 0) {
            good_key = keyset_find(set, NULL, 0, JWA_ES256, &found) == BEARER_OK &&
                       jwk_same_material(found, ours);
        }
        keyset_free(set);
    }
    cached_clear(&taken);
    return good_key;
}

static void damaged(void)
{
    size_t length = strlen(good);
    size_t taken = 0;
    size_t foreign = 0;
    ok(write_text(good) && look() == CACHE_READ, "a good document to begin with");
    struct keyset *set = keyset_make(cached.json, EC, NULL, &diag);
    const struct jwk *ours = NULL;
    ok(set != NULL && keyset_find(set, "k1", 2, JWA_ES256, &ours) == BEARER_OK, "and its key");
    for (size_t i = 0; i < length; i++) {
        struct cached part;
        taken += cache_parse(good, i, CACHE_URI, &part, &diag) ? 1 : 0;
        cached_clear(&part);
    }
    is_number(taken, 0, "no beginning of a document passes for it (%zu lengths)", length);
    char *text = strdup(good);
    for (size_t i = 0; i < length * 8; i++) {
        char *octet = &text[i / 8];
        *octet = (char)(*octet ^ (1 << i % 8));
        foreign += only_ours(text, length, ours) ? 0 : 1;
        *octet = (char)(*octet ^ (1 << i % 8));
    }
    is_number(foreign, 0, "no bit flipped gives another key (%zu bits)", length * 8);
    is_string(text, good, "all of them were flipped back");
    free(text);
    keyset_free(set);
}

/* What a refresh that was killed, or an attacker, left under the temporary name is replaced, never
 * written to. */
static void left_behind(void)
{
    char temporary[256];
    snprintf(temporary, sizeof temporary, "%s", at("cache/%s", names.temporary));
    put_bytes(temporary, "half a docum", 12, 0400);
    ok(write_text(good) && look() == CACHE_READ, "over half a document, read-only");
    put(at("target"), "untouched");
    ok(symlink(at("target"), temporary) == 0 && write_text(good) && look() == CACHE_READ,
       "over a link");
    ok(link(at("target"), temporary) == 0 && write_text(good) && look() == CACHE_READ,
       "over a hard link");
    char content[16] = "";
    int fd = open(at("target"), O_RDONLY | O_CLOEXEC);
    ok(read(fd, content, sizeof content - 1) == 9 && strcmp(content, "untouched") == 0,
       "whose target is not touched");
    close(fd);
    ok(mkfifo(temporary, 0600) == 0 && write_text(good) && look() == CACHE_READ, "over a FIFO");
    make_directory(temporary, 0700);
    ok(!write_text(good) && strstr(diag.text, "cannot create") != NULL,
       "a directory there is an error");
    rmdir(temporary);
    ok(write_text(good) && symlink(at("target"), document()) != 0 && errno == EEXIST,
       "the document is there");
    unlink(document());
    ok(symlink(at("target"), document()) == 0 && write_text(good) && look() == CACHE_READ,
       "a planted link in its place is replaced");
}

/* A write that fails, and the old document stays. */
static void still_there(const char *why, const char *test)
{
    has(diag.text, test, why, "the old keys stay", NULL);
    ok(access(at("cache/%s", names.temporary), F_OK) != 0, "  nothing is left of it");
    ok(look() == CACHE_READ && cached.fetched == FETCHED, "  the old document is there");
}

static void failing_writes(void)
{
    struct rlimit before;
    char *other = document_of(CACHE_URI, FETCHED + 1, "{\"keys\":[]}");
    ok(write_text(good), "a good document to begin with");
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = {.rlim_cur = 40, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    bool written = write_text(other);
    setrlimit(RLIMIT_FSIZE, &before);
    ok(!written, "what can be written in part only fails");
    still_there("cannot write", "and says so");
    if (needs_root("a directory that cannot be written")) {
        if (chown(document(), STRANGER, STRANGER) != 0 || chmod(at("cache"), 0755) != 0) {
            tempdir_bail("chown");
        }
        become(STRANGER);
        ok(!write_text(other), "what cannot be created fails");
        still_there("cannot create", "and says so");
        become(0);
    }
    unlink(document());
    make_directory(document(), 0700);
    ok(!write_text(other) && strstr(diag.text, "cannot put in place") != NULL,
       "what cannot be put in place fails");
    ok(access(at("cache/%s", names.temporary), F_OK) != 0, "  and leaves nothing");
    rmdir(document());
    free(other);
}

int main(void)
{
    static const char *const kids[] = {"k1", NULL};
    tempdir_make();
    umask(022);
    key = test_key_new(JWA_ES256, "k1");
    char *jwks = jwks_with(key, kids);
    good = document_of(CACHE_URI, FETCHED, jwks);
    free(jwks);
    cache_names(CACHE_URI, NULL, NULL, &names);
    dir = cache_dir_open(at("cache"), (uid_t)-1, &diag);
    named();
    named_by_the_way();
    directories();
    round_trip();
    public_only();
    too_much();
    wrong_content();
    planted();
    too_long();
    damaged();
    left_behind();
    failing_writes();
    cached_clear(&cached);
    close(dir);
    free(good);
    test_key_free(key);
    return tap_done();
}
