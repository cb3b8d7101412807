/* SPDX-License-Identifier: MIT */
/* BEARER_FORWARD_CLAIMS: the grammar of its items, and the variables that they become. */
#include "config_test.h"

/* BEARER_FORWARD_CLAIMS: what becomes of each item. */
static void claims(void)
{
    static const struct {
        const char *item, *name, *path, *variable;
    } rows[] = {
        {"org", "org", "org", "BEARER_CLAIM_ORG"},
        {"/realm_access/roles", "/realm_access/roles", "/realm_access/roles",
         "BEARER_CLAIM__REALM_ACCESS_ROLES"},
        {"roles=/realm_access/roles", "roles", "/realm_access/roles", "BEARER_CLAIM_ROLES"},
        {"my.role=/a=b/~0~1", "my.role", "/a=b/~0~1", "BEARER_CLAIM_MY_ROLE"},
        {"/a=b", "/a=b", "/a=b", "BEARER_CLAIM__A_B"},
        {"https://x.example/r2?", "https://x.example/r2?", "https://x.example/r2?",
         "BEARER_CLAIM_HTTPS___X_EXAMPLE_R2_"},
        {"a~b", "a~b", "a~b", "BEARER_CLAIM_A_B"},
        {"'a b'", "a b", "a b", "BEARER_CLAIM_A_B"},
    };
    char text[600];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, BASE "BEARER_FORWARD_CLAIMS=\"%s\"\n", rows[i].item);
        const struct config *config = load(text, nothing);
        const struct config_claim *claim = config != NULL ? config->forward_claims : NULL;
        if (!ok(claim != NULL && claim[0].name != NULL && claim[1].name == NULL && *said == '\0',
                "%s: one claim, and nothing to say of it", rows[i].item) ||
            claim == NULL) {
            printf("# said: %s\n", said);
            continue;
        }
        is_string(claim->name, rows[i].name, "  its name");
        is_string(claim->path, rows[i].path, "  where it is");
        is_string(claim->variable, rows[i].variable, "  its variable");
        is_string(config->claim_variables[0], rows[i].variable, "  which is always set");
        ok(config->claim_variables[1] == NULL, "  and no other");
    }
    refused(BASE "BEARER_FORWARD_CLAIMS=a=b\n",
            "BEARER_FORWARD_CLAIMS (|'a=b'|a slash behind it|a slash before it all",
            "a name with = in it");
    refused(BASE "BEARER_FORWARD_CLAIMS=a=\n", "'a=' is no NAME=/POINTER", "no pointer");
    refused(BASE "BEARER_FORWARD_CLAIMS==/a\n", "'=/a' is no NAME=/POINTER", "no name");
    refused(BASE "BEARER_FORWARD_CLAIMS=/a~2\n", "'/a~2' is no JSON Pointer", "a bad escape");
    refused(BASE "BEARER_FORWARD_CLAIMS=a=/b~\n", "'/b~' is no JSON Pointer", "one with a name");
    snprintf(text, sizeof text, BASE "BEARER_FORWARD_CLAIMS=x=/%0128d\n", 0);
    refused(text, "longer than 128 octets", "a long one");
}

/* Two that would have one variable. */
static void clashes(void)
{
    static const struct {
        const char *items;
        const char *warns; /* NULL: nothing is said */
        bool clashes, twice;
    } rows[] = {
        {"a.b a_b", "W BEARER_FORWARD_CLAIMS: BEARER_FORWARD_CLAIMS (", true, false},
        {"a.b a-b=/x", "a.b and /x would both be BEARER_CLAIM_A_B, which therefore stays empty",
         true, false},
        {"ORG org", "give one of them another name, as NAME=/POINTER", true, false},
        {"x=/a x=/b", "/a and /b would both be BEARER_CLAIM_X", true, true},
        {"org org", NULL, false, false},
        {"/org org", NULL, false, false},
        {"a=/x b=/x", NULL, false, false},
    };
    char text[600];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, BASE "BEARER_FORWARD_CLAIMS=\"%s\"\n", rows[i].items);
        const struct config *config = load(text, nothing);
        const char *newline = strchr(said, '\n');
        const bool as_said = rows[i].warns == NULL ? *said == '\0'
                                                   : strstr(said, rows[i].warns) != NULL &&
                                                         newline != NULL && newline[1] == '\0';
        if (!ok(config != NULL && as_said, "%s: %s", rows[i].items,
                rows[i].warns != NULL ? "a warning, no error" : "no warning") ||
            config == NULL) {
            printf("# said: %s\n", said);
            continue;
        }
        for (size_t j = 0; j < 2; j++) {
            ok(config->forward_claims[j].clashes == rows[i].clashes &&
                   config->forward_claims[j].twice == rows[i].twice,
               "  %s", config->forward_claims[j].path);
        }
    }
}

/* What is set is what any profile names, once; of its own claims each has default's if it says
 * nothing. */
static void profiles(void)
{
    static const char two[] = "AUTH0_ISSUER=https://two.test/\nAUTH0_API_AUDIENCE=two\n";
    static const char *const expected[] = {"BEARER_CLAIM_A", "BEARER_CLAIM_B", "BEARER_CLAIM_C",
                                           NULL};
    char text[600];
    make_directory(at("program/profiles"), 0755);
    put(at("program/profiles/own.env"), two);
    snprintf(text, sizeof text, "%sBEARER_FORWARD_CLAIMS=c=/x b\n", two);
    put(at("program/profiles/x.env"), text);
    const struct config *config = load(BASE "BEARER_FORWARD_CLAIMS=a b\n", nothing);
    if (!ok(config != NULL && config->next != NULL && config->next->next != NULL, "three: %s",
            diag.text) ||
        config == NULL || config->next == NULL || config->next->next == NULL) {
        return;
    }
    is_string(config->next->forward_claims[1].name, "b", "default's, where a file says nothing");
    is_string(config->next->next->forward_claims[0].path, "/x", "its own");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        is_string(config->claim_variables[i], expected[i], "  what any of them names");
    }
    (void)load(BASE "BEARER_FORWARD_CLAIMS=a A\n", nothing);
    const char *first = strstr(said, "would both be");
    ok(first != NULL && strstr(first + 1, "would both be") == NULL,
       "a warning comes once, and not again for who inherits the value");
    config = load(BASE, nothing);
    ok(config != NULL && config->forward_claims == NULL &&
           strcmp(config->claim_variables[0], "BEARER_CLAIM_C") == 0,
       "those of a profile alone");
    unlink(at("program/profiles/own.env"));
    unlink(at("program/profiles/x.env"));
    config = load(BASE, nothing);
    ok(config != NULL && config->claim_variables == NULL, "none are named");
}

int main(void)
{
    config_test_begin();
    claims();
    clashes();
    profiles();
    return config_test_end();
}
