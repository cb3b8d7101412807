/* SPDX-License-Identifier: MIT */
/* The list of revoked tokens: what a line may say, and which tokens it names. */
#include "door/revoked.h"

#include <stdlib.h>

#include "base/text.h"
#include "json/json.h"

#include "tap.h"

#define NOW 1700000000

static struct revoked *read_list(const char *text, unsigned profiles, struct diag *diag)
{
    /* Of its own size, so that a sanitizer sees what reads beyond it. */
    size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, text, length);
    struct revoked *list = revoked_parse(copy, length, profiles, diag);
    free(copy);
    return list;
}

/* So many lines count. */
static void good(const char *text, size_t count, const char *test)
{
    struct diag diag = {""};
    struct revoked *list = read_list(text, 1, &diag);
    if (!ok(list != NULL && revoked_count(list) == count, "%s", test)) {
        printf("# %zu lines; %s\n", list != NULL ? revoked_count(list) : 0, diag.text);
    }
    revoked_free(list);
}

/* It is refused, and the message has both. */
static void bad(const char *text, const char *one, const char *other)
{
    struct diag diag = {""};
    struct revoked *list = read_list(text, 1, &diag);
    if (!ok(list == NULL && strstr(diag.text, one) != NULL && strstr(diag.text, other) != NULL,
            "refused: %s %s", one, other)) {
        printf("# %s: %s\n", list != NULL ? "taken" : "refused", diag.text);
    }
    revoked_free(list);
}

static void lines(void)
{
    good("", 0, "nothing");
    good("\n\r\n \t \n# sub=x\n   # one\n", 0, "nothing but comments and blanks");
    good("\xef\xbb\xbfsub=x\r\nsub=y\r\n", 2, "a byte order mark, CRLF");
    good("sub=x", 1, "the last line without its end");
    good("\tsub=x\t client='a b'\tjti=j\tsid=s kid=k issuer=https://i/ before=1 until=2 # why\n", 1,
         "all words, blanks of both kinds, a comment");
    good("before=1 sub=x\nuntil='2026-11-29T12:00:00Z' sub=y\n", 2, "in any order, quoted too");
    good("sub='auth0|1'\nsub='it''s'\nsub='N\xc3\xb6rd'\nsub=''\nsub=a=b#c\n", 5, "values");
    good("sub=x\nsub=x\nsub=x until=1\n", 3, "the same again");

    bad("sub=x\nsub\n", "line 2: 'sub' is not NAME=VALUE", "sub='auth0|5f7c'");
    bad("hello world\n", "line 1: 'hello'", "# before a comment");
    bad("=x\n", "line 1", "'=' is nothing that a line can say");
    bad("Sub=x\n", "'Sub='", "write sub=, client=, jti=, sid=, kid=, issuer=");
    bad("subject=x\n", "'subject='", "before= or until=");
    bad("sub=x sub=y\n", "sub= stands there twice", "a line for each");
    bad("sub=x before=1 before=2\n", "before= stands there twice", "line 1");
    bad("sub=x until=1 until=2\n", "until= stands there twice", "line 1");
    bad("sub=auth0|1\n", "line 1: sub=: a value with |", "quotes: sub='auth0|1'");
    bad("client=a|b|c\tsub=x\n", "line 1: client=", "quotes: client='a|b|c'");
    bad("sub=it's\n", "line 1: sub=", "'it''s'");
    bad("sub='x\n", "line 1: sub=", "does not end");
    bad("sub='x'y\n", "sub=: 'y' stands behind the closing quote", "a blank");
    bad("sub='x'#y z\n", "sub=: '#y' stands", "a blank");
    bad("sub=\n", "line 1: sub=", "");
    bad("sub= client=x\n", "line 1: sub=", "");
    bad("sub=\xff\n", "line 1: sub=", "UTF-8");
    bad("sub='a\x01'\n", "line 1: sub=", "control character");
    bad("before=1\n", "whose tokens", "write one of sub=");
    bad("until=1 # all of them\n", "whose tokens", "sub=");
    bad("sub=x before=now\n", "before='now' is no time", "2026-11-29T12:00:00Z");
    bad("sub=x until=yesterday\n", "until='yesterday' is no time", "seconds since 1970");
    bad("sub=x before=''\n", "before='' is no time", "");
}

static void several_profiles(void)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"sub=x", false},          {"sid=x", false},   {"client=x", false},
        {"jti=x sid=y", false},    {"jti=x", true},    {"kid=x", true},
        {"sub=x issuer=i", true},  {"issuer=i", true}, {"sid=x issuer=i", true},
        {"client=x kid=y", false}, {"", true},         {"client=x issuer=i", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diag diag = {""};
        struct revoked *list = read_list(rows[i].text, 2, &diag);
        bool right = rows[i].good ? list != NULL : strstr(diag.text, "write issuer=") != NULL;
        ok(right, "with two issuers: '%s' %s", rows[i].text, rows[i].good ? "is good" : "is not");
        revoked_free(list);
    }
}

/* Which line of the list names a token with these claims and this kid; 0: none. */
static unsigned named(const struct revoked *list, const char *claims, const char *kid, int64_t now)
{
    struct token token = {0};
    token.claims = js_parse(claims, strlen(claims), NULL);
    token.kid_length = strlen(kid);
    memcpy(token.kid, kid, token.kid_length);
    const struct revoked_line *line = revoked_find(list, &token, now);
    unsigned number = line != NULL ? line->number : 0;
    js_free(token.claims);
    return number;
}

static const char list_text[] = "# the list\n"
                                "sub='auth0|1'\n"
                                "client=app\n"
                                "jti=j-1\n"
                                "sid=s\n"
                                "kid=k\n"
                                "issuer=https://bad.test/\n"
                                "sub=both client=web\n"
                                "sub=old before=1000\n"
                                "sub=until until=2000\n"
                                "sub='' \n"
                                "jti=12\n"
                                "sid=true\n"
                                "sub=two before=1000 until=2000\n"
                                "sub=two before=500\n"
                                "sub='N\xc3\xb6rd'\n";
static const struct {
    const char *claims, *kid;
    int64_t now;
    unsigned line;
    const char *test;
} tokens[] = {
    {"{}", "", NOW, 0, "a token that says nothing"},
    {"{\"sub\":\"auth0|1\"}", "", NOW, 2, "a user"},
    {"{\"sub\":\"auth0|11\"}", "", NOW, 0, "another, whose name only begins so"},
    {"{\"sub\":\"auth0|\"}", "", NOW, 0, "or is shorter"},
    {"{\"sub\":\"AUTH0|1\"}", "", NOW, 0, "or of other case"},
    {"{\"sub\":\"app\"}", "", NOW, 0, "a user called like a client"},
    {"{\"azp\":\"app\"}", "", NOW, 3, "a client by azp"},
    {"{\"client_id\":\"app\"}", "", NOW, 3, "by client_id"},
    {"{\"cid\":\"app\"}", "", NOW, 3, "by cid"},
    {"{\"appid\":\"app\"}", "", NOW, 3, "by appid"},
    {"{\"azp\":\"other\",\"client_id\":\"app\"}", "", NOW, 0, "the first of them counts"},
    {"{\"cid\":\"app\",\"appid\":\"other\"}", "", NOW, 3, "whichever that is"},
    {"{\"client\":\"app\"}", "", NOW, 0, "no other claim does"},
    {"{\"jti\":\"j-1\",\"sub\":\"somebody\"}", "k0", NOW, 4, "one token"},
    {"{\"jti\":12}", "", NOW, 12, "one whose jti is a number"},
    {"{\"jti\":12.0}", "", NOW, 0, "as it is written"},
    {"{\"sid\":true}", "", NOW, 13, "or true"},
    {"{\"sid\":[\"s\"]}", "", NOW, 0, "but no array"},
    {"{\"sid\":\"s\"}", "", NOW, 5, "a session"},
    {"{}", "k", NOW, 6, "a key, by the header"},
    {"{\"kid\":\"k\"}", "", NOW, 0, "which no claim is"},
    {"{\"iss\":\"https://bad.test/\"}", "", NOW, 7, "an issuer"},
    {"{\"issuer\":\"https://bad.test/\"}", "", NOW, 0, "by iss alone"},
    {"{\"sub\":\"both\",\"azp\":\"web\"}", "", NOW, 8, "all that a line says"},
    {"{\"sub\":\"both\"}", "", NOW, 0, "half of it"},
    {"{\"sub\":\"both\",\"azp\":\"app2\"}", "", NOW, 0, "or with another half"},
    {"{\"sub\":\"both\",\"azp\":\"app\"}", "", NOW, 3, "which another line says"},
    {"{\"sub\":\"web\",\"azp\":\"both\"}", "", NOW, 0, "or the other way round"},
    {"{\"sub\":\"old\",\"iat\":999}", "", NOW, 9, "issued before"},
    {"{\"sub\":\"old\",\"iat\":999.999}", "", NOW, 9, "just before"},
    {"{\"sub\":\"old\",\"iat\":1000}", "", NOW, 0, "at that second"},
    {"{\"sub\":\"old\",\"iat\":1e3}", "", NOW, 0, "which may be written so"},
    {"{\"sub\":\"old\",\"iat\":9.99e2}", "", NOW, 9, "or so"},
    {"{\"sub\":\"old\",\"iat\":1001}", "", NOW, 0, "after it"},
    {"{\"sub\":\"old\"}", "", NOW, 9, "nobody knows when"},
    {"{\"sub\":\"until\"}", "", 1999, 10, "until the second before"},
    {"{\"sub\":\"until\"}", "", 2000, 0, "and no longer"},
    {"{\"sub\":\"\"}", "", NOW, 11, "nobody in particular"},
    {"{\"sub\":\"two\",\"iat\":600}", "", 1999, 14, "two lines with the same names"},
    {"{\"sub\":\"two\",\"iat\":600}", "", 2000, 0, "of which one is past"},
    {"{\"sub\":\"two\",\"iat\":400}", "", 2000, 15, "and one is not"},
    {"{\"sub\":\"N\xc3\xb6rd\"}", "", NOW, 16, "beyond ASCII"},
    {"{\"sub\":\"N\\u00f6rd\"}", "", NOW, 16, "however the token writes it"},
    {"{\"sub\":\"No\xcc\x88rd\"}", "", NOW, 0, "to the octet"},
};

static void names(void)
{
    struct diag diag = {""};
    struct revoked *list = read_list(list_text, 1, &diag);
    if (!ok(list != NULL, "the list is good")) {
        printf("# %s\n", diag.text);
        return;
    }
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        is_number(named(list, tokens[i].claims, tokens[i].kid, tokens[i].now), tokens[i].line, "%s",
                  tokens[i].test);
    }
    ok(!revoked_is_past(revoked_at(list, 8), 1999) && revoked_is_past(revoked_at(list, 8), 2000),
       "a line is past when it names nothing any more");
    revoked_free(list);
}

/* Every set of names, each alone on a line. */
static void sets(void)
{
    static const char *const words[] = {"sub=a", "client=b", "jti=c", "sid=d", "kid=e", "issuer=f"};
    char text[16384] = "";
    size_t used = 0;
    unsigned wrong = 0;
    for (unsigned set = 1; set < 64; set++) {
        for (unsigned i = 0; i < 6; i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s ",
                                     (set & 1U << i) != 0 ? words[i] : "");
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "until=%u\n", set + 1000);
    }
    struct diag diag = {""};
    struct revoked *list = read_list(text, 1, &diag);
    for (unsigned set = 1; list != NULL && set < 64; set++) {
        /* Only the lines from that of the set on are not past. */
        char claims[256];
        snprintf(claims, sizeof claims, "{\"x\":1%s%s%s%s%s}", (set & 1) ? ",\"sub\":\"a\"" : "",
                 (set & 2) ? ",\"azp\":\"b\"" : "", (set & 4) ? ",\"jti\":\"c\"" : "",
                 (set & 8) ? ",\"sid\":\"d\"" : "", (set & 32) ? ",\"iss\":\"f\"" : "");
        wrong += named(list, claims, (set & 16) ? "e" : "", set + 999) != set;
    }
    ok(list != NULL && wrong == 0, "each of 63 sets of names is looked for");
    revoked_free(list);
}

static char *many(unsigned count)
{
    char *text = malloc(count * 32 + 1);
    size_t used = 0;
    for (unsigned i = 0; text != NULL && i < count; i++) {
        used += (size_t)snprintf(text + used, 32, "sub='auth0|%u'\n", i);
    }
    return text;
}

static void limits(void)
{
    struct diag diag = {""};
    char *text = many(REVOKED_MAX + 1);
    struct revoked *list = read_list(text, 1, &diag);
    ok(list == NULL && strstr(diag.text, "line 10001: ") != NULL &&
           strstr(diag.text, "bearerctl revoked") != NULL,
       "one line more than there may be");
    revoked_free(list);
    *strrchr(text, 's') = '#';
    list = read_list(text, 1, &diag);
    ok(list != NULL && revoked_count(list) == REVOKED_MAX, "as many as there may be");
    unsigned wrong = 0;
    for (unsigned i = 0; list != NULL && i < REVOKED_MAX; i++) {
        char claims[64];
        snprintf(claims, sizeof claims, "{\"sub\":\"auth0|%u\"}", i);
        wrong += named(list, claims, "", NOW) != i + 1;
    }
    is_number(wrong, 0, "and each of them is found");
    revoked_free(list);
    free(text);
}

/* What is written of a line is read as the same. */
static void written(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"sub=x", "sub=x"},
        {"issuer=https://i/  sub='auth0|1' # why", "sub='auth0|1' issuer=https://i/"},
        {"until=0 before=2026-11-29T13:00:00.5+01:00 kid='k'",
         "kid=k before=2026-11-29T12:00:01Z until=1970-01-01T00:00:00Z"},
        {"sub='it''s' client='' jti='''' sid='''a''' kid='a b'",
         "sub='it''s' client='' jti='''' sid='''a''' kid='a b'"},
        {"sub='\"' client='\\' jti='N\xc3\xb6rd' sid=a=b#c kid='#'",
         "sub='\"' client='\\' jti='N\xc3\xb6rd' sid=a=b#c kid=#"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text once = {0};
        struct text twice = {0};
        struct revoked_line line;
        char room[256];
        size_t used = 0;
        bool good =
            revoked_line_read(rows[i].text, strlen(rows[i].text), 1, room, &used, &line, NULL);
        revoked_line_write(&once, &line);
        good = good && revoked_line_read(once.bytes, once.length, 1, room, &used, &line, NULL);
        revoked_line_write(&twice, &line);
        ok(good, "%s is good", rows[i].text);
        is_string(once.bytes, rows[i].expected, "and written so");
        is_string(twice.bytes, rows[i].expected, "which is read and written as itself");
        text_clear(&once);
        text_clear(&twice);
    }
}

int main(void)
{
    lines();
    several_profiles();
    names();
    sets();
    limits();
    written();
    return tap_done();
}
