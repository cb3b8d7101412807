/* SPDX-License-Identifier: MIT */
/* The grammar of BEARER_REQUIRE, and what it then takes to meet it. */
#include "policy/requirement.h"

#include <stdlib.h>

#include "json/json.h"

#include "tap.h"

static struct requirement requirement;
static struct diag diag;

static bool parse(const char *text)
{
    memset(&requirement, 0x5a, sizeof requirement); /* nothing of it is set by chance */
    diag_set(&diag, "%s", "");
    return requirement_parse(text, &requirement, &diag);
}

static enum bearer_code check(const char *claims)
{
    struct json_object *object = js_parse(claims, strlen(claims), NULL);
    if (object == NULL) {
        printf("Bail out! not JSON: %s\n", claims);
        exit(99);
    }
    enum bearer_code code = requirement_check(&requirement, object);
    js_free(object);
    return code;
}

/* Claims that meet everything there is to meet. */
#define EVERYTHING                                                                                \
    "{\"scope\":\"a b optional valid-token Scope=a\",\"permissions\":[\"a\",\"b\",\"optional\"]," \
    "\"claim\":\"a\",\"a\":\"b\",\"\":\"b\",\"b\":[\"c\",1,true],\"optional\":true}"

/* Not in the grammar: refused with a message, and then it never holds. */
static void refused(const char *text, const char *said, const char *test)
{
    bool good = !parse(text) && strstr(diag.text, said) != NULL && !requirement.optional &&
                requirement.count == 0 && check(EVERYTHING) == BEARER_NOT_GRANTED &&
                requirement_check(&requirement, NULL) == BEARER_NOT_GRANTED;
    if (!ok(good, "refused: %s", test)) {
        printf("# the message: %s\n", diag.text);
    }
}

static void meets(const char *text, const char *claims, const char *test)
{
    bool parsed = parse(text);
    if (!ok(parsed && check(claims) == BEARER_OK, "%s: %s meets %s", test, claims, text)) {
        printf("# the message: %s\n", diag.text);
    }
}

static void lacks(const char *text, const char *claims, const char *test)
{
    bool parsed = parse(text);
    if (!ok(parsed && check(claims) == BEARER_NOT_GRANTED, "%s: %s does not meet %s", test, claims,
            text)) {
        printf("# the message: %s\n", diag.text);
    }
}

static void scopes(const char *text, const char *expected, const char *test)
{
    char out[64];
    memset(out, 'x', sizeof out);
    parse(text);
    requirement_scopes(&requirement, out, sizeof out);
    is_string(out, expected, "challenge of %s: %s", text, test);
}

static void terms(void)
{
    meets("valid-token", "{}", "any token");
    meets("scope=a", "{\"scope\":\"b a\"}", "a scope");
    lacks("scope=a", "{\"permissions\":[\"a\"]}", "a permission is no scope");
    meets("permission=a", "{\"permissions\":[\"a\"]}", "a permission");
    lacks("permission=a", "{\"scope\":\"a\"}", "a scope is no permission");
    meets("either=a", "{\"scope\":\"a\"}", "a scope");
    meets("either=a", "{\"permissions\":[\"b\",\"a\"]}", "a permission");
    lacks("either=a", "{\"scope\":\"b\",\"permissions\":[\"c\"]}", "neither");
    meets("claim:org=x", "{\"org\":\"x\"}", "a claim");
    lacks("claim:org=x", "{\"org\":\"y\"}", "another value");
    lacks("claim:org=x", "{}", "no claim");
    lacks("claim:org=x", "{\"scope\":\"x\",\"permissions\":[\"x\"]}", "another claim");
    meets("scope=valid-token", "{\"scope\":\"valid-token\"}", "a word is a name after =");
    lacks("scope=valid-token", "{}", "a word is a name after =");
    meets("scope=a=b", "{\"scope\":\"a=b\"}", "a scope with an equals sign");
    meets("scope=https://x.example/y:z", "{\"scope\":\"https://x.example/y:z\"}",
          "a scope that is a URL");
    meets("scope=claim:a=b", "{\"scope\":\"claim:a=b\"}", "one kind only");
}

static void claim_names(void)
{
    meets("claim:https://x.example/role=admin", "{\"https://x.example/role\":\"admin\"}",
          "a name that is a URL");
    meets("claim:https://x.example/?a=b&c=admin", "{\"https://x.example/?a=b&c\":\"admin\"}",
          "a URL with a query");
    lacks("claim:https://x.example/?a=b&c=admin", "{\"https://x.example/?a\":\"b&c=admin\"}",
          "split at the last equals sign");
    meets("claim:a==b", "{\"a=\":\"b\"}", "split at the last equals sign");
    lacks("claim:a==b", "{\"a\":\"=b\"}", "split at the last equals sign");
    meets("claim:a:b=c", "{\"a:b\":\"c\"}", "a colon in a name");
    meets("claim:scope=a", "{\"scope\":\"a\"}", "the claim scope, compared whole");
    lacks("claim:scope=a", "{\"scope\":\"a b\"}", "the claim scope, compared whole");
    meets("claim:a=optional", "{\"a\":\"optional\"}", "a word as a value");
    lacks("claim:A=b", "{\"a\":\"b\"}", "case counts in names");
    lacks("claim:a=B", "{\"a\":\"b\"}", "and in values");
    lacks("claim:a=b", "{\"ab\":\"b\",\"a\":\"bc\"}", "neither is a prefix");
}

static void all_and_any(void)
{
    meets("scope=a scope=b", "{\"scope\":\"a b\"}", "all of them");
    lacks("scope=a scope=b", "{\"scope\":\"a\"}", "the first alone");
    lacks("scope=a scope=b", "{\"scope\":\"b\"}", "the last alone");
    meets("scope=a|scope=b", "{\"scope\":\"a\"}", "the first of two");
    meets("scope=a|scope=b", "{\"scope\":\"b\"}", "the last of two");
    lacks("scope=a|scope=b", "{\"scope\":\"c\"}", "none of two");
    meets("scope=a|permission=a|claim:a=a", "{\"a\":\"a\"}", "the last of three");
    /* | binds closer than a space, wherever it stands */
    meets("scope=a|scope=b scope=c", "{\"scope\":\"b c\"}", "(a or b) and c");
    lacks("scope=a|scope=b scope=c", "{\"scope\":\"a b\"}", "(a or b) and c");
    lacks("scope=a|scope=b scope=c", "{\"scope\":\"c\"}", "(a or b) and c");
    meets("scope=c scope=a|scope=b", "{\"scope\":\"c a\"}", "c and (a or b)");
    lacks("scope=c scope=a|scope=b", "{\"scope\":\"a b\"}", "c and (a or b)");
    lacks("scope=c scope=a|scope=b", "{\"scope\":\"c\"}", "c and (a or b)");
    lacks("scope=a|scope=b scope=c|scope=d", "{\"scope\":\"c d\"}", "(a or b) and (c or d)");
    meets("scope=a|scope=b scope=c|scope=d", "{\"scope\":\"d a\"}", "(a or b) and (c or d)");
    meets("valid-token|scope=a", "{}", "any token is one of two");
    lacks("valid-token scope=a", "{}", "any token is not enough");
    meets("  scope=a   scope=b  ", "{\"scope\":\"a b\"}", "spaces do no harm");
    meets("scope=a scope=a", "{\"scope\":\"a\"}", "twice the same");
}

static void unknown_terms(void)
{
    static const char *const words[] = {"nothing",
                                        "any",
                                        "none",
                                        "public",
                                        "valid_token",
                                        "valid-tokens",
                                        "valid-toke",
                                        "Valid-Token",
                                        "VALID-TOKEN",
                                        "valid-token=",
                                        "scope",
                                        "scope=",
                                        "Scope=a",
                                        "scopes=a",
                                        "scope:a",
                                        "scope:=a",
                                        "scope =a",
                                        "scope= a",
                                        "=a",
                                        "=",
                                        "a",
                                        "permission=",
                                        "permissions=a",
                                        "perm=a",
                                        "either=",
                                        "either",
                                        "eiter=a",
                                        "claim:",
                                        "claim",
                                        "claim=a",
                                        "claim:a",
                                        "claim:a=",
                                        "claim:=a",
                                        "claim:=",
                                        "claim:==",
                                        "claim=a=b",
                                        "Claim:a=b",
                                        "role=a",
                                        "!scope=a",
                                        "-scope=a",
                                        "(scope=a)",
                                        "scope=a,b;c other",
                                        "valid-token,",
                                        "*",
                                        "REQUIRE_NEVER",
                                        "0",
                                        "1",
                                        "true"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        refused(words[i], "unknown term", words[i]);
    }
    refused("scope=a nonsense", "\"nonsense\"", "a bad term after a good one");
    refused("nonsense scope=a", "\"nonsense\"", "a bad term before a good one");
    refused("valid-token|nonsense", "\"nonsense\"", "a bad alternative");
    refused("nonsense",
            "valid-token, scope=NAME, permission=NAME, either=NAME and claim:NAME=VALUE",
            "what would be right is named");
}

static void odd_texts(void)
{
    refused("", "empty", "nothing");
    refused(" ", "empty", "a space");
    refused("     ", "empty", "spaces");
    refused("|", "unknown term", "a bar");
    refused("||", "unknown term", "two bars");
    refused("scope=a|", "unknown term", "nothing after a bar");
    refused("|scope=a", "unknown term", "nothing before a bar");
    refused("scope=a||scope=b", "unknown term", "nothing between bars");
    refused("scope=a | scope=b", "unknown term", "a bar between spaces");
    refused("scope=a |scope=b", "unknown term", "a space before a bar");
    refused("scope=a| scope=b", "unknown term", "a space after a bar");
    refused("scope=a\tscope=b", "not printable", "a tab");
    refused("scope=a\n", "not printable", "a line feed");
    refused("scope=a\r\nX: y", "\\x0d\\x0aX: y", "CRLF, escaped in the message");
    refused("scope=\x01", "not printable", "a control character");
    refused("scope=\x7f", "not printable", "DEL");
    refused("scope=\xc3\xa9", "not printable", "UTF-8");
    refused("scope=\xff", "not printable", "an octet that is no UTF-8");
    refused("valid-token\xc2\xa0", "not printable", "a no-break space");
    refused("scope=\"a\"", "not printable", "quotes");
    refused("\"valid-token\"", "not printable", "quotes around it");
    refused("scope=a\\b", "not printable", "a backslash");
    ok(!parse("scope=\"") && requirement.text != NULL && *requirement.text == '\0',
       "what is not printable is not kept to be shown");
}

static void nobody(void)
{
    ok(parse("optional") && requirement.optional && requirement.count == 0, "optional");
    is_number(check("{}"), BEARER_OK, "a token meets it");
    ok(parse("valid-token") && !requirement.optional, "any other requirement is not optional");
    ok(parse("scope=optional") && !requirement.optional, "nor is a scope of this name");
    ok(parse("claim:optional=optional") && !requirement.optional, "nor a claim");
    refused("optional scope=a", "optional", "optional with a term");
    refused("scope=a optional", "optional", "a term with optional");
    refused("optional optional", "optional", "optional twice");
    refused("optional|scope=a", "optional", "optional as an alternative");
    refused("scope=a|optional", "optional", "optional as an alternative");
    refused("optional ", "optional", "optional and a space");
    refused(" optional", "optional", "a space and optional");
    refused("Optional", "unknown term", "Optional");
    refused("OPTIONAL", "unknown term", "OPTIONAL");
    refused("optional=", "unknown term", "optional=");
    refused("optionally", "unknown term", "optionally");
}

/* `count` times `piece`, separated by `separator`. */
static const char *repeated(const char *piece, const char *separator, size_t count)
{
    static char text[8192];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? separator : "", piece);
        if (n < 0 || (size_t)n >= sizeof text - used) {
            printf("Bail out! too long\n");
            exit(99);
        }
        used += (size_t)n;
    }
    return text;
}

static void limits(void)
{
    static char text[REQUIREMENT_LENGTH_MAX + 2];
    ok(parse(repeated("scope=a", " ", REQUIREMENT_TESTS_MAX)), "64 terms");
    is_number(requirement.count, REQUIREMENT_TESTS_MAX, "  are all there");
    refused(repeated("scope=a", " ", REQUIREMENT_TESTS_MAX + 1), "too many", "65 terms");
    ok(parse(repeated("scope=a", "|", REQUIREMENT_TESTS_MAX)), "64 alternatives");
    is_number(check("{\"scope\":\"a\"}"), BEARER_OK, "  hold together");
    refused(repeated("valid-token", "|", REQUIREMENT_TESTS_MAX + 1), "too many", "65 alternatives");
    refused(repeated("scope=a|scope=b", " ", REQUIREMENT_TESTS_MAX / 2 + 1), "too many",
            "33 pairs");
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "scope=", 6);
    text[REQUIREMENT_LENGTH_MAX] = '\0';
    ok(parse(text), "2048 characters");
    is_number(requirement.tests[0].name_length, REQUIREMENT_LENGTH_MAX - 6, "  are one name");
    text[REQUIREMENT_LENGTH_MAX] = 'a';
    refused(text, "too long", "2049 characters");
    ok(strlen(diag.text) < 500, "of a long text only a part is shown");
    memset(text, ' ', REQUIREMENT_LENGTH_MAX + 1);
    memcpy(text, "optional", 8);
    refused(text, "too long", "optional and 2041 spaces");
}

static void unset(void)
{
    static const struct requirement zero;
    char out[8] = "x";
    is_number(requirement_check(&zero, NULL), BEARER_NOT_GRANTED,
              "what was never parsed never holds");
    requirement = (struct requirement){.text = "", .count = 1};
    is_number(check(EVERYTHING), BEARER_NOT_GRANTED, "nor does a test of no kind");
    requirement.tests[0].kind = (enum requirement_kind)99;
    is_number(check(EVERYTHING), BEARER_NOT_GRANTED, "nor one of an unknown kind");
    requirement_scopes(&zero, out, sizeof out);
    is_string(out, "", "and names no scope");
    parse("scope=a");
    is_number(requirement_check(&requirement, NULL), BEARER_NOT_GRANTED, "no claims grant nothing");
}

static void challenges(void)
{
    scopes("scope=a", "a", "one");
    scopes("scope=a scope=b", "a b", "two, in their order");
    scopes("scope=b|scope=a", "b a", "alternatives too");
    scopes("either=a", "a", "what may be a scope");
    scopes("scope=a either=a scope=a", "a", "each once");
    scopes("either=a scope=a", "a", "each once");
    scopes("scope=a scope=b scope=a scope=c scope=b", "a b c", "each once");
    scopes("scope=ab scope=a scope=abc", "ab a abc", "a prefix is another");
    scopes("permission=a", "", "a permission is not asked for");
    scopes("permission=a scope=b", "b", "a permission is not asked for");
    scopes("permission=a scope=a", "a", "nor does it hide a scope of its name");
    scopes("claim:a=b", "", "nor is a claim");
    scopes("claim:a=b scope=a", "a", "a claim of the same name is no scope");
    scopes("valid-token", "", "nothing");
    scopes("optional", "", "nothing");
    scopes("nonsense", "", "nothing of what is refused");
    char out[4];
    parse("scope=abcd");
    requirement_scopes(&requirement, out, sizeof out);
    is_string(out, "", "what does not fit");
    parse("scope=ab");
    requirement_scopes(&requirement, out, sizeof out);
    is_string(out, "ab", "what fits");
    parse("scope=a scope=b");
    requirement_scopes(&requirement, out, sizeof out);
    ok(strlen(out) < sizeof out && (strcmp(out, "a b") == 0 || *out == '\0'),
       "two that just fit, or none");
    parse("scope=a scope=bc");
    requirement_scopes(&requirement, out, sizeof out);
    is_string(out, "", "a part is not named");
}

int main(void)
{
    terms();
    claim_names();
    all_and_any();
    unknown_terms();
    odd_texts();
    nobody();
    limits();
    unset();
    challenges();
    return tap_done();
}
