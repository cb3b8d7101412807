/* SPDX-License-Identifier: MIT */
/* What a token was granted: scopes (case 126), permissions, other claims. */
#include "policy/grants.h"

#include <stdlib.h>

#include "json/json.h"

#include "policy/requirement.h"
#include "tap.h"

static struct json_object *parse(const char *claims)
{
    struct json_object *object = js_parse(claims, strlen(claims), NULL);
    if (object == NULL) {
        printf("Bail out! not JSON: %s\n", claims);
        exit(99);
    }
    return object;
}

static void scope(const char *claims, const char *wanted, bool expected, const char *test)
{
    struct json_object *object = parse(claims);
    ok(grants_scope(object, wanted, strlen(wanted)) == expected, "case 126: %s: %s", test, claims);
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
    granted("{\"scope\":[\"read:messages\"]}", "scope as an array");
    granted("{\"scope\":[\"x\",\"read:messages\"]}", "its last element");
    lacking("{\"scope\":[\"x read:messages\"]}", "an element is one scope, not a list");
    lacking("{\"scope\":[\"read:messages\",1]}", "one wrong element, and nothing is granted");
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
    granted("{\"scope\":\"\",\"scp\":\"read:messages\"}", "an empty scope does not hide scp");
    granted("{\"scope\":\" \",\"scp\":[\"read:messages\"]}", "nor does one without a word");
    granted("{\"scope\":[],\"scp\":[\"read:messages\"]}", "nor an empty array");
    lacking("{\"scope\":[1],\"scp\":\"read:messages\"}", "a wrong one does");
    lacking("{\"scope\":\"\",\"scp\":1}", "scp of a wrong type");
    scope("{\"scope\":\"a  b\"}", "", false, "there is no empty word");
    scope("{\"scope\":\"\"}", "", false, "nor in an empty text");
    scope("{\"scope\":[\"\"]}", "", true, "but an empty element");
    lacking("{\"scope\":\"write\",\"scp\":[\"read:messages\"]}", "nor beside another");
    lacking("{\"scope\":null,\"scp\":\"read:messages\"}", "nor beside null");
    lacking("{\"scope\":{},\"scp\":\"read:messages\"}", "nor beside a scope of the wrong type");
    granted("{\"scope\":\"read:messages\",\"scp\":1}", "nor does a wrong scp take anything away");
}

static void permission(const char *claims, bool expected, const char *test)
{
    struct json_object *object = parse(claims);
    ok(grants_permission(object, "do:it", 5) == expected, "permission: %s: %s", test, claims);
    js_free(object);
}

static void permissions(void)
{
    permission("{\"permissions\":[\"do:it\"]}", true, "alone");
    permission("{\"permissions\":[\"x\",\"do:it\",\"y\"]}", true, "in the middle");
    permission("{\"permissions\":[\"x\",\"do:it\"]}", true, "last");
    permission("{\"permissions\":[\"d\\u006f:it\"]}", true, "escaped");
    permission("{}", false, "no claim");
    permission("{\"permissions\":[]}", false, "an empty array");
    permission("{\"permissions\":[\"\"]}", false, "an empty element");
    permission("{\"permissions\":[\"do:it2\",\"do:i\",\"xdo:it\"]}", false, "one that is like it");
    permission("{\"permissions\":[\"Do:It\"]}", false, "other case");
    permission("{\"permissions\":[\"do:it x\"]}", false,
               "an element is one permission, not a list");
    permission("{\"permissions\":\"do:it\"}", false, "a string");
    permission("{\"permissions\":{\"do:it\":true}}", false, "an object");
    permission("{\"permissions\":{\"0\":\"do:it\"}}", false, "an object like an array");
    permission("{\"permissions\":null}", false, "null");
    permission("{\"permissions\":true}", false, "true");
    permission("{\"permissions\":[[\"do:it\"]]}", false, "an array in an array");
    permission("{\"permissions\":[\"do:it\",1]}", false, "a mixed array, the word first");
    permission("{\"permissions\":[null,\"do:it\"]}", false, "a mixed array, the word last");
    permission("{\"Permissions\":[\"do:it\"]}", false, "a name of other case");
    permission("{\"permission\":[\"do:it\"]}", false, "another name");
    permission("{\"scope\":\"do:it\",\"scp\":[\"do:it\"]}", false, "a scope is no permission");
    permission("{\"x\":{\"permissions\":[\"do:it\"]}}", false, "not at the top");
}

/* The claim "c". */
static void claim(const char *claims, const char *value, bool expected, const char *test)
{
    struct json_object *object = parse(claims);
    const struct requirement_facts facts = {.claims = object};
    struct requirement requirement;
    char text[200];
    (void)snprintf(text, sizeof text, "claim:c='%s'", value);
    const bool parsed = requirement_parse(text, &requirement, NULL);
    ok(parsed && (requirement_check(&requirement, &facts, NULL) == BEARER_OK) == expected,
       "claim c=%s: %s: %s", value, test, claims);
    js_free(object);
}

static void claim_types(void)
{
    claim("{\"c\":\"v\"}", "v", true, "a string");
    claim("{\"c\":\"\\u0076\"}", "v", true, "a string, escaped");
    claim("{\"c\":\"v w\"}", "v", false, "a string is compared whole");
    claim("{\"c\":\"V\"}", "v", false, "a string of other case");
    claim("{\"c\":\"\"}", "v", false, "an empty string");
    claim("{\"c\":\"vv\"}", "v", false, "a longer string");
    claim("{\"c\":true}", "true", true, "true");
    claim("{\"c\":false}", "false", true, "false");
    claim("{\"c\":true}", "false", false, "true");
    claim("{\"c\":true}", "1", false, "true is no number");
    claim("{\"c\":true}", "True", false, "true is written so");
    claim("{\"c\":\"true\"}", "true", true, "a string like true");
    claim("{\"c\":null}", "null", false, "null is nothing");
    claim("{}", "null", false, "nor is what is absent");
    claim("{\"c\":{\"v\":1}}", "v", false, "an object");
    claim("{\"c\":{}}", "{}", false, "an object has no text");
    claim("{\"c\":{\"c\":\"v\"}}", "v", false, "nor one with the same name");
    claim("{\"d\":{\"c\":\"v\"}}", "v", false, "not at the top");
    claim("{\"C\":\"v\",\"cc\":\"v\",\"\":\"v\"}", "v", false, "other names");
}

static void claim_numbers(void)
{
    claim("{\"c\":1}", "1", true, "a number");
    claim("{\"c\":0}", "0", true, "zero");
    claim("{\"c\":-7}", "-7", true, "a negative number");
    claim("{\"c\":10}", "1", false, "a longer number");
    claim("{\"c\":1}", "01", false, "a number is compared as it is written");
    claim("{\"c\":1}", "1.0", false, "a number is compared as it is written");
    claim("{\"c\":1.0}", "1", false, "a number is compared as it is written");
    claim("{\"c\":1.0}", "1.0", true, "a fraction");
    claim("{\"c\":1e2}", "1e2", true, "an exponent");
    claim("{\"c\":1e2}", "100", false, "an exponent is not worked out");
    claim("{\"c\":\"1\"}", "1", true, "a string of digits");
    claim("{\"c\":1}", "true", false, "one is not true");
    claim("{\"c\":9223372036854775807}", "9223372036854775807", true, "2^63 - 1");
    claim("{\"c\":99999999999999999999}", "99999999999999999999", true, "beyond 2^64");
    claim("{\"c\":99999999999999999999}", "18446744073709551615", false, "nor is it 2^64 - 1");
    claim("{\"c\":-99999999999999999999}", "-99999999999999999999", true, "below -2^63");
    claim("{\"c\":-99999999999999999999}", "-9223372036854775808", false, "nor is it -2^63");
    claim("{\"c\":-0}", "0", false, "nor zero the negative one");
    claim("{\"c\":\"99999999999999999999\"}", "99999999999999999999", true,
          "a string of 20 digits");
    claim("{\"c\":1e400}", "inf", false, "beyond all doubles");
    claim("{\"c\":1e400}", "Infinity", false, "beyond all doubles");
}

static void claim_arrays(void)
{
    claim("{\"c\":[\"v\"]}", "v", true, "an array");
    claim("{\"c\":[\"u\",\"v\"]}", "v", true, "its last element");
    claim("{\"c\":[1,null,{},[],\"v\"]}", "v", true, "a mixed array");
    claim("{\"c\":[1,2]}", "2", true, "a number in it");
    claim("{\"c\":[true]}", "true", true, "true in it");
    claim("{\"c\":[false]}", "true", false, "false in it");
    claim("{\"c\":[null]}", "null", false, "null in it is nothing");
    claim("{\"c\":[]}", "v", false, "an empty array");
    claim("{\"c\":[\"u\",\"vv\",\"V\"]}", "v", false, "others");
    claim("{\"c\":[\"u v\"]}", "v", false, "an element is one value");
    claim("{\"c\":[[\"v\"]]}", "v", false, "an array in an array");
    claim("{\"c\":[{\"c\":\"v\"}]}", "v", false, "an object in an array");
    claim("{\"c\":[99999999999999999999]}", "99999999999999999999", true,
          "a number beyond 2^64 in it");
    claim("{\"c\":[99999999999999999999]}", "18446744073709551615", false, "and no other");
    claim("{\"c\":[\"u\",\"v\"]}", "u,v", false, "not all of it together");
    claim("{\"c\":[\"v\"]}", "[\"v\"]", false, "nor its text");
}

int main(void)
{
    words();
    types();
    scp();
    permissions();
    claim_types();
    claim_numbers();
    claim_arrays();
    ok(!grants_scope(NULL, "x", 1), "no claims grant nothing");
    ok(!grants_permission(NULL, "x", 1), "nothing at all");
    return tap_done();
}
