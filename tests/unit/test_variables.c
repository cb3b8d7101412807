/* SPDX-License-Identifier: MIT */
/* What an authorizer's yes hands on: all variables always, and nothing in them that is more than a
 * value. */
#include "answer/variables.h"

#include <stdlib.h>

#include "json/json.h"

#include "tap.h"

/* Every variable, in the order sent. */
static const char *const names[] = {"REMOTE_USER",   "AUTH_TYPE",          "BEARER_SUB",
                                    "BEARER_SCOPE",  "BEARER_PERMISSIONS", "BEARER_CLIENT_ID",
                                    "BEARER_ISSUER", "BEARER_PROFILE",     "BEARER_EXP",
                                    "BEARER_CLAIMS", "BEARER_CLAIM_A_B",   "BEARER_CLAIM_ORG"};
/* Those of the claims, which are there because some profile names them. */
static const char *const claim_variables[] = {"BEARER_CLAIM_A_B", "BEARER_CLAIM_ORG", NULL};
enum { NAMES = sizeof names / sizeof names[0], PROFILE = 7, CLAIMS = 9 };

static char *lines; /* of the last call */
static char values[NAMES][4096];

/* Takes `lines` apart. False unless they are exactly one "Variable-NAME: VALUE" CRLF for each name,
 * the value printable ASCII without a space at its end: what a web server reads as these headers
 * and as nothing else. */
static bool take_apart(void)
{
    const char *at = lines;
    for (size_t i = 0; i < NAMES; i++) {
        char head[64];
        int n = snprintf(head, sizeof head, "Variable-%s: ", names[i]);
        const char *end = strstr(at, "\r\n");
        if (end == NULL || strncmp(at, head, (size_t)n) != 0) {
            return false;
        }
        at += n;
        size_t length = (size_t)(end - at);
        if (length >= sizeof values[i]) {
            return false;
        }
        for (size_t j = 0; j < length; j++) {
            if (at[j] < 0x20 || at[j] > 0x7e) {
                return false;
            }
        }
        memcpy(values[i], at, length);
        values[i][length] = '\0';
        at = end + 2;
    }
    return *at == '\0';
}

static void forget(void)
{
    free(lines);
    lines = NULL;
    memset(values, 0, sizeof values);
}

static char *user_claim, **tenants;

/* The location takes several issuers. */
static bool several;

/* The variables for these claims (NULL: nobody), where this is to be handed on. */
static void say_listed(const char *claims, struct config_claim *list)
{
    const struct config config = {
        .profile = "people", .forward_claims = list, .user_claim = user_claim, .tenants = tenants};
    struct token token = {.claims = claims != NULL ? js_parse(claims, strlen(claims), NULL) : NULL};
    forget();
    if (claims != NULL && token.claims == NULL) {
        printf("Bail out! not JSON: %s\n", claims);
        exit(99);
    }
    lines = variables_write(&token, &config, claim_variables, several);
    js_free(token.claims);
    if (!ok(lines != NULL && take_apart(), "all variables, one a line: %s",
            claims != NULL ? claims : "nobody")) {
        printf("# got %s\n", lines != NULL ? lines : "nothing");
    }
}

/* The same by the names of claims at the top. */
static void say(const char *claims, char **forward)
{
    static char other[] = "BEARER_CLAIM_OTHER";
    struct config_claim list[8] = {{.name = NULL}};
    for (size_t i = 0; forward != NULL && forward[i] != NULL; i++) {
        list[i] = (struct config_claim){.name = forward[i], .path = forward[i], .variable = other};
    }
    say_listed(claims, list);
}

static void is(const char *name, const char *expected, const char *test)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (strcmp(names[i], name) == 0) {
            is_string(values[i], expected, "%s: %s", name, test);
            return;
        }
    }
    ok(false, "there is no %s", name);
}

/* The other variables are empty. */
static void all_empty_but(const char *one, const char *other)
{
    bool empty = true;
    for (size_t i = 0; i < NAMES; i++) {
        empty = empty &&
                (strcmp(names[i], one) == 0 || strcmp(names[i], other) == 0 || *values[i] == '\0');
    }
    ok(empty, "  and the rest is empty");
}

static void nobody(void)
{
    char *forward[] = {(char[]){"sub"}, NULL};
    say(NULL, NULL);
    all_empty_but("", "");
    say(NULL, forward);
    all_empty_but("", "");
    say("{}", forward);
    is("AUTH_TYPE", "Bearer", "a token without claims is somebody");
    is("BEARER_PROFILE", "people", "who let it in");
    all_empty_but("AUTH_TYPE", "BEARER_PROFILE");
}

static void several_issuers(void)
{
    several = true;
    say("{\"iss\":\"https://one.test/\",\"sub\":\"auth0|42\"}", NULL);
    is("REMOTE_USER", "auth0|42@https://one.test/", "whose sub it is");
    is("BEARER_SUB", "auth0|42", "the sub itself");
    say("{\"iss\":\"https://\u00e9/\\\"\",\"sub\":\"a\\\"@b\"}", NULL);
    is("REMOTE_USER", "a\\u0022@b@https://\\u00e9/\\u0022", "both are escaped");
    say("{\"iss\":\"https://one.test/\"}", NULL);
    is("REMOTE_USER", "", "no sub: nobody in particular");
    say(NULL, NULL);
    is("REMOTE_USER", "", "nobody");
    several = false;
    say("{\"iss\":\"https://one.test/\",\"sub\":\"auth0|42\"}", NULL);
    is("REMOTE_USER", "auth0|42", "one issuer: the sub alone");
}

static void somebody(void)
{
    char *forward[] = {(char[]){"org"}, (char[]){"https://x.example/roles"}, NULL};
    say("{\"sub\":\"auth0|42\",\"scope\":\"read "
        "write\",\"permissions\":[\"do:this\",\"do:that\"],\"azp\":\"client\",\"exp\":1700000000,"
        "\"org\":7,\"https://x.example/roles\":[\"a\",\"b\"],\"secret\":\"x\",\"iss\":\"https://i.example/\"}",
        forward);
    is("REMOTE_USER", "auth0|42", "sub");
    is("AUTH_TYPE", "Bearer", "of a token");
    is("BEARER_SUB", "auth0|42", "sub");
    is("BEARER_SCOPE", "read write", "scope");
    is("BEARER_PERMISSIONS", "do:this do:that", "permissions");
    is("BEARER_CLIENT_ID", "client", "azp");
    is("BEARER_ISSUER", "https://i.example/", "iss");
    is("BEARER_EXP", "1700000000", "exp");
    is("BEARER_CLAIMS", "{\"org\":7,\"https://x.example/roles\":[\"a\",\"b\"]}",
       "those that are configured");
    ok(strstr(lines, "secret") == NULL, "no claim that nobody asked for");
    is_string(strstr(lines, "Variable-REMOTE_USER"), lines, "nothing before them");
}

static void one(const char *claims, const char *name, const char *expected, const char *test)
{
    say(claims, NULL);
    is(name, expected, test);
}

static void sources(void)
{
    one("{\"client_id\":\"c\"}", "BEARER_CLIENT_ID", "c", "client_id without azp");
    one("{\"client_id\":\"c\",\"azp\":\"a\"}", "BEARER_CLIENT_ID", "a", "azp before client_id");
    one("{\"appid\":\"p\",\"cid\":\"i\"}", "BEARER_CLIENT_ID", "i", "cid before appid, as Okta");
    one("{\"appid\":\"p\"}", "BEARER_CLIENT_ID", "p", "appid alone, as Entra's v1");
    one("{\"cid\":\"i\",\"client_id\":\"c\"}", "BEARER_CLIENT_ID", "c", "client_id before cid");
    one("{\"client_id\":\"c\",\"azp\":1}", "BEARER_CLIENT_ID", "",
        "an azp of the wrong type hides it");
    one("{\"scp\":\"a b\"}", "BEARER_SCOPE", "a b", "scp, a string");
    one("{\"scp\":[\"a\",\"b\"]}", "BEARER_SCOPE", "a b", "scp, an array");
    one("{\"scope\":\"a\",\"scp\":[\"b\"]}", "BEARER_SCOPE", "a", "scope before scp");
    one("{\"scope\":[\"a\"],\"scp\":\"b\"}", "BEARER_SCOPE", "a", "scope before scp");
    one("{\"scope\":{},\"scp\":\"b\"}", "BEARER_SCOPE", "", "a scope of the wrong type hides it");
    one("{\"scope\":[\"a\",\"b\"]}", "BEARER_SCOPE", "a b", "a scope as an array");
    one("{\"scope\":[\"a\",1]}", "BEARER_SCOPE", "", "one wrong element, and nothing is granted");
    one("{\"scp\":[\"a\",null]}", "BEARER_SCOPE", "", "nor in scp");
    one("{\"scope\":\"\",\"scp\":\"b\"}", "BEARER_SCOPE", "b", "an empty scope does not hide scp");
    one("{\"scope\":[],\"scp\":[\"b\"]}", "BEARER_SCOPE", "b", "nor does an empty array");
    one("{\"exp\":1.7e9}", "BEARER_EXP", "1.7e9", "a date as it was written");
    one("{\"exp\":1700000000.50}", "BEARER_EXP", "1700000000.50", "a date as it was written");
    one("{\"exp\":\"1700000000\"}", "BEARER_EXP", "", "a string is no date");
}

/* Of a type that nobody expects: nothing is said, and nothing falls over. */
static void hostile_types(void)
{
    static const char *const types[] = {
        "null",          "true",  "1",       "[]", "{}", "[1,null,{},[\"x\"]]",
        "{\"x\":\"y\"}", "1e400", "[[[[]]]]"};
    static const char *const claims[] = {"sub", "scope",     "scp", "permissions",
                                         "azp", "client_id", "exp"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (size_t j = 0; j < sizeof claims / sizeof claims[0]; j++) {
            char text[128];
            (void)snprintf(text, sizeof text, "{\"%s\":%s}", claims[j], types[i]);
            say(text, NULL);
            bool number = strcmp(claims[j], "exp") == 0 && strchr("1", types[i][0]) != NULL;
            is("BEARER_PROFILE", "people", text);
            *values[PROFILE] = '\0';
            all_empty_but("AUTH_TYPE", number ? "BEARER_EXP" : "");
        }
    }
}

static void escapes(void)
{
    one("{\"sub\":\"a b\"}", "REMOTE_USER", "a b", "a space is printable");
    one("{\"sub\":\"!#$%&'()*+,-./:;<=>?@[]^_`{|}~\"}", "REMOTE_USER",
        "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "and so is all of this");
    one("{\"sub\":\"a\\\"b\"}", "REMOTE_USER", "a\\u0022b", "a quote");
    one("{\"sub\":\"a\\\\b\"}", "REMOTE_USER", "a\\u005cb", "a backslash");
    one("{\"sub\":\"a\\\\u0041\"}", "REMOTE_USER", "a\\u005cu0041",
        "what looks like an escape is not taken for one");
    one("{\"sub\":\"\\u0001\\u001f\\t\"}", "REMOTE_USER", "\\u0001\\u001f\\u0009",
        "control characters");
    one("{\"sub\":\"\x7f\"}", "REMOTE_USER", "\\u007f", "DEL");
    one("{\"sub\":\"\\u007f\"}", "REMOTE_USER", "\\u007f", "DEL, escaped");
    one("{\"sub\":\"\xc2\x80\xc3\xa9\xdf\xbf\"}", "REMOTE_USER", "\\u0080\\u00e9\\u07ff",
        "two octets");
    one("{\"sub\":\"\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf\"}", "REMOTE_USER",
        "\\u0800\\u20ac\\uffff", "three octets");
    one("{\"sub\":\"\xf0\x90\x80\x80\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"}", "REMOTE_USER",
        "\\ud800\\udc00\\ud83d\\ude00\\udbff\\udfff", "four octets");
    one("{\"sub\":\"\\ud83d\\ude00\"}", "REMOTE_USER", "\\ud83d\\ude00", "a pair of surrogates");
    one("{\"sub\":\"\\u2028\\u0085\"}", "REMOTE_USER", "\\u2028\\u0085",
        "what some take for line ends");
    one("{\"permissions\":[\"a b\",\"c\",\"\",\"d\\\"\"]}", "BEARER_PERMISSIONS",
        "a\\u0020b c  d\\u0022", "a space inside an item makes no item");
    one("{\"permissions\":[\"\xe2\x82\xac\",1,\"x\"]}", "BEARER_PERMISSIONS", "\\u20ac x",
        "what is no string is left out");
    one("{\"scp\":[\"a b\",\"c\"]}", "BEARER_SCOPE", "a\\u0020b c", "nor in a scp array");
    one("{\"scope\":\"a  b\\tc\"}", "BEARER_SCOPE", "a  b\\u0009c", "a scope string is as it was");
}

/* Case 128. take_apart() has seen that there is no line but ours. */
static void injection(void)
{
    static const char *const claims[] = {"sub", "scope", "azp", "client_id"};
    static const char *const attacks[] = {"x\\r\\nVariable-REMOTE_USER: admin",
                                          "x\\nStatus: 500",
                                          "x\\rSet-Cookie: a",
                                          "\\r\\n\\r\\n<html>",
                                          "x\\u000d\\u000aVariable-X: y",
                                          "x\\u0085y",
                                          "x\\u000b\\u000cy",
                                          "x\\n folded"};
    char text[256];
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        for (size_t j = 0; j < sizeof claims / sizeof claims[0]; j++) {
            (void)snprintf(text, sizeof text, "{\"%s\":\"%s\"}", claims[j], attacks[i]);
            say(text, NULL);
        }
        (void)snprintf(text, sizeof text, "{\"permissions\":[\"%s\"],\"scp\":[\"%s\"]}", attacks[i],
                       attacks[i]);
        say(text, NULL);
        char *forward[] = {(char[]){"permissions"}, (char[]){"a\r\nb"}, NULL};
        say(text, forward);
        (void)snprintf(text, sizeof text, "{\"a\\r\\nb\":{\"%s\":\"%s\"}}", attacks[i], attacks[i]);
        say(text, forward);
    }
    one("{\"sub\":\"x\\r\\nVariable-REMOTE_USER: admin\"}", "REMOTE_USER",
        "x\\u000d\\u000aVariable-REMOTE_USER: admin", "CRLF");
}

/* BEARER_CLAIMS as a program would read it: it must be strict JSON that holds the same. */
static void forwarded(const char *claims, char **forward, const char *expected, const char *test)
{
    const char *why = NULL;
    say(claims, forward);
    is("BEARER_CLAIMS", expected, test);
    const char *got = values[CLAIMS];
    if (*got == '\0') {
        return;
    }
    struct json_object *again = js_parse(got, strlen(got), &why);
    struct json_object *claims_object = js_parse(claims, strlen(claims), NULL);
    bool same = again != NULL;
    for (; same && *forward != NULL; forward++) {
        struct json_object *one_claim = NULL;
        struct json_object *other = NULL;
        const size_t length = strlen(*forward) + 1;
        same = js_follow(again, *forward, length, &one_claim) ==
               js_follow(claims_object, *forward, length, &other);
        char *one_text = js_text(one_claim, NULL);
        char *other_text = js_text(other, NULL);
        same = same && strcmp(one_text, other_text) == 0;
        free(one_text);
        free(other_text);
    }
    ok(same, "  is strict JSON and says the same%s%s", why != NULL ? ": " : "",
       why != NULL ? why : "");
    js_free(again);
    js_free(claims_object);
}

/* D12: what mod_fcgid keeps of an answer is not said again, and nothing else is left out. */
static void said_before(void)
{
    static const struct {
        const char *params[6];
        bool keeps;
        const char *said; /* the lines that are left, without "Variable-" and CRLF, joined by ';' */
        const char *what;
    } cases[] = {
        {{"BEARER_EXP=1"}, false, NULL, "another server"},
        {{"FCGI_APACHE_ROLE=AUTHENTICATOR", "REDIRECT_BEARER_EXP=1"},
         false,
         NULL,
         "mod_authnz_fcgi"},
        {{"FCGI_APACHE_ROLE=ACCESS_CHECKER", "HTTP_BEARER_EXP=1"},
         false,
         NULL,
         "a header of a client"},
        {{"FCGI_APACHE_ROLE=ACCESS_CHECKER", "REDIRECT_BEARER_EXP=1"},
         true,
         "REMOTE_USER: a, b;AUTH_TYPE: Bearer;BEARER_SUB: a, b;BEARER_SCOPE: ;BEARER_PERMISSIONS: "
         ";BEARER_CLIENT_ID: ;BEARER_ISSUER: ;BEARER_PROFILE: people;BEARER_CLAIMS: "
         ";BEARER_CLAIM_A_B: ;BEARER_CLAIM_ORG: ",
         "one was said"},
        {{"FCGI_APACHE_ROLE=ACCESS_CHECKER", "REDIRECT_REDIRECT_BEARER_EXP=1", "BEARER_SUB=a, b",
          "REDIRECT_REMOTE_USER=a", "BEARER_CLAIMS=", "XBEARER_SCOPE="},
         true,
         "REMOTE_USER: a, b;AUTH_TYPE: Bearer;BEARER_SCOPE: ;BEARER_PERMISSIONS: "
         ";BEARER_CLIENT_ID: ;BEARER_ISSUER: ;BEARER_PROFILE: people;BEARER_CLAIM_A_B: "
         ";BEARER_CLAIM_ORG: ",
         "by two redirects, in a subrequest, as another value, empty, under another name"},
        {{"FCGI_APACHE_ROLE=ACCESS_CHECKER", "BEARER_EXP=12", "BEARER_SUB=a, b, a, b"},
         true,
         "REMOTE_USER: a, b;AUTH_TYPE: Bearer;BEARER_SUB: a, b;BEARER_SCOPE: ;BEARER_PERMISSIONS: "
         ";BEARER_CLIENT_ID: ;BEARER_ISSUER: ;BEARER_PROFILE: people;BEARER_EXP: 1;BEARER_CLAIMS: "
         ";BEARER_CLAIM_A_B: ;BEARER_CLAIM_ORG: ",
         "other values only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char copies[6][64] = {{0}};
        char *params[7] = {NULL};
        for (size_t j = 0; j < 6 && cases[i].params[j] != NULL; j++) {
            (void)snprintf(copies[j], sizeof copies[j], "%s", cases[i].params[j]);
            params[j] = copies[j];
        }
        say("{\"sub\":\"a, b\",\"exp\":1}", NULL);
        ok(variables_are_kept(params) == cases[i].keeps, "kept: %s", cases[i].what);
        if (cases[i].said == NULL) {
            continue;
        }
        char expected[512] = "Variable-";
        for (const char *at = cases[i].said; *at != '\0'; at++) {
            size_t used = strlen(expected);
            (void)snprintf(expected + used, sizeof expected - used,
                           *at == ';' ? "\r\nVariable-" : "%c", *at);
        }
        size_t end = strlen(expected);
        (void)snprintf(expected + end, sizeof expected - end, "\r\n");
        char *left = variables_unsaid(lines, params);
        is_string(left, expected, "left: %s", cases[i].what);
        free(left);
    }
}

static void forward_claims(void)
{
    char *a[] = {(char[]){"a"}, NULL};
    char *two[] = {(char[]){"b"}, (char[]){"a"}, NULL};
    char *twice[] = {(char[]){"a"}, (char[]){"a"}, NULL};
    char *none[] = {NULL};
    char *odd[] = {(char[]){"a\"b"}, NULL};
    forwarded("{\"a\":1,\"b\":2}", a, "{\"a\":1}", "one");
    forwarded("{\"a\":1,\"b\":2}", two, "{\"b\":2,\"a\":1}", "two, in the order configured");
    forwarded("{\"a\":1,\"b\":2}", twice, "{\"a\":1}", "one that is named twice");
    forwarded("{\"a\":1}", two, "{\"a\":1}", "one that is absent is left out");
    forwarded("{\"c\":1}", two, "", "none is there");
    forwarded("{\"a\":1}", none, "", "none is named");
    forwarded("{\"a\":null}", a, "{\"a\":null}", "null");
    forwarded("{\"a\":{\"b\":{\"c\":[1,\"x\",null,true,{}]}}}", a,
              "{\"a\":{\"b\":{\"c\":[1,\"x\",null,true,{}]}}}", "an object");
    forwarded("{\"a\":[]}", a, "{\"a\":[]}", "an empty array");
    forwarded("{\"a\":1.50}", a, "{\"a\":1.50}", "a number as it was written");
    forwarded("{\"a\":1e400}", a, "{\"a\":1e400}", "so too one beyond all doubles");
    forwarded("{\"a\":\"x/y\"}", a, "{\"a\":\"x/y\"}", "a slash needs no escape");
    forwarded("{\"a\":\"\\\"\\\\\\n\x7f\xc3\xa9\xf0\x9f\x98\x80\"}", a,
              "{\"a\":\"\\\"\\\\\\n\\u007f\\u00e9\\ud83d\\ude00\"}", "what needs escapes");
    forwarded("{\"a\":{\"\xc3\xa9\\r\\n\":\"\\u0001\"}}", a,
              "{\"a\":{\"\\u00e9\\r\\n\":\"\\u0001\"}}", "a name that needs escapes");
    forwarded("{\"a\\\"b\":1}", odd, "{\"a\\\"b\":1}", "a name with a quote");
    forwarded("{\"x\":{\"a\":1}}", a, "", "not at the top");
}

static void large_numbers(void)
{
    char *forward[] = {(char[]){"a"}, (char[]){"b"}, NULL};
    forwarded("{\"a\":18446744073709551616}", forward, "{\"a\":18446744073709551616}", "2^64");
    forwarded("{\"a\":-99999999999999999999,\"b\":1}", forward,
              "{\"a\":-99999999999999999999,\"b\":1}", "20 digits and a sign");
    forwarded("{\"a\":{\"x\":[1,99999999999999999999]}}", forward,
              "{\"a\":{\"x\":[1,99999999999999999999]}}", "one inside");
}

/* Long enough to make the text grow often. */
static void long_values(void)
{
    static char claims[8192];
    static char expected[8192];
    size_t used = (size_t)snprintf(claims, sizeof claims, "{\"sub\":\"");
    size_t want = 0;
    for (int i = 0; i < 600; i++) {
        used += (size_t)snprintf(claims + used, sizeof claims - used, "%s",
                                 i % 3 == 0 ? "\xe2\x82\xac" : "x");
        want += (size_t)snprintf(expected + want, sizeof expected - want, "%s",
                                 i % 3 == 0 ? "\\u20ac" : "x");
    }
    (void)snprintf(claims + used, sizeof claims - used, "\"}");
    say(claims, NULL);
    is("REMOTE_USER", expected, "600 characters");
    is("BEARER_SUB", expected, "600 characters");
}

/* REMOTE_USER by BEARER_USER_CLAIM. */
static void users(void)
{
    static const struct {
        const char *name, *claims, *expected;
    } rows[] = {
        {"preferred_username", "{\"sub\":\"1\",\"preferred_username\":\"bob\"}", "bob"},
        {"preferred_username", "{\"sub\":\"1\"}", ""},
        {"/act/sub", "{\"sub\":\"1\",\"act\":{\"sub\":\"b\\u00f6b\"}}", "b\\u00f6b"},
        {"/groups/1", "{\"groups\":[\"a\",\"b\"]}", "b"},
        {"/a~1b", "{\"a/b\":\"c\"}", "c"},
        {"https://x.example/user", "{\"https://x.example/user\":\"u\"}", "u"},
        {"id", "{\"id\":12345678901234567890}", "12345678901234567890"},
        {"id", "{\"id\":true}", ""},
        {"id", "{\"id\":[\"a\"]}", ""},
        {"id", "{\"id\":{\"a\":1}}", ""},
        {"id", "{\"id\":null}", ""},
        {"id", "{\"id\":\"\"}", ""},
        {"email", "{\"email\":\"a@b\",\"email_verified\":true}", "a@b"},
        {"/email", "{\"email\":\"a@b\",\"email_verified\":true}", "a@b"},
        {"email", "{\"email\":\"a@b\"}", ""},
        {"/email", "{\"email\":\"a@b\"}", ""},
        {"email", "{\"email\":\"a@b\",\"email_verified\":false}", ""},
        {"email", "{\"email\":\"a@b\",\"email_verified\":\"true\"}", ""},
        {"email", "{\"email\":\"a@b\",\"email_verified\":1}", ""},
        {"email", "{\"email\":\"a@b\",\"email_verified\":[true]}", ""},
        {"upn", "{\"upn\":\"x\\r\\nRemote-User: y\"}", "x\\u000d\\u000aRemote-User: y"},
    };
    static char one[] = "11111111-2222-3333-4444-55555555abcd", every[] = "*";
    char *single[] = {one, NULL}, *two[] = {one, one, NULL}, *all[] = {every, NULL};
    char text[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s", rows[i].name);
        user_claim = text;
        say(rows[i].claims, NULL);
        is("REMOTE_USER", rows[i].expected, rows[i].name);
    }
    say("{\"sub\":\"1\",\"upn\":\"u\"}", NULL);
    is("BEARER_SUB", "1", "stays what it is");
    user_claim = NULL;
    tenants = single;
    say("{\"sub\":\"1\",\"iss\":\"https://i/\"}", NULL);
    is("REMOTE_USER", "1", "of one tenant");
    tenants = two;
    say("{\"sub\":\"1\",\"iss\":\"https://i/\"}", NULL);
    is("REMOTE_USER", "1@https://i/", "of two tenants, each of which has its own");
    tenants = all;
    say("{\"sub\":\"1\",\"iss\":\"https://i/\"}", NULL);
    is("REMOTE_USER", "1@https://i/", "of any tenant");
    say("{\"iss\":\"https://i/\"}", NULL);
    is("REMOTE_USER", "", "nobody of an issuer is nobody");
    say(NULL, NULL);
    is("REMOTE_USER", "", "nobody at all");
    tenants = NULL;
}

/* BEARER_CLAIM_ORG by what BEARER_FORWARD_CLAIMS says of it. */
static void own_variables(void)
{
    static const struct {
        const char *path, *claims, *expected;
    } rows[] = {
        {"org", "{\"org\":\"Team \\\"A\\\" \u00e9\"}", "Team \\u0022A\\u0022 \\u00e9"},
        {"org", "{\"org\":\"\"}", ""},
        {"org", "{}", ""},
        {"org", "{\"org\":[\"a\",\"b c\",\"\u00e9\\\\\"]}", "a b\\u0020c \\u00e9\\u005c"},
        {"org", "{\"org\":[]}", ""},
        {"org", "{\"org\":[\"a\",1]}", "[\"a\",1]"},
        {"org", "{\"org\":{\"a\":\"\u00e9\\\"\"}}", "{\"a\":\"\\u00e9\\\"\"}"},
        {"org", "{\"org\":{}}", "{}"},
        {"org", "{\"org\":1.50}", "1.50"},
        {"org", "{\"org\":18446744073709551616}", "18446744073709551616"},
        {"org", "{\"org\":true}", "true"},
        {"org", "{\"org\":false}", "false"},
        {"org", "{\"org\":null}", "null"},
        {"org", "{\"org\":\"x\\r\\nVariable-REMOTE_USER: admin\"}",
         "x\\u000d\\u000aVariable-REMOTE_USER: admin"},
        {"/realm/roles", "{\"realm\":{\"roles\":[\"a\",\"b\"]}}", "a b"},
        {"/realm/roles/1", "{\"realm\":{\"roles\":[\"a\",\"b\"]}}", "b"},
        {"/realm/roles/x", "{\"realm\":{\"roles\":[\"a\",\"b\"]}}", ""},
        {"/realm/roles", "{\"realm\":{}}", ""},
        {"/a~1b", "{\"a/b\":\"c\"}", "c"},
        {"https://x.example/org", "{\"https://x.example/org\":\"o\"}", "o"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s", rows[i].path);
        struct config_claim list[] = {
            {.name = (char[]){"org"}, .path = path, .variable = (char[]){"BEARER_CLAIM_ORG"}},
            {.name = NULL}};
        say_listed(rows[i].claims, list);
        is("BEARER_CLAIM_ORG", rows[i].expected, rows[i].claims);
        is("BEARER_CLAIM_A_B", "", "another profile's is empty");
        say_listed(NULL, list);
        all_empty_but("", "");
        list[0].clashes = true;
        say_listed(rows[i].claims, list);
        is("BEARER_CLAIM_ORG", "", "one that clashes is not told");
        ok((*values[CLAIMS] != '\0') == (rows[i].expected[0] != '\0' || i == 1 || i == 4),
           "  but is in BEARER_CLAIMS");
        list[0].twice = true;
        say_listed(rows[i].claims, list);
        is("BEARER_CLAIMS", "", "one whose name is there twice is not");
    }
}

/* Several at a time: each by its own name, in BEARER_CLAIMS too. */
static void named_claims(void)
{
    struct config_claim list[] = {{.name = (char[]){"org"},
                                   .path = (char[]){"/o/id"},
                                   .variable = (char[]){"BEARER_CLAIM_ORG"}},
                                  {.name = (char[]){"/a/b"},
                                   .path = (char[]){"/a/b"},
                                   .variable = (char[]){"BEARER_CLAIM__A_B"}},
                                  {.name = (char[]){"a-b"},
                                   .path = (char[]){"a-b"},
                                   .variable = (char[]){"BEARER_CLAIM_A_B"}},
                                  {.name = NULL}};
    say_listed("{\"o\":{\"id\":7},\"a\":{\"b\":[null]},\"a-b\":\"x\"}", list);
    is("BEARER_CLAIMS", "{\"org\":7,\"/a/b\":[null],\"a-b\":\"x\"}", "as they are written");
    is("BEARER_CLAIM_ORG", "7", "by a name");
    is("BEARER_CLAIM_A_B", "x", "not that of the pointer, which begins with _");
}

int main(void)
{
    nobody();
    own_variables();
    named_claims();
    somebody();
    users();
    several_issuers();
    sources();
    hostile_types();
    escapes();
    injection();
    forward_claims();
    said_before();
    large_numbers();
    long_values();
    forget();
    return tap_done();
}
