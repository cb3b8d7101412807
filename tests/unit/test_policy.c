/* What a token was granted: case 126. */
#include "policy.h"

#include <stdlib.h>

#include "json.h"

#include "tap.h"

static void scope(const char *claims, const char *wanted, bool expected, const char *test)
{
    struct json_object *object = js_parse(claims, strlen(claims), NULL);
    if (object == NULL) {
        printf("Bail out! not JSON: %s\n", claims);
        exit(99);
    }
    ok(policy_has_scope(object, wanted, strlen(wanted)) == expected, "case 126: %s: %s", test, claims);
    js_free(object);
}

static void granted(const char *claims, const char *test)
{
    scope(claims, "read:messages", true, test);
}

static void lacking(const char *claims, const char *test)
{
    scope(claims, "read:messages", false, test);
}

static void words(void)
{
    granted("{\"scope\":\"read:messages\"}", "alone");
    granted("{\"scope\":\"read:messages write\"}", "first");
    granted("{\"scope\":\"openid read:messages write\"}", "in the middle");
    granted("{\"scope\":\"write read:messages\"}", "last");
    granted("{\"scope\":\"  write   read:messages  \"}", "between several spaces");
    granted("{\"scope\":\"read:messages read:messages\"}", "twice");
    granted("{\"scope\":\"read:messages2 read:messages\"}", "after one that begins like it");
    granted("{\"scope\":\"read:m\\u0065ssages\"}", "escaped");
    lacking("{}", "no claim");
    lacking("{\"scope\":\"\"}", "empty");
    lacking("{\"scope\":\" \"}", "a space");
    lacking("{\"scope\":\"write\"}", "another word");
    lacking("{\"scope\":\"read:message\"}", "a prefix");
    lacking("{\"scope\":\"read:messages2\"}", "a character more");
    lacking("{\"scope\":\"xread:messages\"}", "a character before");
    lacking("{\"scope\":\"Read:Messages\"}", "other case");
    lacking("{\"scope\":\"read messages\"}", "two words");
    lacking("{\"scope\":\"read:messages,write\"}", "a comma separates nothing");
    lacking("{\"scope\":\"write\\tread:messages\"}", "nor does a tab");
    lacking("{\"scope\":\"write\\nread:messages\"}", "nor a line feed");
    lacking("{\"scope\":\"write\xc2\xa0read:messages\"}", "nor a no-break space");
    lacking("{\"Scope\":\"read:messages\"}", "a name of other case");
    lacking("{\"permissions\":[\"read:messages\"]}", "a permission is no scope");
    scope("{\"scope\":\"readonly reader\"}", "read", false, "read is not in readonly");
    scope("{\"scope\":\"readonly read\"}", "read", true, "read beside readonly");
    scope("{\"scope\":\"a b c\"}", "a b", false, "two words are not one");
}

static void types(void)
{
    lacking("{\"scope\":[\"read:messages\"]}", "scope is no array");
    lacking("{\"scope\":{\"read:messages\":true}}", "nor an object");
    lacking("{\"scope\":null}", "nor null");
    lacking("{\"scope\":true}", "nor true");
    lacking("{\"scope\":1}", "nor a number");
    scope("{\"scope\":1}", "1", false, "nor its digits");
    scope("{\"scope\":null}", "null", false, "nor its name");
}

static void scp(void)
{
    granted("{\"scp\":\"write read:messages\"}", "scp as a string");
    granted("{\"scp\":[\"write\",\"read:messages\"]}", "scp as an array");
    lacking("{\"scp\":[]}", "an empty array");
    lacking("{\"scp\":[\"write read:messages\"]}", "an element is one scope, not a list");
    lacking("{\"scp\":[\"read:message\",\"read:messages2\"]}", "nor a prefix");
    lacking("{\"scp\":[[\"read:messages\"]]}", "an array in an array");
    lacking("{\"scp\":[\"read:messages\",1]}", "a mixed array, the word first");
    lacking("{\"scp\":[null,\"read:messages\"]}", "a mixed array, the word last");
    lacking("{\"scp\":{\"0\":\"read:messages\"}}", "an object");
    lacking("{\"scp\":null}", "null");
    lacking("{\"scp\":1}", "a number");
    lacking("{\"scope\":\"\",\"scp\":\"read:messages\"}", "scp is not looked at beside an empty scope");
    lacking("{\"scope\":\"write\",\"scp\":[\"read:messages\"]}", "nor beside another");
    lacking("{\"scope\":null,\"scp\":\"read:messages\"}", "nor beside null");
    lacking("{\"scope\":[\"read:messages\"],\"scp\":\"read:messages\"}",
            "nor beside a scope of the wrong type");
    granted("{\"scope\":\"read:messages\",\"scp\":1}", "nor does a wrong scp take anything away");
}

int main(void)
{
    words();
    types();
    scp();
    ok(!policy_has_scope(NULL, "x", 1), "no claims grant nothing");
    return tap_done();
}
