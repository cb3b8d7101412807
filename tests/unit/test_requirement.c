/* SPDX-License-Identifier: MIT */
/* The grammar of BEARER_REQUIRE, and what it then takes to meet it. */
#include "policy/requirement.h"

#include <stdlib.h>

#include "json/json.h"

#include "tap.h"

#define NOW 1700000000

static struct requirement requirement;
static const struct requirement_facts no_claims = {.now = NOW};
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
    const struct requirement_facts facts = {.claims = object, .now = NOW, .leeway = 5};
    enum bearer_code code = requirement_check(&requirement, &facts, NULL);
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
                requirement_check(&requirement, &no_claims, NULL) == BEARER_NOT_GRANTED;
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
    out[0] = '\0';
    parse(text);
    requirement_add_scopes(&requirement, out, sizeof out);
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
    meets("claim:'https://x.example/?a=b&c'=admin", "{\"https://x.example/?a=b&c\":\"admin\"}",
          "a URL with a query");
    meets("claim:https://x.example/?a=b&c=admin", "{\"https://x.example/?a\":\"b&c=admin\"}",
          "split at the first equals sign");
    lacks("claim:a==b", "{\"a=\":\"b\"}", "split at the first equals sign");
    meets("claim:a==b", "{\"a\":\"=b\"}", "split at the first equals sign");
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
                                        "Scope=a",
                                        "scopes=a",
                                        "scope:a",
                                        "scope:=a",
                                        "scope =a",
                                        "=a",
                                        "=",
                                        "a",
                                        "permissions=a",
                                        "perm=a",
                                        "either",
                                        "eiter=a",
                                        "claim",
                                        "claim=a",
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
    refused("nonsense", "valid-token, optional, scope=V, permission=V, either=V, claim:NAME, ",
            "what would be right is named");
}

static void odd_texts(void)
{
    refused("", "empty", "nothing");
    refused(" ", "empty", "a space");
    refused("     ", "empty", "spaces");
    refused("|", "unknown term", "a bar");
    refused("||", "unknown term", "two bars");
    refused("scope=a|", "takes no spaces", "nothing after a bar");
    refused("|scope=a", "takes no spaces", "nothing before a bar");
    refused("scope=a||scope=b", "takes no spaces", "nothing between bars");
    refused("scope=a | scope=b", "character 9, \"\": unknown term", "a bar between spaces");
    refused("scope=a |scope=b", "takes no spaces", "a space before a bar");
    refused("scope=a| scope=b", "takes no spaces", "a space after a bar");
    refused("scope=a\tscope=b", "control character", "a tab");
    refused("scope=a\n", "control character", "a line feed");
    refused("scope=a\r\nX: y", "\\x0d\\x0aX:", "CRLF, escaped in the message");
    refused("scope=\x01", "control character", "a control character");
    refused("scope=\x7f", "control character", "DEL");
    refused("scope=\xc3\xa9", "single quotes", "UTF-8");
    refused("scope=\xff", "not UTF-8", "an octet that is no UTF-8");
    refused("valid-token\xc2\xa0", "unknown term", "a no-break space");
    refused("scope=\"a\"", "single quotes", "quotes");
    refused("\"valid-token\"", "unknown term", "quotes around it");
    refused("scope=a\\b", "single quotes", "a backslash");
    ok(!parse("scope=\"") && requirement.text != NULL && *requirement.text == '\0',
       "what is refused is not kept to be shown");
}

/* Where it is wrong, and what to write instead. */
static void advice(void)
{
    refused("claim:groups=Team A",
            "character 19, \"A\": unknown term; a value with a space: "
            "'Team A'; else",
            "a value with a space");
    refused("scope=a claim:org=Nord und S",
            "character 24, \"und\": unknown term; a value with a "
            "space: 'Nord und'",
            "and its second word");
    refused("claim:'a b'='c' d", "character 17, \"d\": unknown term; a requirement",
            "behind a quoted value nothing is guessed");
    refused("claim:n=O'Brien x", "character 10, \"'Brien\": what has a quote", "a quote");
    refused("claim:n=O'Brien x", "written twice: 'O''Brien'", "and its right spelling");
    refused("claim:n='S\xc3\xbc"
            "d'x",
            "character 14, \"x\": behind a closing quote", "characters are counted");
    refused("claim:'n'x=y", "character 10, \"x=y\": behind the name of a claim", "a quoted name");
    refused("claim:n='x", "character 9, \"'x\": the quote that begins here does not end", "no end");
    refused("claim:=a", "character 7, \"=a\": the name of a claim is missing", "no name");
    refused("claim:", "the name of a claim is missing", "nothing");
    refused("claim:~=a", "the name of a claim is missing", "no name, and a pattern");
    refused("claim:a~", "'name~'", "a name that ends in ~");
    refused("claim:a~~=b", "'name~'", "a name that ends in ~, with a pattern");
    refused("claim:a= ", "a value is missing", "no value");
    refused("scope= a", "a value is missing", "no value");
    refused("scope=", "a value is missing", "no value");
    refused("claim:/a~2=x", "JSON Pointer", "a bad escape");
    refused("claim:'/a~'", "JSON Pointer", "half an escape");
    refused("!scope=a", "before claim: only", "a ! elsewhere");
    refused("!valid-token", "before claim: only", "a ! elsewhere");
    refused("!!claim:a", "unknown term", "two of them");
    refused("! claim:a", "unknown term", "a space behind it");
    refused("valid-token|scope=a", "each stands alone", "valid-token has no alternatives");
    refused("scope=a|optional", "each stands alone", "nor has optional");
    refused("optional|optional", "each stands alone", "nor has optional");
    refused("optional scope=a optional", "character 18, \"optional\": optional stands once",
            "optional twice");
    refused("scope=a|acr=b", "character 9, \"acr=b\": alternatives are denied in one way",
            "two classes");
    refused("audience=a|claim:b", "in one way", "two classes");
    refused("max-age=5|issuer=b", "in one way", "two classes");
    refused("max-age=", "max-age=3600", "no seconds");
    refused("max-age=05", "max-age=3600", "a zero in front");
    refused("max-age=-1", "max-age=3600", "less than none");
    refused("max-age=1.5", "max-age=3600", "a fraction");
    refused("max-age='5'", "max-age=3600", "quotes");
    refused("max-age=1h", "max-age=3600", "hours");
    refused("max-age=1000000000", "max-age=3600", "ten digits");
    refused("max-age=99999999999999999999999999", "max-age=3600", "26 digits");
    ok(parse("max-age=999999999 max-age=0") && requirement.tests[0].seconds == 999999999,
       "nine digits, and none at all");
}

static void nobody(void)
{
    ok(parse("optional") && requirement.optional, "optional");
    is_number(check("{}"), BEARER_OK, "a token meets it");
    ok(parse("optional scope=a") && requirement.optional, "optional with a term");
    is_number(check("{}"), BEARER_NOT_GRANTED, "somebody must meet the rest");
    is_number(check("{\"scope\":\"a\"}"), BEARER_OK, "who does passes");
    ok(parse(" scope=a   optional ") && requirement.optional, "a term with optional");
    is_number(check("{\"scope\":\"b\"}"), BEARER_NOT_GRANTED, "somebody must meet the rest");
    ok(parse("valid-token") && !requirement.optional, "any other requirement is not optional");
    ok(parse("scope=optional") && !requirement.optional, "nor is a scope of this name");
    ok(parse("claim:optional=optional") && !requirement.optional, "nor a claim");
    ok(parse("claim:a='x optional y'") && !requirement.optional, "nor a word of a value");
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
    refused(repeated("claim:a", "|", REQUIREMENT_TESTS_MAX + 1), "too many", "65 alternatives");
    refused(repeated("scope=a|scope=b", " ", REQUIREMENT_TESTS_MAX / 2 + 1), "too many",
            "33 pairs");
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "scope=", 6);
    text[REQUIREMENT_LENGTH_MAX] = '\0';
    ok(parse(text), "2048 octets");
    is_number(requirement.tests[0].value_length, REQUIREMENT_LENGTH_MAX - 6, "  are one name");
    text[REQUIREMENT_LENGTH_MAX] = 'a';
    refused(text, "too long", "2049 octets");
    ok(strlen(diag.text) < 500, "of a long text only a part is shown");
    memset(text, ' ', REQUIREMENT_LENGTH_MAX + 1);
    memcpy(text, "optional", 8);
    refused(text, "too long", "optional and 2041 spaces");
    ok(strstr(diag.text, "2048 octets") != NULL, "and how long it may be");
}

static void unset(void)
{
    static const struct requirement zero;
    char out[8] = "x";
    is_number(requirement_check(&zero, &no_claims, NULL), BEARER_NOT_GRANTED,
              "what was never parsed never holds");
    requirement = (struct requirement){.text = "", .count = 1};
    is_number(check(EVERYTHING), BEARER_NOT_GRANTED, "nor does a test of no kind");
    requirement.tests[0].kind = (enum requirement_kind)99;
    is_number(check(EVERYTHING), BEARER_NOT_GRANTED, "nor one of an unknown kind");
    out[0] = '\0';
    (void)requirement_add_scopes(&zero, out, sizeof out);
    is_string(out, "", "and names no scope");
    parse("scope=a");
    is_number(requirement_check(&requirement, &no_claims, NULL), BEARER_NOT_GRANTED,
              "no claims grant nothing");
}

static void challenges(void)
{
    scopes("scope=a", "a", "one");
    scopes("scope=a scope=b", "a b", "two, in their order");
    scopes("scope=b|scope=a", "b", "of alternatives the first");
    scopes("permission=b|scope=a", "", "if that is a scope");
    scopes("scope=b|permission=a scope=c|scope=b either=d|scope=e", "b c d", "of each term");
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
    scopes("acr=a audience=b issuer=c max-age=5", "", "nor is anything else");
    scopes("optional scope=a", "a", "optional asks for the rest");
    scopes("scope='a' scope='b c' scope='\"' scope='\\' scope='' scope='\xc3\xa9'", "a",
           "what no list can have is left out");
    scopes("valid-token", "", "nothing");
    scopes("optional", "", "nothing");
    scopes("nonsense", "", "nothing of what is refused");
    char out[4] = "";
    parse("scope=abcd");
    ok(!requirement_add_scopes(&requirement, out, sizeof out), "what does not fit");
    is_string(out, "", "is not named");
    parse("scope=ab");
    ok(requirement_add_scopes(&requirement, out, sizeof out), "what fits");
    is_string(out, "ab", "is named");
    parse("scope=c");
    ok(!requirement_add_scopes(&requirement, out, sizeof out), "one more that does not");
    is_string(out, "", "a part is not named");
    parse("scope=a scope=b");
    ok(requirement_add_scopes(&requirement, out, sizeof out), "two that just fit");
    is_string(out, "a b", "are named");
}

/* The values of a step-up. */
static void acr(const char *text, size_t first, const char *expected)
{
    char out[16] = "x";
    parse(text);
    requirement_acr_values(&requirement, &requirement.tests[first], out, sizeof out);
    is_string(out, expected, "acr_values of %s", text);
}

static void acr_values(void)
{
    acr("acr=a", 0, "a");
    acr("acr=a|acr=b acr=c", 0, "a b");
    acr("acr=a|acr=b acr=c", 2, "c");
    acr("acr=a|max-age=5|acr=b", 0, "a b");
    acr("acr='a b'|acr=c", 0, "c");
    acr("acr='a b'", 0, "");
    acr("acr=aaaaaaaa|acr=bbbbbbbb", 0, "");
    acr("acr=aaaaaaa|acr=bbbbbbb", 0, "aaaaaaa bbbbbbb");
}

/* Of failed terms the answer is that of 401, then 403, then step-up, wherever they stand. */
static void answers(void)
{
    static const struct {
        const char *text, *claims;
        enum bearer_code code;
    } rows[] = {
        {"audience=a", "{\"aud\":\"a\"}", BEARER_OK},
        {"audience=a", "{\"aud\":[\"b\",\"a\"]}", BEARER_OK},
        {"audience=a", "{\"aud\":[\"a\",1]}", BEARER_NOT_MEANT},
        {"audience=a", "{\"aud\":\"a b\"}", BEARER_NOT_MEANT},
        {"audience=a", "{}", BEARER_NOT_MEANT},
        {"audience=a|audience=b", "{\"aud\":\"b\"}", BEARER_OK},
        {"issuer=a", "{\"iss\":\"a\"}", BEARER_OK},
        {"issuer=a", "{\"iss\":[\"a\"]}", BEARER_NOT_MEANT},
        {"issuer=a", "{\"iss\":\"b\"}", BEARER_NOT_MEANT},
        {"issuer=a|audience=b", "{\"iss\":\"x\",\"aud\":\"b\"}", BEARER_OK},
        {"acr=a", "{\"acr\":\"a\"}", BEARER_OK},
        {"acr=a", "{\"acr\":[\"a\"]}", BEARER_STEP_UP},
        {"acr=1", "{\"acr\":1}", BEARER_STEP_UP},
        {"acr=a", "{}", BEARER_STEP_UP},
        {"max-age=60", "{\"auth_time\":1700000000}", BEARER_OK},
        {"max-age=60", "{\"auth_time\":1699999940}", BEARER_OK},
        {"max-age=60", "{\"auth_time\":1699999935}", BEARER_OK}, /* 5 s of leeway */
        {"max-age=60", "{\"auth_time\":1699999934}", BEARER_STEP_UP},
        {"max-age=60", "{\"auth_time\":1699999940.5}", BEARER_OK},
        {"max-age=60", "{\"auth_time\":1700000005}", BEARER_OK},
        {"max-age=60", "{\"auth_time\":1700000006}", BEARER_STEP_UP},
        {"max-age=999999999", "{\"auth_time\":253402300799}", BEARER_STEP_UP},
        {"max-age=60", "{\"auth_time\":\"1700000000\"}", BEARER_STEP_UP},
        {"max-age=60", "{\"auth_time\":-1}", BEARER_STEP_UP},
        {"max-age=60", "{\"auth_time\":1e99}", BEARER_STEP_UP},
        {"max-age=60", "{}", BEARER_STEP_UP},
        {"acr=a|max-age=60", "{\"auth_time\":1700000000}", BEARER_OK},
        {"acr=a scope=b audience=c", "{}", BEARER_NOT_MEANT},
        {"audience=c scope=b acr=a", "{}", BEARER_NOT_MEANT},
        {"acr=a scope=b", "{}", BEARER_NOT_GRANTED},
        {"scope=b acr=a", "{}", BEARER_NOT_GRANTED},
        {"acr=a audience=c", "{}", BEARER_NOT_MEANT},
        {"acr=a scope=b audience=c", "{\"aud\":\"c\"}", BEARER_NOT_GRANTED},
        {"acr=a scope=b audience=c", "{\"aud\":\"c\",\"scope\":\"b\"}", BEARER_STEP_UP},
        {"acr=a scope=b audience=c", "{\"aud\":\"c\",\"scope\":\"b\",\"acr\":\"a\"}", BEARER_OK},
        {"optional acr=a", "{}", BEARER_STEP_UP},
        {"optional audience=a", "{}", BEARER_NOT_MEANT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool parsed = parse(rows[i].text);
        const enum bearer_code code = check(rows[i].claims);
        if (!ok(parsed && code == rows[i].code, "%s, %s: %s", rows[i].text, rows[i].claims,
                bearer_outcome(rows[i].code)->reason)) {
            printf("# %s %s\n", bearer_outcome(code)->reason, diag.text);
        }
    }
}

static void lackings(void)
{
    struct lacking lacking = {0};
    struct json_object *claims = js_parse("{\"acr\":\"a\"}", 11, NULL);
    const struct requirement_facts facts = {.claims = claims, .now = NOW};
    parse("acr=a acr=b|max-age=1 max-age=2|acr=c acr=d max-age=3");
    is_number(requirement_check(&requirement, &facts, &lacking), BEARER_STEP_UP, "step up");
    ok(lacking.requirement == &requirement && lacking.acr == &requirement.tests[1] &&
           lacking.max_age == &requirement.tests[3],
       "the first failed term of each kind");
    lacking = (struct lacking){0};
    parse("acr=a");
    is_number(requirement_check(&requirement, &facts, &lacking), BEARER_OK, "nothing is lacking");
    ok(lacking.requirement == NULL, "and nothing is said of it");
    js_free(claims);
}

/* What not every good token of an issuer meets. What cannot be read narrows nothing. */
static void narrows(void)
{
    static const struct {
        const char *text;
        bool narrows;
    } rows[] = {
        {"claim:a=b", true},
        {"claim:a=b|claim:c=d", true},
        {"scope=x claim:a=b", true},
        {"claim:a=b scope=x|permission=y", true},
        {"scope=x|claim:a=b claim:c=d|claim:e=f valid-token", true},
        {"valid-token", false},
        {"optional", false},
        {"scope=x", false},
        {"permission=x either=y", false},
        {"claim:a=b|scope=x", false},
        {"scope=x|claim:a=b", false},
        {"claim:a=b|permission=x claim:c=d|scope=y", false},
        {"!claim:a=b", false},
        {"!claim:a=b|claim:c=d", false},
        {"claim:c=d|!claim:a=b", false},
        {"scope=x !claim:a=b", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)requirement_parse(rows[i].text, &requirement, &diag);
        ok(requirement_narrows(&requirement) == rows[i].narrows, "%s: %s", rows[i].text,
           rows[i].narrows ? "claims alone, somewhere" : "nowhere claims alone");
    }
}

int main(void)
{
    narrows();
    terms();
    claim_names();
    all_and_any();
    unknown_terms();
    odd_texts();
    advice();
    nobody();
    limits();
    unset();
    challenges();
    acr_values();
    answers();
    lackings();
    return tap_done();
}
