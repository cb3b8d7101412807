/* SPDX-License-Identifier: MIT */
/* JSON Pointers, and the three answers to where one leads. */
#include "json/json.h"

#include <stdlib.h>

#include "tap.h"

/* As in RFC 6901, section 5, and what claims have. */
static const char document[] =
    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,"
    "\"k\\\"l\":6,\" \":7,\"m~n\":8,\"/x\":9,\"~1\":10,"
    "\"realm_access\":{\"roles\":[\"admin\"],\"none\":null},"
    "\"kubernetes.io\":{\"namespace\":\"web\"},"
    "\"null\":null,\"true\":true,\"false\":false,\"number\":1.50,\"text\":\"t\",\"empty\":[],"
    "\"deep\":[[{\"a\":[null]}]],\"object\":{\"0\":\"zero\",\"-\":\"dash\",\"01\":\"lead\"},"
    "\"S\xc3\xbc\xc3\x9f\":11,"
    "\"eleven\":[0,1,2,3,4,5,6,7,8,9,10]}";

static const struct {
    const char *path;
    enum js_found found;
    /* of what is found: its text; NULL: none */
    const char *text;
    enum js_type type;
} rows[] = {
    {"/foo", JS_FOUND, NULL, JS_ARRAY},
    {"/foo/0", JS_FOUND, "bar", JS_STRING},
    {"/foo/1", JS_FOUND, "baz", JS_STRING},
    {"/", JS_FOUND, "0", JS_NUMBER},
    {"/a~1b", JS_FOUND, "1", JS_NUMBER},
    {"/c%d", JS_FOUND, "2", JS_NUMBER},
    {"/e^f", JS_FOUND, "3", JS_NUMBER},
    {"/g|h", JS_FOUND, "4", JS_NUMBER},
    {"/i\\j", JS_FOUND, "5", JS_NUMBER},
    {"/k\"l", JS_FOUND, "6", JS_NUMBER},
    {"/ ", JS_FOUND, "7", JS_NUMBER},
    {"/m~0n", JS_FOUND, "8", JS_NUMBER},
    {"/~1x", JS_FOUND, "9", JS_NUMBER},
    {"/~01", JS_FOUND, "10", JS_NUMBER},
    {"/S\xc3\xbc\xc3\x9f", JS_FOUND, "11", JS_NUMBER},
    {"/realm_access/roles/0", JS_FOUND, "admin", JS_STRING},
    {"/kubernetes.io/namespace", JS_FOUND, "web", JS_STRING},
    {"/true", JS_FOUND, "true", JS_BOOLEAN},
    {"/false", JS_FOUND, "false", JS_BOOLEAN},
    {"/number", JS_FOUND, "1.50", JS_NUMBER},
    {"/null", JS_FOUND, NULL, JS_NULL},
    {"/realm_access/none", JS_FOUND, NULL, JS_NULL},
    {"/deep/0/0/a/0", JS_FOUND, NULL, JS_NULL},
    {"/empty", JS_FOUND, NULL, JS_ARRAY},
    {"/realm_access", JS_FOUND, NULL, JS_OBJECT},
    {"/eleven/10", JS_FOUND, "10", JS_NUMBER},
    /* an object has names, whatever they look like */
    {"/object/0", JS_FOUND, "zero", JS_STRING},
    {"/object/-", JS_FOUND, "dash", JS_STRING},
    {"/object/01", JS_FOUND, "lead", JS_STRING},
    /* a name of the top, to the letter */
    {"", JS_FOUND, "0", JS_NUMBER},
    {"a/b", JS_FOUND, "1", JS_NUMBER},
    {"m~n", JS_FOUND, "8", JS_NUMBER},
    {"~1", JS_FOUND, "10", JS_NUMBER},
    {"text", JS_FOUND, "t", JS_STRING},
    {"kubernetes.io", JS_FOUND, NULL, JS_OBJECT},
    {"realm_access/roles", JS_NOTHING, NULL, JS_NULL},
    {"foo/0", JS_NOTHING, NULL, JS_NULL},
    {"m~0n", JS_NOTHING, NULL, JS_NULL},
    {"Text", JS_NOTHING, NULL, JS_NULL},
    /* missing anywhere on the way */
    {"/nothing", JS_NOTHING, NULL, JS_NULL},
    {"/nothing/at/all", JS_NOTHING, NULL, JS_NULL},
    {"/realm_access/groups", JS_NOTHING, NULL, JS_NULL},
    {"/realm_access/groups/0", JS_NOTHING, NULL, JS_NULL},
    {"/object/1", JS_NOTHING, NULL, JS_NULL},
    {"/object/", JS_NOTHING, NULL, JS_NULL},
    {"//", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo~1bar", JS_NOTHING, NULL, JS_NULL},
    /* past the end */
    {"/foo/2", JS_NOTHING, NULL, JS_NULL},
    {"/foo/2/x", JS_NOTHING, NULL, JS_NULL},
    {"/empty/0", JS_NOTHING, NULL, JS_NULL},
    {"/foo/4294967296", JS_NOTHING, NULL, JS_NULL},
    {"/foo/18446744073709551615", JS_NOTHING, NULL, JS_NULL},
    {"/foo/18446744073709551616", JS_NOTHING, NULL, JS_NULL},
    {"/foo/18446744073709551617", JS_NOTHING, NULL, JS_NULL},
    {"/foo/99999999999999999999999999", JS_NOTHING, NULL, JS_NULL},
    /* into what has no inside */
    {"/text/0", JS_UNDECIDED, NULL, JS_NULL},
    {"/text/length", JS_UNDECIDED, NULL, JS_NULL},
    {"/text/", JS_UNDECIDED, NULL, JS_NULL},
    {"/number/0", JS_UNDECIDED, NULL, JS_NULL},
    {"/true/a", JS_UNDECIDED, NULL, JS_NULL},
    {"/false/a", JS_UNDECIDED, NULL, JS_NULL},
    {"/null/a", JS_UNDECIDED, NULL, JS_NULL},
    {"/null/a/b", JS_UNDECIDED, NULL, JS_NULL},
    {"/deep/0/0/a/0/0", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/0/0", JS_UNDECIDED, NULL, JS_NULL},
    /* into an array, and no index */
    {"/foo/-", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/bar", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/00", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/01", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/-1", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/+1", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/1e0", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/1.0", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/0x1", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/ 1", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/1 ", JS_UNDECIDED, NULL, JS_NULL},
    {"/foo/\xd9\xa1", JS_UNDECIDED, NULL, JS_NULL},
    {"/empty/x", JS_UNDECIDED, NULL, JS_NULL},
    {"/eleven/010", JS_UNDECIDED, NULL, JS_NULL},
};

static void row(struct json_object *top, size_t i)
{
    char steps[64];
    size_t used = 0;
    size_t length = 0;
    struct json_object *value = NULL;
    const size_t written = strlen(rows[i].path);
    /* where the text itself is, as a parser in place does */
    memcpy(steps, rows[i].path, written);
    const bool read = js_path_read(steps, written, steps, &used);
    const enum js_found found = js_follow(top, steps, used, &value);
    const char *text = js_value_scalar(value, &length);
    const bool same = rows[i].text == NULL ? text == NULL
                                           : text != NULL && strcmp(text, rows[i].text) == 0 &&
                                                 length == strlen(text);
    ok(read && used <= written + 1 && found == rows[i].found &&
           js_value_type(value) == rows[i].type && same,
       "\"%s\" leads to %s", rows[i].path,
       found == JS_FOUND     ? "something"
       : found == JS_NOTHING ? "nothing"
                             : "no decision");
}

static void escapes(void)
{
    static const char *const bad[] = {"/~",   "/~2",   "/a~",  "/~/a", "/~a",
                                      "/a~ ", "/~01~", "/~~0", "/~-1", "/a/b/~"};
    char steps[16];
    size_t used = 1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ok(!js_path_read(bad[i], strlen(bad[i]), steps, &used), "refused: %s", bad[i]);
    }
    ok(js_path_read("~2", 2, steps, &used) && used == 3, "a name of the top has no escapes");
    ok(js_path_read("/~1", 3, steps, &used) && used == 2 && strcmp(steps, "/") == 0,
       "as long as said: a / ");
    ok(!js_path_read("/~1", 2, steps, &used), "as long as said: half an escape");
}

static void tops(struct json_object *top)
{
    struct json_object *value = top;
    ok(js_follow(NULL, "a", 2, &value) == JS_UNDECIDED && value == NULL, "into nothing at all");
    ok(js_follow(top, "", 0, &value) == JS_FOUND && value == top, "no step is the top");
    ok(js_value_type(NULL) == JS_NULL, "NULL is null");
}

int main(void)
{
    struct json_object *top = js_parse(document, strlen(document), NULL);
    if (!ok(top != NULL, "a document")) {
        return tap_done();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        row(top, i);
    }
    escapes();
    tops(top);
    js_free(top);
    return tap_done();
}
