/* SPDX-License-Identifier: MIT */
/* The JSON of the header: cases 23 to 33. */
#include <stdlib.h>

#include "cases.h"

#define JSON(number, text, what)                                 \
    {                                                            \
        number, BEARER_HEADER_JSON, .header = text, .name = what \
    }

static const struct case_row rows[] = {
    JSON(23, "x", "a letter"),
    JSON(23, "RS256", "a word"),
    JSON(23, "alg=RS256&kid=rsa-1", "a form"),
    JSON(23, "{" MEMBERS, "a bracket missing"),
    JSON(23, "{\"alg\":\"RS256\" \"kid\":\"rsa-1\"}", "a comma missing"),
    JSON(23, "{" MEMBERS ",}", "a comma too many"),
    JSON(23, "{alg:\"RS256\",kid:\"rsa-1\"}", "names without quotes"),
    JSON(23, "\x82\xa3\x61\x6c\x67\x65", "not even text"),
    JSON(24, "[{" MEMBERS "}]", "an array"),
    JSON(24, "[]", "an empty array"),
    JSON(24, "\"RS256\"", "a string"),
    JSON(24, "\"{" MEMBERS "}\"", "a string with an object in it"),
    JSON(24, "null", "null"),
    JSON(24, "true", "true"),
    JSON(24, "256", "a number"),
    JSON(25, "{" MEMBERS ",\"x\":\"\xff\"}", "bad UTF-8"),
    JSON(25, "{" MEMBERS ",\"\xe9\":1}", "Latin-1 in a name"),
    JSON(25, "{" MEMBERS ",\"x\":\"\xc3\"}", "UTF-8 that is cut off"),
    JSON(25, "{" MEMBERS ",\"x\":\"\xc0\xaf\"}", "an overlong form"),
    JSON(25, "{" MEMBERS ",\"x\":\"\xed\xa0\x80\"}", "a surrogate in UTF-8"),
    JSON(25, "{" MEMBERS ",\"x\":\"\\ud800\"}", "a lone surrogate"),
    JSON(25, "{" MEMBERS ",\"x\":\"\\udc00\\ud800\"}", "surrogates in the wrong order"),
    JSON(25, "{" MEMBERS ",\"x\":\"\xf4\x90\x80\x80\"}", "a character beyond Unicode"),
    JSON(26, "\xef\xbb\xbf{" MEMBERS "}", "a byte order mark"),
    JSON(26, "\xff\xfe{" NUL "\"" NUL, "UTF-16"),
    JSON(27, "{" MEMBERS "}x", "trailing garbage"),
    JSON(27, "{" MEMBERS "}{}", "a second, empty object"),
    JSON(27, "{" MEMBERS "}{\"alg\":\"none\"}", "a second object"),
    JSON(27, "{" MEMBERS "},", "a comma after it"),
    JSON(28, "{" MEMBERS "}" NUL, "a NUL after it"),
    JSON(28, "{" MEMBERS "}" NUL "{\"alg\":\"none\"}", "NUL, then another header"),
    JSON(29, "{\"alg\":\"none\"," MEMBERS "}", "alg twice, the last one good"),
    JSON(29, "{" MEMBERS ",\"alg\":\"none\"}", "alg twice, the first one good"),
    JSON(29, "{" MEMBERS ",\"alg\":\"RS256\"}", "alg twice, the same"),
    JSON(29, "{" MEMBERS ",\"\\u0061lg\":\"none\"}", "alg twice, once escaped"),
    JSON(29, "{" MEMBERS ",\"kid\":\"evil\"}", "kid twice"),
    JSON(29, "{" MEMBERS ",\"x\":{\"y\":1,\"y\":1}}", "a name twice further inside"),
    JSON(30, "{\"alg\\u0000x\":\"RS256\",\"kid\":\"rsa-1\"}", "an escaped NUL in alg"),
    JSON(30, "{" MEMBERS ",\"crit\\u0000\":[]}", "an escaped NUL after a name"),
    JSON(30, "{" MEMBERS ",\"\\u0000\":1}", "an escaped NUL for a name"),
    JSON(30, "{" MEMBERS ",\"x\":\"\\u0000\"}", "an escaped NUL in a value"),
    JSON(30, "{" MEMBERS ",\"x\\u0000\":{\"y\":\"\\u0000\"}}", "an escaped NUL further inside"),
    JSON(30, "{" MEMBERS ",\"x" NUL "\":1}", "a raw NUL in a name"),
    JSON(30, "{\"alg" NUL "\":\"RS256\"}", "a raw NUL after alg"),
    JSON(32, "{" MEMBERS "/* */}", "a comment"),
    JSON(32, "{" MEMBERS "}// x", "a comment after it"),
    JSON(32, "{'alg':'RS256','kid':'rsa-1'}", "single quotes"),
    JSON(32, "{" MEMBERS ",\"x\":NaN}", "NaN"),
    JSON(32, "{" MEMBERS ",\"x\":-Infinity}", "Infinity"),
    JSON(32, "{" MEMBERS ",\"x\":01}", "a leading zero"),
    JSON(32, "{" MEMBERS ",\"x\":\"a\tb\"}", "a raw tab in a string"),
    JSON(32, "{" MEMBERS ",\"x\":\"\\x41\"}", "an escape of C"),
    JSON(32, "{" MEMBERS ",\"x\":True}", "Python's True"),
    {33, BEARER_OK,
     .header = "{" MEMBERS ",\"foo\":{\"alg\":\"none\"},\"Alg\":\"none\",\"KID\":\"x\"}",
     .name = "unknown members"},
    {33, BEARER_OK, .header = "{" MEMBERS ",\"iss\":\"evil\",\"aud\":[],\"exp\":1}",
     .name = "claims in the header"},
};

void family_header(void)
{
    static const int depths[] = {32, 33, 2000};
    EMIT(rows);
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        char *header = nested(MEMBERS ",\"x\":", depths[i]);
        emit(31, depths[i] > 32 ? BEARER_HEADER_JSON : BEARER_OK, sign(header, world.good_claims),
             "depth %d", depths[i]);
        free(header);
    }
}
