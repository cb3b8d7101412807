/* SPDX-License-Identifier: MIT */
/* How a value and the name of a claim are written. */
#include "policy/value.h"

#include "tap.h"

static struct diag diag;

/* What is read, between brackets, and what is left; of what is refused the message, behind where. */
static const char *reading(bool name, const char *text)
{
    static char shown[1200];
    char copy[300];
    char out[301];
    size_t length = 0;
    const size_t written = strlen(text);
    memcpy(copy, text, written); /* without its NUL: nothing reads behind `end` */
    const char *at = copy;
    const char *end = copy + written;
    memset(out, 0x5a, sizeof out);
    if (!(name ? value_read_name : value_read)(&at, end, out, &length, &diag)) {
        (void)snprintf(shown, sizeof shown, "%d: %s", (int)(at - copy), diag.text);
        return shown;
    }
    for (size_t i = 0; name && i + 1 < length; i++) {
        out[i] = out[i] == '\0' ? ';' : out[i]; /* between two steps */
    }
    (void)snprintf(shown, sizeof shown, "[%.*s]%.*s", (int)(name ? length - 1 : length), out,
                   (int)(end - at), at);
    return shown;
}

static void value(const char *text, const char *expected)
{
    is_string(reading(false, text), expected, "value: %s", text);
}

static void name(const char *text, const char *expected)
{
    is_string(reading(true, text), expected, "name: %s", text);
}

static void refused(bool is_name, const char *text, size_t where, const char *said)
{
    char place[24];
    const char *shown = reading(is_name, text);
    (void)snprintf(place, sizeof place, "%zu: ", where);
    if (!ok(strncmp(shown, place, strlen(place)) == 0 && strstr(shown, said) != NULL, "refused: %s",
            text)) {
        printf("# said: %s\n", shown);
    }
}

static void bare(void)
{
    value("a", "[a]");
    value("a b", "[a] b");
    value("a|b", "[a]|b");
    value("a=b=c", "[a=b=c]");
    value("~!#$%&()*+,-./0:;<=>?@[]^_`{}", "[~!#$%&()*+,-./0:;<=>?@[]^_`{}]");
    value("https://x.example/?a=b&c", "[https://x.example/?a=b&c]");
    refused(false, "", 0, "a value is missing");
    refused(false, " a", 0, "'Team A'");
    refused(false, "|a", 0, "a value is missing");
    refused(false, "O'Brien", 1, "written twice: 'O''Brien'");
    refused(false, "it's's x", 2, "written twice: 'it''s''s'");
    refused(false, "a'", 1, "'a'''");
    refused(false, "a\"b", 1, "in single quotes");
    refused(false, "\"a\"", 0, "in single quotes");
    refused(false, "a\\", 1, "in single quotes");
    refused(false,
            "S\xc3\xbc"
            "d",
            1, "beyond ASCII");
    refused(false, "a\xff", 1, "not UTF-8");
    refused(false, "a\xc3", 1, "not UTF-8");
    refused(false, "a\tb", 1, "control character");
    refused(false, "a\x7f", 1, "control character");
    refused(false, "a\xc2\x80", 1, "control character");
}

static void quoted(void)
{
    value("''", "[]");
    value("'' x", "[] x");
    value("''''", "[']");
    value("'a'", "[a]");
    value("'a' b", "[a] b");
    value("'a'b", "[a]b");
    value("'a|b'|c", "[a|b]|c");
    value("'Team A'", "[Team A]");
    value("'it''s'", "[it's]");
    value("'''a'''", "['a']");
    value("'auth0|5f7c'", "[auth0|5f7c]");
    value("'\"\\'", "[\"\\]");
    value("'Nord S\xc3\xbc"
          "d'",
          "[Nord S\xc3\xbc"
          "d]");
    value("'\xf0\x9f\x94\x91\xe2\x82\xac'", "[\xf0\x9f\x94\x91\xe2\x82\xac]");
    value("'\xc2\xa0'", "[\xc2\xa0]");
    refused(false, "'", 0, "does not end");
    refused(false, "'a", 0, "does not end");
    refused(false, "'a''", 0, "does not end");
    refused(false, "'''", 0, "does not end");
    refused(false, "'a\n'", 2, "control character");
    refused(false, "'a\x7f'", 2, "control character");
    refused(false, "'\xc2\x9f'", 1, "control character");
    refused(false, "'\xed\xa0\x80'", 1, "not UTF-8");
    refused(false, "'\xc0\xaf'", 1, "not UTF-8");
    refused(false, "'\xf4\x90\x80\x80'", 1, "not UTF-8");
    refused(false, "'\xe2\x82'", 1, "not UTF-8");
}

static void names(void)
{
    name("sub", "[sub]");
    name("sub=x", "[sub]=x");
    name("sub~=x", "[sub]~=x");
    name("a~b=x", "[a~b]=x");
    name("'a~'~=x", "[a~]~=x");
    name("a b", "[a] b");
    name("a|b", "[a]|b");
    name("https://x.example/role=admin", "[https://x.example/role]=admin");
    name("a==b", "[a]==b");
    name("'a=b'=c", "[a=b]=c");
    name("'a~'=c", "[a~]=c");
    name("'a~'", "[a~]");
    name("''=c", "[]=c");
    name("'it''s'", "[it's]");
    name("'Abteilung S\xc3\xbc"
         "d'",
         "[Abteilung S\xc3\xbc"
         "d]");
    name("/realm_access/roles=admin", "[realm_access;roles]=admin");
    name("'/realm_access/roles'=admin", "[realm_access;roles]=admin");
    name("'/a b/c d'", "[a b;c d]");
    name("/a~1b~=x", "[a/b]~=x");
    name("/a~0", "[a~]");
    name("/", "[]");
    name("//", "[;]");
    name("/~1x", "[/x]");
    name("x/y", "[x/y]");
    refused(true, "", 0, "the name of a claim is missing");
    refused(true, "=x", 0, "the name of a claim is missing");
    refused(true, "~=x", 0, "the name of a claim is missing");
    refused(true, "a~", 2, "'name~'");
    refused(true, "a~ b", 2, "'name~'");
    refused(true, "~", 1, "'name~'");
    refused(true, "a~~=x", 3, "'name~'");
    refused(true, "/a~2=x", 0, "JSON Pointer");
    refused(true, "'/a~'=x", 0, "JSON Pointer");
    refused(true, "O'Brien=x", 1, "'O''Brien=x'");
    refused(true, "'a", 0, "does not end");
}

int main(void)
{
    bare();
    quoted();
    names();
    return tap_done();
}
