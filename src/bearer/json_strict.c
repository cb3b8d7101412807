/* The grammar of RFC 8259, without exceptions, before json-c sees a byte. */
#include "json.h"

#include <string.h>

struct scan {
    const unsigned char *at, *end;
    struct js_content content;
    unsigned depth;
    const char *why;
};

static bool value(struct scan *s);

static bool refuse(struct scan *s, const char *why)
{
    if (s->why == NULL) {
        s->why = why;
    }
    return false;
}

static void space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        s->at++;
    }
}

static bool take(struct scan *s, unsigned char c)
{
    if (s->at < s->end && *s->at == c) {
        s->at++;
        return true;
    }
    return false;
}

static bool hex4(struct scan *s, unsigned *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        if (s->at == s->end) {
            return false;
        }
        unsigned char c = *s->at++;
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return false;
        }
        *unit = *unit << 4 | digit;
    }
    return true;
}

/* After the backslash. */
static bool escape(struct scan *s)
{
    if (s->at == s->end) {
        return refuse(s, "a string does not end");
    }
    unsigned char c = *s->at++;
    if (c != 'u') {
        if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL) {
            return refuse(s, "an unknown escape in a string");
        }
        s->content.octets++;
        return true;
    }
    unsigned unit = 0;
    if (!hex4(s, &unit)) {
        return refuse(s, "a \\u escape without four hex digits");
    }
    if (unit == 0) {
        return refuse(s, "U+0000 in a string");
    }
    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return refuse(s, "a lone surrogate in a string");
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        unsigned low = 0;
        if (!take(s, '\\') || !take(s, 'u') || !hex4(s, &low) || low < 0xdc00 || low > 0xdfff) {
            return refuse(s, "a lone surrogate in a string");
        }
        s->content.octets++; /* four octets for the two */
    }
    s->content.octets += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    return true;
}

/* One character of two to four octets (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
static bool utf8(struct scan *s, unsigned char lead)
{
    static const char why[] = "invalid UTF-8";
    unsigned more = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        more = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        more = 2;
        low = lead == 0xe0 ? 0xa0 : low;
        high = lead == 0xed ? 0x9f : high;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        more = 3;
        low = lead == 0xf0 ? 0x90 : low;
        high = lead == 0xf4 ? 0x8f : high;
    } else {
        return refuse(s, why);
    }
    for (; more > 0; more--) {
        if (s->at == s->end || *s->at < low || *s->at > high) {
            return refuse(s, why);
        }
        s->at++;
        low = 0x80;
        high = 0xbf;
    }
    return true;
}

static bool string(struct scan *s)
{
    if (!take(s, '"')) {
        return refuse(s, "a name or value that is not JSON");
    }
    while (s->at < s->end) {
        unsigned char c = *s->at++;
        if (c == '"') {
            return true;
        }
        if (c < 0x20) {
            return refuse(s, "a raw control character in a string");
        }
        if (c == '\\') {
            if (!escape(s)) {
                return false;
            }
            continue;
        }
        const unsigned char *first = s->at - 1;
        if (c >= 0x80 && !utf8(s, c)) {
            return false;
        }
        s->content.octets += (size_t)(s->at - first);
    }
    return refuse(s, "a string does not end");
}

static bool digits(struct scan *s)
{
    const unsigned char *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
    return s->at > start;
}

static bool number(struct scan *s)
{
    static const char why[] = "a number that is not JSON";
    (void)take(s, '-');
    if (!take(s, '0') && !digits(s)) {
        return refuse(s, why);
    }
    if (take(s, '.') && !digits(s)) {
        return refuse(s, why);
    }
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) {
            (void)take(s, '-');
        }
        if (!digits(s)) {
            return refuse(s, why);
        }
    }
    return true; /* "01" leaves its 1 behind, where only , ] } or the end may stand */
}

static bool word(struct scan *s, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n) != 0) {
        return refuse(s, "a name or value that is not JSON");
    }
    s->at += n;
    return true;
}

/* The members of an object or the elements of an array, after the opening bracket. */
static bool contents(struct scan *s, bool named, unsigned char closing)
{
    space(s);
    if (take(s, closing)) {
        return true;
    }
    do {
        space(s);
        if (named) {
            if (!string(s)) {
                return false;
            }
            space(s);
            if (!take(s, ':')) {
                return refuse(s, "a name without a colon");
            }
        }
        if (!value(s)) {
            return false;
        }
        space(s);
    } while (take(s, ','));
    return take(s, closing) ? true : refuse(s, "a missing comma or closing bracket");
}

static bool container(struct scan *s, bool named, unsigned char closing)
{
    if (s->depth == JS_DEPTH_MAX) {
        return refuse(s, "nesting deeper than 32");
    }
    s->depth++;
    s->at++;
    bool good = contents(s, named, closing);
    s->depth--;
    return good;
}

static bool value(struct scan *s)
{
    space(s);
    if (s->at == s->end) {
        return refuse(s, "the text ends too early");
    }
    s->content.values++;
    switch (*s->at) {
    case '{':
        return container(s, true, '}');
    case '[':
        return container(s, false, ']');
    case '"':
        return string(s);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    default:
        return number(s);
    }
}

const char *js_strict(const char *text, size_t length, struct js_content *content)
{
    const unsigned char *bytes = (const unsigned char *)text;
    struct scan s = {.at = bytes, .end = bytes + length};
    *content = (struct js_content){0};
    space(&s);
    if (s.at == s.end || *s.at != '{') {
        return "not a JSON object";
    }
    if (!value(&s)) {
        return s.why;
    }
    space(&s);
    if (s.at != s.end) {
        return "something follows the JSON object";
    }
    *content = s.content;
    return NULL;
}
