/* SPDX-License-Identifier: MIT */
/* What a test of a claim comes to: true, false or undecided, each with and without `!`. */
#include <stdlib.h>

#include "json/json.h"
#include "policy/requirement.h"

#include "tap.h"

static const char document[] =
    "{\"null\":null,\"false\":false,\"true\":true,\"n\":1.50,\"big\":99999999999999999999,"
    "\"s\":\"Team A\",\"empty\":\"\",\"sub\":\"auth0|5f7c\",\"words\":[\"x\",\"Nord S\xc3\xbc"
    "d\",\"a/b\"],\"none\":[],\"mixed\":[{\"a\":1},[\"x\"],null,1,true,\"x\"],"
    "\"objects\":[{\"x\":1}],\"nulls\":[null],\"numbers\":[1,2.0],"
    "\"object\":{\"admin\":{},\"0\":\"zero\",\"null\":null,\"false\":false},"
    "\"realm_access\":{\"roles\":[\"admin\",\"user\"]},"
    "\"kubernetes.io\":{\"namespace\":\"web\"},\"https://x.example/role\":\"boss\","
    "\"/x\":\"slash\",\"a=b\":\"c\",\"t~\":\"tilde\",\"it's\":\"q\",\"mail\":\"a@x.example\"}";

/* T, F and U: true, false, undecided. */
static const struct {
    const char *test;
    char expected;
} rows[] = {
    /* nothing there: missing anywhere on the way, past the end */
    {"claim:gone", 'F'},
    {"claim:gone=x", 'F'},
    {"claim:gone~=**", 'F'},
    {"claim:/gone/at/all", 'F'},
    {"claim:/gone/at/all=x", 'F'},
    {"claim:/gone/at/all~=**", 'F'},
    {"claim:/words/3", 'F'},
    {"claim:/words/3=x", 'F'},
    {"claim:/words/3~=**", 'F'},
    {"claim:/realm_access/groups/0=x", 'F'},
    {"claim:realm_access/roles=admin", 'F'},
    /* null and false */
    {"claim:null", 'F'},
    {"claim:null=null", 'F'},
    {"claim:null=''", 'F'},
    {"claim:null~=**", 'U'},
    {"claim:/object/null", 'F'},
    {"claim:false", 'F'},
    {"claim:false=false", 'T'},
    {"claim:false=true", 'F'},
    {"claim:false~=**", 'U'},
    {"claim:false~=false", 'U'},
    {"claim:/object/false", 'F'},
    /* a string */
    {"claim:s", 'T'},
    {"claim:empty", 'T'},
    {"claim:empty=''", 'T'},
    {"claim:empty~=''", 'T'},
    {"claim:empty~=*", 'T'},
    {"claim:s='Team A'", 'T'},
    {"claim:s='team a'", 'F'},
    {"claim:s=Team", 'F'},
    {"claim:s~='Team *'", 'T'},
    {"claim:s~=Team", 'F'},
    {"claim:sub='auth0|5f7c'", 'T'},
    {"claim:sub~='auth0|*'", 'T'},
    {"claim:'it''s'=q", 'T'},
    {"claim:'a=b'=c", 'T'},
    {"claim:'t~'~=til*", 'T'},
    {"claim:https://x.example/role=boss", 'T'},
    {"claim:mail~=*@x.example", 'T'},
    {"claim:mail~=*", 'F'},
    {"claim:mail~=**", 'T'},
    /* a number, true */
    {"claim:n", 'T'},
    {"claim:n=1.50", 'T'},
    {"claim:n=1.5", 'F'},
    {"claim:n~=1*", 'U'},
    {"claim:n~=**", 'U'},
    {"claim:big=99999999999999999999", 'T'},
    {"claim:true", 'T'},
    {"claim:true=true", 'T'},
    {"claim:true=false", 'F'},
    {"claim:true~=true", 'U'},
    /* an array */
    {"claim:words", 'T'},
    {"claim:none", 'T'},
    {"claim:nulls", 'T'},
    {"claim:none=x", 'F'},
    {"claim:none=''", 'F'},
    {"claim:none~=**", 'F'},
    {"claim:words=x", 'T'},
    {"claim:words='Nord S\xc3\xbc"
     "d'",
     'T'},
    {"claim:words='Nord S?d'", 'F'},
    {"claim:words~='Nord S?d'", 'T'},
    {"claim:words=y", 'F'},
    {"claim:words~=y*", 'F'},
    {"claim:words~=a/*", 'T'},
    {"claim:words~=a*", 'F'},
    {"claim:mixed=x", 'T'},
    {"claim:mixed=1", 'T'},
    {"claim:mixed=true", 'T'},
    {"claim:mixed=null", 'F'},
    {"claim:mixed=y", 'F'},
    {"claim:mixed~=x*", 'T'},
    {"claim:mixed~=y*", 'U'},
    {"claim:numbers~=1*", 'U'},
    {"claim:numbers=2.0", 'T'},
    {"claim:objects=x", 'F'},
    {"claim:objects~=x", 'U'},
    {"claim:nulls=null", 'F'},
    {"claim:nulls~=**", 'U'},
    /* an object */
    {"claim:object", 'T'},
    {"claim:object=admin", 'U'},
    {"claim:object~=**", 'U'},
    /* roles that are keys of an object (Zitadel) */
    {"claim:/object/admin", 'T'},
    {"claim:/object/0=zero", 'T'},
    /* pointers */
    {"claim:/realm_access/roles=admin", 'T'},
    {"claim:'/realm_access/roles'=user", 'T'},
    {"claim:/realm_access/roles/0=admin", 'T'},
    {"claim:/realm_access/roles/1=admin", 'F'},
    {"claim:/kubernetes.io/namespace=web", 'T'},
    {"claim:/~1x=slash", 'T'},
    {"claim:/s='Team A'", 'T'},
    /* a step into what has none, or an array's that is no index */
    {"claim:/s/0", 'U'},
    {"claim:/s/0=T", 'U'},
    {"claim:/s/0~=T", 'U'},
    {"claim:/n/x", 'U'},
    {"claim:/true/x=y", 'U'},
    {"claim:/false/x", 'U'},
    {"claim:/null/x", 'U'},
    {"claim:/words/x", 'U'},
    {"claim:/words/00=x", 'U'},
    {"claim:/words/-=x", 'U'},
    {"claim:/words/-1=x", 'U'},
    {"claim:/words/x~=**", 'U'},
};

/* Documents in which the groups may have been left out. */
static const struct {
    const char *document, *test;
    char expected;
} groups[] = {
    {"{\"_claim_names\":{\"groups\":\"src1\"}}", "claim:groups=a", 'U'},
    {"{\"_claim_names\":{\"groups\":\"src1\"}}", "claim:groups", 'U'},
    {"{\"_claim_names\":{\"groups\":\"src1\"}}", "claim:groups~=a", 'U'},
    {"{\"_claim_names\":{\"groups\":\"src1\"}}", "claim:/groups=a", 'U'},
    {"{\"_claim_names\":{\"groups\":\"src1\"}}", "claim:/groups/0=a", 'U'},
    {"{\"hasgroups\":true}", "claim:groups=a", 'U'},
    {"{\"hasgroups\":true}", "claim:roles=a", 'F'},
    {"{\"hasgroups\":true}", "claim:/x/groups=a", 'F'},
    {"{\"hasgroups\":true,\"groups\":[\"a\"]}", "claim:groups=a", 'T'},
    {"{\"hasgroups\":true,\"groups\":[\"a\"]}", "claim:groups=b", 'F'},
    {"{}", "claim:groups=a", 'F'},
    {"{}", "claim:groups", 'F'},
};

static const char *name_of(enum holds holds)
{
    return holds == HOLDS_TRUE ? "true" : holds == HOLDS_FALSE ? "false" : "undecided";
}

static void row(struct json_object *claims, const char *test, char expected, bool negated)
{
    static struct requirement requirement;
    const struct requirement_facts facts = {.claims = claims};
    const enum holds plain = expected == 'T'   ? HOLDS_TRUE
                             : expected == 'F' ? HOLDS_FALSE
                                               : HOLDS_UNDECIDED;
    const enum holds wanted = !negated || plain == HOLDS_UNDECIDED ? plain
                              : plain == HOLDS_TRUE                ? HOLDS_FALSE
                                                                   : HOLDS_TRUE;
    struct diag diag = {""};
    char text[200];
    (void)snprintf(text, sizeof text, "%s%s", negated ? "!" : "", test);
    if (!requirement_parse(text, &requirement, &diag)) {
        ok(false, "%s: %s", text, diag.text);
        return;
    }
    const enum holds holds = requirement_test_holds(&requirement.tests[0], &facts);
    const enum bearer_code code = requirement_check(&requirement, &facts, NULL);
    ok(holds == wanted && code == (wanted == HOLDS_TRUE ? BEARER_OK : BEARER_NOT_GRANTED),
       "%s is %s", text, name_of(wanted));
}

int main(void)
{
    struct json_object *claims = js_parse(document, strlen(document), NULL);
    if (!ok(claims != NULL, "a document")) {
        return tap_done();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        row(claims, rows[i].test, rows[i].expected, false);
        row(claims, rows[i].test, rows[i].expected, true);
    }
    js_free(claims);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        claims = js_parse(groups[i].document, strlen(groups[i].document), NULL);
        row(claims, groups[i].test, groups[i].expected, false);
        row(claims, groups[i].test, groups[i].expected, true);
        js_free(claims);
    }
    return tap_done();
}
