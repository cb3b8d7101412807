/* SPDX-License-Identifier: MIT */
#include "config/config_file.h"

#include <stdlib.h>

#include "tap.h"

static char told[8192];

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
    size_t used = strlen(told);
    va_list args;
    va_start(args, format);
    vsnprintf(told + used, sizeof told - used, format, args);
    va_end(args);
}

static void assignment(void *context, const struct config_assignment *given)
{
    (void)context;
    tell("%u:%.*s=[%s]%s ", given->line, (int)given->name_length, given->name, given->value,
         given->expansion ? "$" : "");
}

static void fault(void *context, unsigned line, const char *why)
{
    (void)context;
    tell("%u!%s ", line, why);
}

static const struct config_file_reader reader = {.assignment = assignment, .fault = fault};

static unsigned parse(const char *text, size_t length)
{
    char *exactly = malloc(length + 1); /* + 1: never of size 0; a sanitizer sees who reads on */
    told[0] = '\0';
    if (exactly == NULL) {
        return 999;
    }
    memcpy(exactly + 1, text, length);
    unsigned faults = config_file_parse(exactly + 1, length, &reader);
    free(exactly);
    return faults;
}

/* What is told of a good file. */
static void good(const char *text, const char *expected, const char *test)
{
    unsigned faults = parse(text, strlen(text));
    is_string(told, expected, "%s", test);
    if (faults != 0) {
        ok(false, "%s: without faults", test);
    }
}

/* One bad line: the line, and a piece of what is said. Never a piece of the text. */
static void bad(const char *text, unsigned line, const char *why, const char *test)
{
    unsigned faults = parse(text, strlen(text));
    char head[16];
    snprintf(head, sizeof head, "%u!", line);
    bool fits = faults == 1 && strncmp(told, head, strlen(head)) == 0 &&
                strstr(told, why) != NULL && strstr(told, "SECRET") == NULL;
    if (!ok(fits, "%s", test)) {
        printf("# %u faults: %s\n", faults, told);
    }
}

static void shapes(void)
{
    good("", "", "an empty file");
    good("A=b", "1:A=[b] ", "a last line without its end");
    good("A=b\nC=d\n", "1:A=[b] 2:C=[d] ", "two lines");
    good("A=b\r\nC=d\r\n", "1:A=[b] 2:C=[d] ", "CRLF");
    good("A=b\r", "1:A=[b] ", "half of a CRLF at the end");
    good("\xef\xbb\xbf"
         "A=b\n",
         "1:A=[b] ", "a byte order mark");
    good("\n \t\n# A=b\n  # c\nA=b\n", "5:A=[b] ", "empty lines and comments count as lines");
    good(" \tA \t=\t b \t\n", "1:A=[b] ", "blanks around everything");
    good("export A=b\nexport\t C = d\n", "1:A=[b] 2:C=[d] ", "export");
    bad("export \t\n", 1, "no '='", "export of nothing");
    good("export=1\nexport =2\nexports=3\n", "1:export=[1] 2:export=[2] 3:exports=[3] ",
         "which may also be a name");
    good("_a9=1\nz=2\n", "1:_a9=[1] 2:z=[2] ", "names");
    good("A=\nB= \nC=''\nD=\"\"\n", "1:A=[] 2:B=[] 3:C=[] 4:D=[] ", "nothing as a value");
    good("A=b=c==\n", "1:A=[b=c==] ", "only the first = counts");
}

static void values(void)
{
    good("A=b c  d # e\n", "1:A=[b c  d] ", "bare: blanks inside stay, a comment goes");
    good("A=b#c\nB=#c\nC= #c\nD=b\t#c\n", "1:A=[b#c] 2:B=[#c] 3:C=[] 4:D=[b] ",
         "# begins a comment after a blank only");
    good("A=b\"c\"'d'\\e\n", "1:A=[b\"c\"'d'\\e] ",
         "quotes and backslashes inside a bare value are themselves");
    good("A='b \"c\" \\ #d'  # e\n", "1:A=[b \"c\" \\ #d] ", "single quotes: all of it raw");
    good("A=\"b 'c' # d\" # e\n", "1:A=[b 'c' # d] ", "double quotes");
    good("A=\"\\\"\\\\\\n\\$\"\n", "1:A=[\"\\\\n\\$] ", "with two escapes and no more");
    good("A=\"x\\\\\"\n", "1:A=[x\\] ", "an escaped backslash does not escape the quote after it");
    good("A=' b '\n", "1:A=[ b ] ", "blanks in quotes stay");
    good("A=${b}\nB=\"$(c)\"\nC='${d}'\nD=$e\n", "1:A=[${b}]$ 2:B=[$(c)]$ 3:C=[${d}] 4:D=[$e] ",
         "what would be expanded elsewhere is marked");
}

static void faults(void)
{
    bad("\nSECRET\n", 2, "no '='", "a line without =");
    bad("SECRET # A=b\n", 1, "not a name", "one with = in a comment only");
    bad("export SECRET\n", 1, "no '='", "export without a value");
    bad("9A=SECRET\n", 1, "not a name", "a name with a digit first");
    bad("A-B=SECRET\n", 1, "not a name", "a name with a hyphen");
    bad("A.B=SECRET\n", 1, "not a name", "a name with a dot");
    bad("A B=SECRET\n", 1, "not a name", "two words");
    bad("=SECRET\n", 1, "not a name", "no name");
    bad("\xc3\x84=SECRET\n", 1, "not a name", "a name that is not ASCII");
    bad("{A}=SECRET\n", 1, "not a name", "a name in braces");
    bad("\n\nA=\"SECRET\nB=c", 3, "not closed", "a double quote that is not closed");
    bad("A='SECRET\n", 1, "not closed", "a single quote that is not closed");
    bad("A=\"SECRET\\\"\n", 1, "not closed", "one whose end is escaped");
    bad("A=\"SECRET\\\n", 1, "not closed", "one that ends in a backslash");
    bad("A=\"SECRET\\", 1, "not closed", "one that ends in it as the file does");
    bad("A=\"b\" SECRET\n", 1, "after the closing quote", "text after a quote");
    bad("A='b'SECRET\n", 1, "after the closing quote", "right after it");
    bad("A='b'#SECRET\n", 1, "after the closing quote", "a comment needs a blank before it");
    bad("# x\rA=SECRET\n", 1, "carriage return", "CR alone does not end a line");
    good("A='b' #\nB=c\n", "1:A=[b] 2:B=[c] ", "after a fault-free line reading goes on");
    parse("SECRET\nA=b\n9=\n", 14);
    is_string(
        told,
        "1!no '=' in it; write NAME=value, or '#' before a comment 2:A=[b] 3!the text before '=' "
        "is not a name; a name has letters, digits and '_' only, and no digit first ",
        "and after a fault too");
}

static void limits(void)
{
    static char big[3 * CONFIG_LINE_MAX];
    memset(big, 'x', sizeof big);
    memcpy(big, "A=", 2);
    big[CONFIG_LINE_MAX] = '\n';
    ok(parse(big, CONFIG_LINE_MAX + 1) == 0 &&
           strlen(told) == CONFIG_LINE_MAX - 2 + strlen("1:A=[] "),
       "a line of 4096 octets");
    big[CONFIG_LINE_MAX] = '\r';
    big[CONFIG_LINE_MAX + 1] = '\n';
    is_number(parse(big, CONFIG_LINE_MAX + 2), 0, "its CRLF does not count");
    big[CONFIG_LINE_MAX] = 'x';
    is_number(parse(big, CONFIG_LINE_MAX + 2), 1, "one more is too long");
    ok(strstr(told, "1!longer than 4096") != NULL, "and the message says so");
    memset(big, '#', sizeof big);
    is_number(parse(big, sizeof big), 1, "even if it is a comment");

    is_number(parse("A=b\0c\n", 6), 1, "a NUL in a value");
    ok(strstr(told, "1!a NUL byte") != NULL, "is named");
    is_number(parse("#\0\nA=b", 6), 1, "and one in a comment");
    is_number(parse("\xff\xfe"
                    "A\0=\0b\0",
                    8),
              1, "UTF-16");
    ok(strstr(told, "UTF-16") != NULL, "is guessed");
    memset(big, '\n', sizeof big);
    for (size_t i = 0; i < sizeof big; i += 2) {
        big[i] = 'x';
    }
    is_number(parse(big, sizeof big), CONFIG_FILE_FAULTS,
              "a file that is no configuration ends early");
}

int main(void)
{
    shapes();
    values();
    faults();
    limits();
    return tap_done();
}
