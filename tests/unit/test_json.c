/* SPDX-License-Identifier: MIT */
#include "json/json.h"

#include <limits.h>
#include <stdlib.h>

#include "../support/failing.h"
#include "tap.h"

static void good(const char *text)
{
    const char *why = NULL;
    struct json_object *object = js_parse(text, strlen(text), &why);
    ok(object != NULL, "taken: %.60s%s%s", text, why != NULL ? " -- " : "", why != NULL ? why : "");
    js_free(object);
}

static void bad_bytes(const char *text, size_t length, const char *reason, const char *name)
{
    const char *why = NULL;
    struct json_object *object = js_parse(text, length, &why);
    ok(object == NULL, "refused: %s", name);
    is_string(why, reason, "  and says so");
    js_free(object);
}

#define bad(text, reason, name) bad_bytes((text), sizeof(text) - 1, (reason), (name))

#define GRAMMAR  "a name or value that is not JSON"
#define CLOSING  "a missing comma or closing bracket"
#define NUMBER   "a number that is not JSON"
#define UTF8     "invalid UTF-8"
#define LONE     "a lone surrogate in a string"
#define TWICE    "a name twice in one object"
#define FOLLOWS  "something follows the JSON object"
#define NOOBJECT "not a JSON object"

static void grammar(void)
{
    good("{}");
    good(" \t\r\n{ \"a\" : [ 1 , true , false , null , \"x\" , { } , [ ] ] } \n");
    good("{\"n\":[0,-0,1.5,-1e10,1E+2,2e-3,123456789012345678901234567890]}");
    good("{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"}");
    good("{\"\":1}");
    bad("", NOOBJECT, "nothing");
    bad("[]", NOOBJECT, "an array (case 24)");
    bad("\"x\"", NOOBJECT, "a string (case 24)");
    bad("null", NOOBJECT, "null (case 24)");
    bad("{\"a\":1} x", FOLLOWS, "trailing garbage (case 27)");
    bad("{}{}", FOLLOWS, "two objects (case 27)");
    bad("{}\0", FOLLOWS, "a trailing NUL (case 28)");
    bad("{\"a\":1}\0{}", FOLLOWS, "a NUL, then garbage (case 28)");
    bad("\xef\xbb\xbf{}", NOOBJECT, "a byte order mark (case 26)");
    bad("{'a':1}", GRAMMAR, "single quotes (case 32)");
    bad("{\"a\":'x'}", NUMBER, "a single-quoted value (case 32)");
    bad("{\"a\":1/**/}", CLOSING, "a comment (case 32)");
    bad("{\"a\":NaN}", NUMBER, "NaN (case 32)");
    bad("{\"a\":Infinity}", NUMBER, "Infinity (case 111)");
    bad("{\"a\":-Infinity}", NUMBER, "-Infinity (case 111)");
    bad("{\"a\":1.}", NUMBER, "1. (case 111)");
    bad("{\"a\":.5}", NUMBER, ".5");
    bad("{\"a\":+1}", NUMBER, "+1");
    bad("{\"a\":01}", CLOSING, "a leading zero (case 111)");
    bad("{\"a\":0x10}", CLOSING, "hexadecimal");
    bad("{\"a\":1e}", NUMBER, "an exponent without digits");
    bad("{\"a\":-}", NUMBER, "a minus alone");
    bad("{\"a\":tru}", GRAMMAR, "half a word");
    bad("{\"a\":tru", GRAMMAR, "a cut word");
    bad("{\"a\":falsy}", GRAMMAR, "a word that begins like one");
    bad("{\"a\":True}", NUMBER, "a word of other case");
    bad("{\"a\" 1}", "a name without a colon", "no colon");
    bad("{\"a\":1,}", GRAMMAR, "a trailing comma");
    bad("{\"a\":[1,]}", NUMBER, "a trailing comma in an array");
    bad("{\"a\":[1}", CLOSING, "the wrong bracket");
    bad("{\"a\":1", CLOSING, "no closing bracket");
    bad("{\"a\":", "the text ends too early", "a cut text");
    bad("{\"a", "a string does not end", "a cut string");
    bad("{\"a\\", "a string does not end", "a cut escape");
    bad("{a:1}", GRAMMAR, "a bare name");
}

static void strings(void)
{
    bad("{\"a\":\"\n\"}", "a raw control character in a string", "a raw newline");
    bad("{\"a\":\"x\0y\"}", "a raw control character in a string", "a raw NUL in a string");
    bad("{\"a\\u0000x\":1}", "U+0000 in a string", "an escaped NUL in a name (cases 30, 123)");
    bad("{\"iss\":\"i\\u0000evil\"}", "U+0000 in a string", "an escaped NUL in a value (case 116)");
    bad("{\"a\":\"\\x41\"}", "an unknown escape in a string", "an unknown escape");
    bad("{\"a\":\"\\u12g4\"}", "a \\u escape without four hex digits", "bad hex digits");
    bad("{\"a\":\"\\u12:4\"}", "a \\u escape without four hex digits",
        "a sign between digits and letters");
    bad("{\"a\":\"\\u12 4\"}", "a \\u escape without four hex digits", "a blank among them");
    bad("{\"a\":\"\\u12", "a \\u escape without four hex digits", "cut hex digits");
    bad("{\"a\":\"\\\0\"}", "an unknown escape in a string", "a NUL after a backslash");
    bad("{\"a\":\"\xff\"}", UTF8, "an octet that is never UTF-8 (case 25)");
    bad("{\"a\":\"\x80\"}", UTF8, "a lone continuation octet (case 25)");
    bad("{\"a\":\"\xc0\xaf\"}", UTF8, "an overlong slash (case 25)");
    bad("{\"a\":\"\xe0\x80\xaf\"}", UTF8, "an overlong form of three (case 25)");
    bad("{\"a\":\"\xf0\x80\x80\xaf\"}", UTF8, "an overlong form of four (case 25)");
    bad("{\"a\":\"\xed\xa0\x80\"}", UTF8, "a surrogate in UTF-8 (case 25)");
    bad("{\"a\":\"\xf4\x90\x80\x80\"}", UTF8, "above U+10FFFF (case 25)");
    bad("{\"a\":\"\xc3\"}", UTF8, "a cut character (case 25)");
    bad("{\"a\":\"\xc3", UTF8, "a character that the end of the text cuts");
    good("{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf\"}");
    bad("{\"a\":\"\\ud83d\"}", LONE, "a high surrogate alone (case 25)");
    bad("{\"a\":\"\\ude00\"}", LONE, "a low surrogate alone (case 25)");
    bad("{\"a\":\"\\ud83d\\ud83d\"}", LONE, "two high surrogates (case 25)");
    bad("{\"a\":\"\\ud83dx\"}", LONE, "a high surrogate and a letter (case 25)");
    bad("{\"a\":\"\\ud83d\\n\"}", LONE, "a high surrogate and another escape (case 25)");
    bad("{\"a\":\"\\ud83d\\uxyzz\"}", LONE, "a high surrogate and half an escape (case 25)");
    bad("{\"a\":\"\\ud83d\\ue000\"}", LONE,
        "a high surrogate and a character above them (case 25)");
}

static void duplicates(void)
{
    bad("{\"alg\":\"a\",\"alg\":\"a\"}", TWICE, "a name twice (cases 29, 122)");
    bad("{\"alg\":\"a\",\"\\u0061lg\":\"a\"}", TWICE, "a name twice, once escaped (case 29)");
    bad("{\"a\":{\"b\":[{\"c\":1,\"c\":2}]}}", TWICE, "a name twice, deep inside");
    bad("{\"a\":1,\"a\":{\"x\":1}}", TWICE, "a name twice with another type");
    good("{\"a\":{\"a\":1},\"b\":{\"a\":1}}");
}

static void depths(void)
{
    char text[8192];
    for (size_t depth = 31; depth <= 34; depth++) { /* plus the object around it */
        size_t n = 0;
        memcpy(text, "{\"a\":", 5);
        n += 5;
        memset(text + n, '[', depth);
        n += depth;
        memset(text + n, ']', depth);
        n += depth;
        text[n++] = '}';
        text[n] = '\0';
        if (depth + 1 <= JS_DEPTH_MAX) {
            good(text);
        } else {
            bad_bytes(text, n, "nesting deeper than 32", "one level too deep (case 31)");
        }
    }
    memset(text, '[', 2000);
    memcpy(text, "{\"a\":", 5);
    bad_bytes(text, 2000, "nesting deeper than 32", "depth 2000 (case 125)");
}

/* The visit ends here. */
static bool visited(void *context, const char *name, struct json_object *value)
{
    (void)context;
    (void)name;
    (void)value;
    return false;
}

static void getters(void)
{
    static const char text[] =
        "{\"s\":\"x\xc3\xa9\",\"n\":1700000000.50,\"i\":42,\"t\":true,\"f\":false,\"z\":null,"
        "\"a\":[\"p\",1,{\"q\":2}],\"o\":{\"k\":\"v\"},\"big\":99999999999999999999,\"neg\":-1}";
    struct json_object *object = js_parse(text, sizeof text - 1, NULL);
    size_t length = 0;
    is_string(js_string(object, "s", &length), "x\xc3\xa9", "a string");
    is_number(length, 3, "its length in octets");
    is_string(js_string(object, "n", NULL), NULL, "a number is no string");
    is_string(js_number_text(object, "n"), "1700000000.50", "a number as it was written");
    is_string(js_number_text(object, "i"), "42", "an integer as it was written");
    is_string(js_number_text(object, "s"), NULL, "a string is no number");
    is_number(js_count(object, "i"), 42, "a count");
    is_number(js_count(object, "neg"), -1, "a negative number is no count");
    is_number(js_count(object, "big"), -1, "nor is a number too large");
    is_number(js_count(object, "n"), -1, "nor a fraction");
    is_number(js_type(object, "z"), JS_NULL, "null is there");
    is_number(js_type(object, "none"), JS_ABSENT, "what is not there is absent");
    is_number(js_type(NULL, "a"), JS_ABSENT, "nothing has nothing");
    struct json_object *array = js_array(object, "a");
    is_number(js_type(array, "p"), JS_ABSENT, "an array has no members");
    ok(js_each(NULL, visited, NULL) && js_each(array, visited, NULL), "nor are there any to visit");
    ok(!js_each(object, visited, NULL), "while a visit of an object's may end early");
    ok(!js_set_string(object, "long", "x", (size_t)INT_MAX + 1) &&
           js_type(object, "long") == JS_ABSENT,
       "a string longer than json-c can be told is not cut");
    is_number(js_array_length(array), 3, "the length of an array");
    is_string(js_array_string(array, 0, NULL), "p", "its string");
    is_string(js_array_string(array, 1, NULL), NULL, "its number is no string");
    is_string(js_array_string(array, 9, NULL), NULL, "nothing past its end");
    is_number(js_count(js_array_object(array, 2), "q"), 2, "its object");
    ok(js_array_object(array, 0) == NULL && js_array(object, "o") == NULL,
       "nothing is taken for another type");
    ok(js_array_length(object) == 0 && js_string(array, "s", NULL) == NULL,
       "nor a container for another");
    ok(js_string_is(object, "s", "x\xc3\xa9") && !js_string_is(object, "s", "x"),
       "exact comparison");
    js_free(object);
}

static void scalar(const struct json_object *object, const char *name, const char *expected,
                   const char *test)
{
    size_t length = 77;
    const char *text = js_scalar(object, name, &length);
    is_string(text, expected, "%s", test);
    is_number(length, expected != NULL ? strlen(expected) : 0, "  its length");
}

static void scalars(void)
{
    static const char text[] =
        "{\"s\":\"x\xc3\xa9\",\"e\":\"\",\"i\":-42,\"d\":1.50,\"x\":1e400,\"t\":true,\"f\":false,"
        "\"z\":null,\"a\":[\"p\",2,false,null,[1],{}],\"o\":{}}";
    struct json_object *object = js_parse(text, sizeof text - 1, NULL);
    struct json_object *array = js_array(object, "a");
    size_t length = 77;
    scalar(object, "s", "x\xc3\xa9", "a string is its own text");
    scalar(object, "e", "", "an empty string is there");
    scalar(object, "i", "-42", "an integer");
    scalar(object, "d", "1.50", "a fraction as it was written");
    scalar(object, "x", "1e400", "so is one beyond all doubles");
    scalar(object, "t", "true", "true");
    scalar(object, "f", "false", "false");
    scalar(object, "z", NULL, "null has no text");
    scalar(object, "a", NULL, "nor has an array");
    scalar(object, "o", NULL, "nor an object");
    scalar(object, "none", NULL, "nor what is not there");
    scalar(NULL, "s", NULL, "nothing has nothing");
    scalar(array, "s", NULL, "nor has an array members");
    is_string(js_array_scalar(array, 0, &length), "p", "a string in an array");
    is_string(js_array_scalar(array, 1, &length), "2", "a number in it");
    is_string(js_array_scalar(array, 2, &length), "false", "false in it");
    is_number(length, 5, "  its length");
    for (size_t i = 3; i < 8; i++) {
        length = 77;
        is_string(js_array_scalar(array, i, &length), NULL, "element %zu has no text", i);
        is_number(length, 0, "  and no length");
    }
    is_string(js_array_scalar(object, 0, &length), NULL, "an object has no elements");
    is_number(js_array_type(array, 3), JS_NULL, "null in an array is there");
    is_number(js_array_type(array, 4), JS_ARRAY, "an array in it");
    is_number(js_array_type(array, 6), JS_ABSENT, "nothing past its end");
    is_number(js_array_type(NULL, 0), JS_ABSENT, "no array, no element");
    js_free(object);
}

/* What a text of escapes says. */
static void unescaped(const char *text, const char *expected, const char *test)
{
    char document[128];
    size_t length = 0;
    (void)snprintf(document, sizeof document, "{\"%s\":\"%s\"}", text, text);
    struct json_object *object = js_parse(document, strlen(document), NULL);
    is_string(js_string(object, expected, &length), expected, "%s", test);
    is_number(length, strlen(expected), "  its length");
    js_free(object);
}

static void escapes(void)
{
    unescaped("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t",
              "the short escapes, in name and value");
    unescaped("\\u0001\\u007F\\u0080\\u07ff", "\x01\x7f\xc2\x80\xdf\xbf",
              "characters of one and two octets");
    unescaped("\\u0800\\uD7FF\\ue000\\uffff", "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
              "characters of three octets, up to the surrogates and behind them");
    unescaped("\\ud800\\udc00\\uDBFF\\uDFFF", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
              "the first and the last surrogate pair");
    unescaped("x\\ud83d\\ude00y", "x\xf0\x9f\x98\x80y", "a pair between letters");
    unescaped("\\ud837\\ude00", "\xf0\x9d\xb8\x80", "a pair that json-c 0.16 reads as U+FFFD");
    unescaped("\xc3\xa9\\u00e9\xf0\x9f\x98\x80", "\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80",
              "escaped and not");
    unescaped("", "", "nothing");
}

static void is_written(struct json_object *value, const char *expected, const char *test)
{
    size_t length = 0;
    char *text = js_text(value, &length);
    is_string(text, expected, "%s", test);
    is_number(length, strlen(expected), "  its length");
    free(text);
}

static void number(const char *text)
{
    char document[512];
    (void)snprintf(document, sizeof document, "{\"n\":%s}", text);
    struct json_object *object = js_parse(document, strlen(document), NULL);
    is_string(js_number_text(object, "n"), text, "a number keeps its text");
    is_written(object, document, "  in a document too");
    js_free(object);
}

static void numbers(void)
{
    static const char *const counts[] = {"0", "7", "9007199254740992"};
    static const char *const others[] = {
        "-0", "-1", "1.0", "1e3", "9007199254740993", "99999999999999999999"};
    number("0");
    number("-0");
    number("-1.50E+07");
    number("1e400");
    number("18446744073709551616");
    number("-99999999999999999999");
    number(
        "3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679821480865132823066470938446095505822317253594081284811174502841027019385211055596446229489549303819");
    for (size_t i = 0; i < 3; i++) {
        char document[64];
        (void)snprintf(document, sizeof document, "{\"n\":%s}", counts[i]);
        struct json_object *object = js_parse(document, strlen(document), NULL);
        is_number(js_count(object, "n"), strtoll(counts[i], NULL, 10), "%s is a count", counts[i]);
        js_free(object);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char document[64];
        (void)snprintf(document, sizeof document, "{\"n\":%s}", others[i]);
        struct json_object *object = js_parse(document, strlen(document), NULL);
        is_number(js_count(object, "n"), -1, "%s is none", others[i]);
        js_free(object);
    }
}

/* False: there is no such member, or it could not be put there. */
static bool share(struct json_object *to, struct json_object *from, const char *name)
{
    struct json_object *value = NULL;
    return js_follow(from, name, strlen(name) + 1, &value) == JS_FOUND &&
           js_set_shared(to, name, value);
}

static void copies(void)
{
    static const char text[] = "{\"s\":\"x\",\"z\":null,\"o\":{\"k\":[1.50]},\"n\":1}";
    struct json_object *from = js_parse(text, sizeof text - 1, NULL);
    struct json_object *to = js_new_object();
    ok(!js_has_members(to) && !js_has_members(NULL), "an empty object has no members");
    ok(share(to, from, "z") && js_has_members(to), "null is a member");
    ok(share(to, from, "o") && share(to, from, "s") && share(to, from, "o"),
       "members are copied, one of them twice");
    ok(!share(NULL, from, "s") && !share(NULL, from, "z"), "not into nothing");
    js_free(from);
    is_written(to, "{\"z\":null,\"o\":{\"k\":[1.50]},\"s\":\"x\"}",
               "the copy outlives the original");
    js_free(to);
}

static void written(const char *text, const char *expected, const char *test)
{
    struct json_object *object = js_parse(text, strlen(text), NULL);
    is_written(object, expected, test);
    is_written(object, expected, "  and again");
    js_free(object);
}

static void writing(void)
{
    written("{}", "{}", "written: nothing");
    written(" { \"a\" : [ ] , \"b\" : { } } ", "{\"a\":[],\"b\":{}}", "written: empty ones");
    written("{\"a\":[1,-2.50e1,true,false,null,\"x\",[[]],{\"b\":{}}]}",
            "{\"a\":[1,-2.50e1,true,false,null,\"x\",[[]],{\"b\":{}}]}", "written: each type");
    written(
        "{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"}",
        "{\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"}",
        "written: what has to be escaped");
    written("{\"\\u00e9\":\"\\ud83d\\ude00\"}", "{\"\xc3\xa9\":\"\xf0\x9f\x98\x80\"}",
            "written: what has not");
}

static bool count_two(void *context, const char *name, struct json_object *value)
{
    (void)name;
    (void)value;
    return ++*(int *)context < 2;
}

static void building(void)
{
    struct json_object *object = js_new_object();
    struct json_object *array = js_new_array();
    ok(js_append_string(array, "x/y", 3) && js_set_string(object, "s", "\"\n", 2) &&
           js_set_count(object, "n", 7) && js_set_value(object, "a", array),
       "a document is built");
    is_written(object, "{\"s\":\"\\\"\\n\",\"n\":7,\"a\":[\"x/y\"]}", "and written");
    is_written(js_array(object, "a"), "[\"x/y\"]", "and a part of it");
    int seen = 0;
    ok(!js_each(object, count_two, &seen) && seen == 2, "a visit stops when told");
    ok(!js_set_value(object, "bad", NULL), "no value, no member");
    js_free(object);
}

static void sizes(void)
{
    static char text[JS_TEXT_MAX + 2];
    memset(text, ' ', sizeof text);
    text[0] = '{';
    text[1] = '}';
    struct json_object *object = js_parse(text, JS_TEXT_MAX, NULL);
    ok(object != NULL, "1 MiB is taken");
    js_free(object);
    bad_bytes(text, JS_TEXT_MAX + 1, "longer than 1 MiB", "one byte more");
}

/* Parses, and lets each allocation fail in turn, alone and with all after it. */
static void out_of_memory(void)
{
    static const char text[] =
        "{\"a\":[1,2,3,4,5,6,7,8,9],\"s\":\"\\ud83d\\ude00 and more than fits into a small "
        "string\",\"t\":true,\"b\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,"
        "\"8\":8,\"9\":9,\"10\":[],\"11\":{},\"12\":false},\"z\":null}";
    struct json_object *whole =
        js_parse(text, sizeof text - 1, NULL); /* json-c's first time: its seed */
    unsigned long wrong = 0;
    unsigned long calls = 0;
    long blocks = failing->blocks;
    for (int onwards = 0; onwards < 2; onwards++) {
        for (failing->nth = 1;; failing->nth++) {
            const char *why = NULL;
            failing->calls = 0;
            failing->onwards = onwards == 1;
            failing->kind = FAILING_MEMORY;
            struct json_object *object = js_parse(text, sizeof text - 1, &why);
            failing->kind = FAILING_NOTHING;
            calls = failing->calls;
            bool reached = calls >= failing->nth;
            wrong += (object == NULL) != reached || why != (reached ? js_no_memory : NULL);
            js_free(object);
            wrong += failing->blocks != blocks;
            if (!reached) {
                break;
            }
        }
        ok(wrong == 0 && calls > 40,
           "each of %lu allocations fails%s: nothing is parsed, memory ran out, none is lost",
           calls, onwards == 1 ? ", and those after it" : "");
    }
    js_free(whole);
}

/* Builds and writes a document, with more members than json-c has places for at first. True if it
 * is the one written first. */
static char first[1024];

static bool build(struct json_object *from)
{
    struct json_object *object = js_new_object();
    bool good = object != NULL && share(object, from, "a") && js_set_count(object, "n", 7);
    for (char name[] = "a"; good && *name < 'z'; (*name)++) {
        good = js_set_string(object, name, "a text", 6);
    }
    struct json_object *array = js_new_array();
    good = good && array != NULL && js_append_string(array, "x", 1);
    for (int i = 0; good && i < 40; i++) { /* and more elements */
        good = js_append(array, js_share(from));
    }
    if (good) {
        good = js_set_value(object, "array", array);
        array = NULL;
    }
    js_free(array);
    char *text = good ? js_text(object, NULL) : NULL;
    if (text != NULL && first[0] == '\0') {
        (void)snprintf(first, sizeof first, "%s", text);
    }
    good = text != NULL && strcmp(text, first) == 0;
    free(text);
    js_free(object);
    return good;
}

static void out_of_memory_building(void)
{
    struct json_object *from = js_parse("{\"a\":[{}]}", 10, NULL);
    unsigned long wrong = 0;
    bool reached = true;
    ok(build(from), "a document is built and written");
    long blocks = failing->blocks;
    for (failing->nth = 1; reached; failing->nth++) {
        failing->calls = 0;
        failing->onwards = false;
        failing->kind = FAILING_MEMORY;
        bool built = build(from);
        failing->kind = FAILING_NOTHING;
        reached = failing->calls >= failing->nth;
        wrong += built == reached;
        wrong += failing->blocks != blocks;
    }
    ok(wrong == 0 && failing->calls > 60,
       "each of %lu allocations of a document that is built fails", failing->calls);
    js_free(from);
}

int main(void)
{
    grammar();
    strings();
    duplicates();
    depths();
    getters();
    scalars();
    escapes();
    numbers();
    copies();
    writing();
    building();
    sizes();
    out_of_memory();
    out_of_memory_building();
    return tap_done();
}
