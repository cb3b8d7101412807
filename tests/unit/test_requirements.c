/* SPDX-License-Identifier: MIT */
/* Requirements that are read once, and what checking them takes. */
#include "policy/requirements.h"

#include "../support/failing.h"
#include "json/json.h"

#include "tap.h"

static struct requirements requirements;
static struct diag diag;

static const struct requirement *find(unsigned number)
{
    char text[40];
    (void)snprintf(text, sizeof text, "scope=s%u", number);
    const struct requirement *found = requirements_find(&requirements, text, &diag);
    memset(text, 'x', sizeof text - 1); /* the text that was asked with is not kept */
    return found;
}

static void once(void)
{
    const struct requirement *first = find(0);
    if (!ok(first != NULL && strcmp(first->text, "scope=s0") == 0, "read")) {
        return;
    }
    failing->blocks = 0;
    for (unsigned i = 1; i < REQUIREMENTS_MAX; i++) {
        (void)find(i);
    }
    is_number(failing->blocks, REQUIREMENTS_MAX - 1, "each of 64 texts has one piece of memory");
    ok(find(0) == first, "the first is still there");
    for (unsigned i = 0; i < REQUIREMENTS_MAX; i++) {
        (void)find(i);
    }
    is_number(failing->blocks, REQUIREMENTS_MAX - 1, "and none is read again");
    ok(find(0) == first, "the first was asked for again");
    const struct requirement *more = find(1000);
    is_number(failing->blocks, REQUIREMENTS_MAX - 1, "one more takes the place of another");
    ok(more != NULL && find(0) == first, "of the one that was not asked for the longest");
}

static void refused(void)
{
    const size_t count = requirements.count;
    failing->blocks = 0;
    ok(requirements_find(&requirements, "nonsense", &diag) == NULL &&
           strstr(diag.text, "unknown term") != NULL,
       "what is not in the grammar");
    is_number(failing->blocks, 0, "is not kept");
    is_number(requirements.count, count, "nor does it take a place");
    failing->kind = FAILING_MEMORY;
    failing->calls = 0;
    failing->nth = 1;
    ok(requirements_find(&requirements, "scope=new", &diag) == NULL &&
           strcmp(diag.text, "out of memory") == 0,
       "without memory there is none");
    failing->nth = 0;
    const struct requirement *found = requirements_find(&requirements, "scope=new", &diag);
    ok(found != NULL && found->count == 1, "and with it there is");
}

/* The way of a request whose token is remembered. */
static void no_memory(void)
{
    static const char text[] =
        "optional scope=a|permission=b either=c claim:/d/e~=**x*y !claim:f=g|claim:'it''s'=h "
        "audience=i issuer=j acr=k|max-age=60";
    static const char document[] =
        "{\"scope\":[\"a\"],\"permissions\":[\"c\"],\"d\":{\"e\":[\"a/xyy\",\"axy\"]},\"f\":1,"
        "\"aud\":[\"i\"],\"iss\":\"j\",\"auth_time\":990,\"it's\":{}}";
    struct json_object *claims = js_parse(document, sizeof document - 1, NULL);
    const struct requirement_facts facts = {.claims = claims, .now = 1000};
    struct lacking lacking;
    ok(requirements_find(&requirements, text, &diag) != NULL, "a requirement of all kinds: %s",
       diag.text);
    failing->kind = FAILING_MEMORY;
    failing->calls = 0;
    failing->nth = 1;
    failing->onwards = true;
    const struct requirement *found = requirements_find(&requirements, text, &diag);
    const enum bearer_code code =
        found != NULL ? requirement_check(found, &facts, &lacking) : BEARER_DENIED;
    failing->nth = 0;
    failing->onwards = false;
    is_number(failing->calls, 0, "is found and checked without allocating");
    is_number(code, BEARER_OK, "and met");
    js_free(claims);
}

int main(void)
{
    once();
    refused();
    no_memory();
    requirements_clear(&requirements);
    is_number(requirements.count, 0, "none is left");
    return tap_done();
}
