/* The JSON of the header: cases 23 to 33. */
#include <stdlib.h>
#include <string.h>

#include "mint.h"

#define MEMBERS "\"alg\":\"RS256\",\"kid\":\"rsa-1\""

/* A header of these octets, which may be any. */
struct octets {
    int number;
    const char *at;
    size_t length;
    const char *name;
};

static void refused(const struct octets *header)
{
    emit(header->number, BEARER_HEADER_JSON,
         test_key_sign_octets(mint.rsa, JWA_RS256, header->at, header->length, mint.good_claims,
                              strlen(mint.good_claims)),
         "%s", header->name);
}

/* {"x":[[...]]} of this depth; the header is one level of it. */
static void nested(int depth, enum bearer_code code)
{
    char *open = text_of("%*s", depth - 1, "");
    char *close = text_of("%*s", depth - 1, "");
    memset(open, '[', strlen(open));
    memset(close, ']', strlen(close));
    char *header = text_of("{" MEMBERS ",\"x\":%s%s}", open, close);
    emit(31, code, sign(header, mint.good_claims), "depth %d", depth);
    free(header);
    free(open);
    free(close);
}

void family_header(void)
{
#define ROW(number, text, name)              \
    {                                        \
        number, text, sizeof(text) - 1, name \
    }
    static const struct octets rows[] = {
        ROW(23, "x", "a letter"),
        ROW(23, "alg=RS256&kid=rsa-1", "a form"),
        ROW(23, "{" MEMBERS, "a bracket missing"),
        ROW(23, "{\"alg\":\"RS256\" \"kid\":\"rsa-1\"}", "a comma missing"),
        ROW(23, "{" MEMBERS ",}", "a comma too many"),
        ROW(23, "{alg:\"RS256\",kid:\"rsa-1\"}", "names without quotes"),
        ROW(24, "[{" MEMBERS "}]", "an array"),
        ROW(24, "[]", "an empty array"),
        ROW(24, "\"RS256\"", "a string"),
        ROW(24, "null", "null"),
        ROW(24, "true", "true"),
        ROW(24, "256", "a number"),
        ROW(25, "{" MEMBERS ",\"x\":\"\xff\"}", "bad UTF-8"),
        ROW(25, "{" MEMBERS ",\"\xe9\":1}", "Latin-1 in a name"),
        ROW(25, "{" MEMBERS ",\"x\":\"\xc3\"}", "UTF-8 that is cut off"),
        ROW(25, "{" MEMBERS ",\"x\":\"\xc0\xaf\"}", "an overlong form"),
        ROW(25, "{" MEMBERS ",\"x\":\"\xed\xa0\x80\"}", "a surrogate in UTF-8"),
        ROW(25, "{" MEMBERS ",\"x\":\"\\ud800\"}", "a lone surrogate"),
        ROW(25, "{" MEMBERS ",\"x\":\"\\udc00\\ud800\"}", "surrogates in the wrong order"),
        ROW(25, "{" MEMBERS ",\"x\":\"\xf4\x90\x80\x80\"}", "a character beyond Unicode"),
        ROW(26, "\xef\xbb\xbf{" MEMBERS "}", "a byte order mark"),
        ROW(26, "\xff\xfe{\0\"\0", "UTF-16"),
        ROW(27, "{" MEMBERS "}x", "trailing garbage"),
        ROW(27, "{" MEMBERS "}{\"alg\":\"none\"}", "a second object"),
        ROW(27, "{" MEMBERS "},", "a comma after it"),
        ROW(28, "{" MEMBERS "}\0", "a NUL after it"),
        ROW(28, "{" MEMBERS "}\0{\"alg\":\"none\"}", "NUL, then another header"),
        ROW(29, "{\"alg\":\"none\"," MEMBERS "}", "alg twice, the last one good"),
        ROW(29, "{" MEMBERS ",\"alg\":\"none\"}", "alg twice, the first one good"),
        ROW(29, "{" MEMBERS ",\"alg\":\"RS256\"}", "alg twice, the same"),
        ROW(29, "{" MEMBERS ",\"\\u0061lg\":\"none\"}", "alg twice, once escaped"),
        ROW(29, "{" MEMBERS ",\"kid\":\"evil\"}", "kid twice"),
        ROW(29, "{" MEMBERS ",\"x\":{\"y\":1,\"y\":1}}", "a name twice further inside"),
        ROW(30, "{\"alg\\u0000x\":\"RS256\",\"kid\":\"rsa-1\"}", "an escaped NUL in alg"),
        ROW(30, "{" MEMBERS ",\"crit\\u0000\":[]}", "an escaped NUL after a name"),
        ROW(30, "{" MEMBERS ",\"\\u0000\":1}", "an escaped NUL for a name"),
        ROW(30, "{" MEMBERS ",\"x\\u0000\":{\"y\":\"\\u0000\"}}", "an escaped NUL further inside"),
        ROW(30, "{" MEMBERS ",\"x\0\":1}", "a raw NUL in a name"),
        ROW(32, "{" MEMBERS "/* */}", "a comment"),
        ROW(32, "{" MEMBERS "}// x", "a comment after it"),
        ROW(32, "{'alg':'RS256','kid':'rsa-1'}", "single quotes"),
        ROW(32, "{" MEMBERS ",\"x\":NaN}", "NaN"),
        ROW(32, "{" MEMBERS ",\"x\":-Infinity}", "Infinity"),
        ROW(32, "{" MEMBERS ",\"x\":01}", "a leading zero"),
        ROW(32, "{" MEMBERS ",\"x\":\"a\tb\"}", "a raw tab in a string"),
        ROW(32, "{" MEMBERS ",\"x\":\"\\x41\"}", "an escape of C"),
        ROW(32, "{" MEMBERS ",\"x\":True}", "Python's True"),
    };
#undef ROW
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        refused(&rows[i]);
    }
    nested(32, BEARER_OK);
    nested(33, BEARER_HEADER_JSON);
    nested(2000, BEARER_HEADER_JSON);
    emit(33, BEARER_OK, sign("{" MEMBERS ",\"foo\":{\"alg\":\"none\"},\"Alg\":\"none\"}", mint.good_claims),
         "unknown members");
    emit(33, BEARER_OK, sign("{" MEMBERS ",\"iss\":\"evil\",\"exp\":1}", mint.good_claims),
         "claims in the header");
}
