/* The form of a token and its signature: cases 1 to 18, 69 to 72, 78. */
#include "token/token.h"

#include "jose/base64url.h"
#include "token_test.h"

static struct test_key *rsa;
static char *segments[3]; /* of the good token; their lengths are 2, 3 and 2 modulo 4 */
static const char *const segment_names[3] = {"header", "payload", "signature"};

static char *joined(const char *header, const char *payload, const char *signature)
{
    return text_of("%s.%s.%s", header, payload, signature);
}

/* The good token with another segment. */
static char *with(int which, const char *segment)
{
    const char *parts[3] = {segments[0], segments[1], segments[2]};
    parts[which] = segment;
    return joined(parts[0], parts[1], parts[2]);
}

/* JSON `text` with as many spaces behind it as make its length `rest` modulo 3. */
static char *padded(const char *text, size_t rest)
{
    size_t spaces = 0;
    while ((strlen(text) + spaces) % 3 != rest) {
        spaces++;
    }
    return text_of("%s%*s", text, (int)spaces, "");
}

static void make_good_token(void)
{
    char *header = padded(GOOD_HEADER, 1);
    char *payload = padded(GOOD_CLAIMS, 2);
    good_token = test_key_sign(rsa, JWA_RS256, header, payload);
    free(header);
    free(payload);
    char *copy = text_of("%s", good_token);
    char *rest = copy;
    for (int i = 0; i < 3; i++) {
        segments[i] = text_of("%s", strsep(&rest, "."));
    }
    free(copy);
    ok(good_token_passes(), "the good token passes");
    ok(strlen(segments[0]) % 4 == 2 && strlen(segments[1]) % 4 == 3 && strlen(segments[2]) % 4 == 2,
       "its segments have bits to spare");
}

static void segment_counts(void)
{
    static const char *const none[] = {"", ".", "..", "...", "a", "a.", ".a", "a.."};
    judge_token(text_of("%s.%s", segments[0], segments[1]), BEARER_TOKEN_SEGMENTS, "case 1: two segments");
    judge_token(text_of("%s.", good_token), BEARER_TOKEN_SEGMENTS, "case 2: a trailing dot");
    judge_token(text_of(".%s", good_token), BEARER_TOKEN_SEGMENTS, "case 2: a dot before it");
    judge_token(text_of("%s.%s", good_token, segments[2]), BEARER_TOKEN_SEGMENTS, "case 2: four segments");
    judge_token(text_of("%s.%s.%s", good_token, segments[2], segments[2]), BEARER_TOKEN_SEGMENTS,
                "case 3: five segments");
    judge_token(text_of("%s..%s.%s.%s", segments[0], segments[1], segments[2], segments[2]),
                BEARER_TOKEN_SEGMENTS, "case 3: five segments, the second empty");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        judge(none[i], strlen(none[i]), BEARER_TOKEN_SEGMENTS, "case 4: \"%s\"", none[i]);
    }
    judge_token(text_of("{\"payload\":\"%s\",\"signatures\":[{\"protected\":\"%s\",\"signature\":\"%s\"}]}",
                        segments[1], segments[0], segments[2]),
                BEARER_TOKEN_SEGMENTS, "case 5: the general JSON serialization");
    judge_token(
        text_of("{\"payload\":\"%s\",\"protected\":\"%s\",\"signature\":\"%s\",\"header\":{\"a.b\":\".\"}}",
                segments[1], segments[0], segments[2]),
        BEARER_TOKEN_BASE64, "case 5: the flattened one, with two dots in it");
    judge_token(joined("", segments[1], segments[2]), BEARER_TOKEN_SEGMENTS, "case 6: an empty header");
    judge_token(joined(segments[0], "", segments[2]), BEARER_TOKEN_SEGMENTS, "case 7: an empty payload");
    judge_token(joined(segments[0], segments[1], ""), BEARER_TOKEN_SEGMENTS, "case 8: an empty signature");
}

/* The good token with these octets at three places of one segment: at its begin, inside, at its end. */
static void inserted(int which, const char *octets, size_t length, const char *test)
{
    size_t size = strlen(segments[which]);
    const size_t places[] = {0, size / 2, size};
    size_t before = 0;
    for (int i = 0; i < which; i++) {
        before += strlen(segments[i]) + 1;
    }
    for (size_t i = 0; i < 3; i++) {
        size_t at = before + places[i];
        size_t total = strlen(good_token) + length;
        char *token = malloc(total);
        if (token == NULL) {
            token_test_bail("out of memory");
        }
        memcpy(token, good_token, at);
        memcpy(token + at, octets, length);
        memcpy(token + at + length, good_token + at, strlen(good_token) - at);
        judge(token, total, BEARER_TOKEN_BASE64, "%s, in the %s at %zu", test, segment_names[which],
              places[i]);
        free(token);
    }
}

static void alphabet(void)
{
    static const char others[] = "!\"#$%&'()*,/:;<=>?@[\\]^`{|}~\x01\x1f\x7f";
    for (int which = 0; which < 3; which++) {
        size_t length = strlen(segments[which]);
        const char *padding = length % 4 == 2 ? "==" : "=";
        char *segment = text_of("%s%s", segments[which], padding);
        judge_token(with(which, segment), BEARER_TOKEN_BASE64, "case 9: right padding after the %s",
                    segment_names[which]);
        free(segment);
        inserted(which, "=", 1, "case 9: =");
        inserted(which, "+", 1, "case 10: +");
        inserted(which, "/", 1, "case 10: /");
        inserted(which, "++//", 4, "case 10: ++//");
        inserted(which, " ", 1, "case 11: a space");
        inserted(which, "\t", 1, "case 11: a tab");
        inserted(which, "\n", 1, "case 11: LF");
        inserted(which, "\r\n  ", 4, "case 11: CR LF and two spaces");
        inserted(which, "\0", 1, "case 15: a raw NUL");
        inserted(which, "%00", 3, "case 15: %00");
        inserted(which, "\xc3\xa9", 2, "case 16: UTF-8");
        inserted(which, "\xff\x80\xfe\xb0", 4, "case 16: octets above 127");
        for (size_t i = 0; i < sizeof others - 1; i++) {
            segment = text_of("%s", segments[which]);
            segment[length / 2] = others[i];
            judge_token(with(which, segment), BEARER_TOKEN_BASE64, "case 12: octet 0x%02x in the %s",
                        (unsigned char)others[i], segment_names[which]);
            free(segment);
        }
    }
}

static void canonical(void)
{
    for (int which = 0; which < 3; which++) {
        size_t length = strlen(segments[which]);
        char *segment = text_of("%s", segments[which]);
        segment[length - 1]++; /* the lowest bit, which encodes nothing */
        judge_token(with(which, segment), BEARER_TOKEN_BASE64, "case 13: a trailing bit in the %s",
                    segment_names[which]);
        free(segment);
        segment = text_of("%s%s", segments[which], length % 4 == 2 ? "AAA" : "AA");
        judge_token(with(which, segment), BEARER_TOKEN_BASE64, "case 14: a character too many in the %s",
                    segment_names[which]);
        segment[length - length % 4 + 1] = '\0';
        judge_token(with(which, segment), BEARER_TOKEN_BASE64, "case 14: one too few in the %s",
                    segment_names[which]);
        judge_token(with(which, "A"), BEARER_TOKEN_BASE64, "case 14: one character for a %s",
                    segment_names[which]);
        free(segment);
    }
}

/* A right token of this many characters. */
static char *token_of_size(size_t size)
{
    size_t signature = strlen(segments[2]);
    for (size_t rest = 0; rest < 3; rest++) {
        char *header = padded(GOOD_HEADER, rest);
        size_t text = size - signature - 2 - BASE64URL_ENCODED(strlen(header));
        size_t octets = text / 4 * 3 + (text % 4 != 0 ? text % 4 - 1 : 0);
        char *token = NULL;
        if (text % 4 != 1) {
            char *payload = text_of("%-*s", (int)octets, GOOD_CLAIMS);
            token = test_key_sign(rsa, JWA_RS256, header, payload);
            free(payload);
        }
        free(header);
        if (token != NULL && strlen(token) == size) {
            return token;
        }
        free(token);
    }
    token_test_bail("no token of that size");
}

static void sizes(void)
{
    judge_token(token_of_size(TOKEN_MAX), BEARER_OK, "case 17: 16 KiB");
    judge_token(token_of_size(TOKEN_MAX + 1), BEARER_TOKEN_TOO_LONG, "case 17: one character more");
    size_t huge = (size_t)9 * 1024 * 1024;
    char *filler = malloc(huge + 1);
    if (filler == NULL) {
        token_test_bail("out of memory");
    }
    memset(filler, 'A', huge);
    filler[huge] = '\0';
    judge(filler, huge, BEARER_TOKEN_TOO_LONG, "case 18: 9 MiB without a dot");
    judge_token(with(1, filler), BEARER_TOKEN_TOO_LONG, "case 18: a payload of 9 MiB");
    judge_token(with(2, filler), BEARER_TOKEN_TOO_LONG, "case 18: a signature of 9 MiB");
    memset(filler, '.', huge);
    judge(filler, huge, BEARER_TOKEN_TOO_LONG, "case 18: 9 MiB of dots");
    free(filler);
}

/* How many of the tokens with one bit of [start, start + length) flipped get something else than a denial among `allowed` (a set of
 * 1 << code). */
static unsigned flipped(size_t start, size_t length, uint64_t allowed)
{
    char *token = text_of("%s", good_token);
    size_t size = strlen(token);
    unsigned wrong = 0;
    for (size_t bit = 0; bit < 8 * length; bit++) {
        char *at = token + start + bit / 8;
        char was = *at;
        struct token verified;
        *at = (char)((unsigned char)was ^ (1u << bit % 8));
        enum bearer_code code = verify_at(judge_config, token, size, &verified);
        if ((allowed >> code & 1) == 0 || verified.claims != NULL) {
            wrong++;
            printf("# bit %zu of octet %zu: %s\n", bit % 8, start + bit / 8, bearer_outcome(code)->reason);
        }
        token_clear(&verified);
        *at = was;
    }
    free(token);
    return wrong;
}

#define SET(code) (UINT64_C(1) << (code))

static void bit_flips(void)
{
    size_t header = strlen(segments[0]);
    size_t payload = strlen(segments[1]);
    uint64_t form = SET(BEARER_TOKEN_BASE64) | SET(BEARER_TOKEN_SEGMENTS);
    uint64_t any = form | SET(BEARER_HEADER_JSON) | SET(BEARER_HEADER_ALG) | SET(BEARER_ALG_NOT_ALLOWED) |
                   SET(BEARER_HEADER_TYP) | SET(BEARER_HEADER_KID) | SET(BEARER_KID_UNKNOWN) |
                   SET(BEARER_SIGNATURE);
    is_number(flipped(0, header, any), 0, "case 69: any bit of the header");
    is_number(flipped(header, 1, form), 0, "case 69: any bit of the first dot");
    is_number(flipped(header + 1, payload, form | SET(BEARER_SIGNATURE)), 0,
              "case 69: any bit of the payload");
    is_number(flipped(header + payload + 2, strlen(segments[2]), form | SET(BEARER_SIGNATURE)), 0,
              "case 69: any bit of the signature's text");
    unsigned char octets[TEST_SIGNATURE_MAX];
    size_t length = 0;
    base64url_decode(segments[2], strlen(segments[2]), octets, &length);
    unsigned wrong = 0;
    for (size_t bit = 0; bit < 8 * length; bit++) {
        struct token verified;
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
        char *signature = test_base64url(octets, length);
        char *token = with(2, signature);
        wrong += verify_at(judge_config, token, strlen(token), &verified) != BEARER_SIGNATURE ? 1 : 0;
        token_clear(&verified);
        free(token);
        free(signature);
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    is_number(wrong, 0, "case 69: any of the %zu bits of the signature itself", 8 * length);
    ok(good_token_passes(), "case 130: the good token after them");
}

static void try_signature(const unsigned char *octets, size_t length, const char *test)
{
    char *signature = test_base64url(octets, length);
    judge_token(with(2, signature), BEARER_SIGNATURE, "%s", test);
    free(signature);
}

static void signature_lengths(void)
{
    unsigned char octets[TEST_SIGNATURE_MAX] = {0};
    size_t length = 0;
    base64url_decode(segments[2], strlen(segments[2]), octets + 1, &length);
    try_signature(octets + 1, length - 1, "case 70: the last octet cut");
    try_signature(octets + 2, length - 1, "case 70: the first octet cut");
    try_signature(octets + 1, 1, "case 70: one octet");
    try_signature(octets + 1, length + 1, "case 70: a zero octet more");
    try_signature(octets, length + 1, "case 71: a leading zero");
    memcpy(octets + 1 + length, octets + 1, length);
    try_signature(octets + 1, 2 * length, "case 70: twice");
}

/* number + add, as long as it is; true if it overflows. */
static bool plus(unsigned char *number, const unsigned char *add, size_t length)
{
    unsigned carry = 0;
    for (size_t i = length; i > 0; i--) {
        carry += (unsigned)number[i - 1] + add[i - 1];
        number[i - 1] = (unsigned char)carry;
        carry >>= 8;
    }
    return carry != 0;
}

/* s + n verifies wherever s is reduced first. It needs an s that is small enough: some payload has one. */
static void signature_plus_modulus(const unsigned char *n, size_t length)
{
    for (unsigned i = 0; i < 1000; i++) {
        unsigned char octets[TEST_SIGNATURE_MAX];
        char *payload = text_of("{" CLAIMS ",\"n\":%u}", i);
        char *input = test_key_sign(rsa, JWA_RS256, GOOD_HEADER, payload);
        char *last = strrchr(input, '.');
        size_t decoded = 0;
        base64url_decode(last + 1, strlen(last + 1), octets, &decoded);
        bool found = decoded == length && !plus(octets, n, length);
        if (found) {
            judge_token(test_token(GOOD_HEADER, payload, octets, length), BEARER_SIGNATURE, "case 72: s + n");
        }
        free(input);
        free(payload);
        if (found) {
            return;
        }
    }
    ok(true, "case 72: s + n # SKIP this modulus leaves no room for it");
}

static void signature_values(void)
{
    unsigned char n[TEST_SIGNATURE_MAX];
    unsigned char octets[TEST_SIGNATURE_MAX] = {0};
    size_t length = test_key_parameter(rsa, 'n', n);
    try_signature(octets, length, "case 72: s = 0");
    octets[length - 1] = 1;
    try_signature(octets, length, "case 72: s = 1");
    memcpy(octets, n, length);
    try_signature(octets, length, "case 72: s = n");
    octets[length - 1]--; /* n is odd */
    try_signature(octets, length, "case 72: s = n - 1");
    memcpy(octets, n, length);
    octets[length - 1]++; /* may carry, but then it is another s */
    try_signature(octets, length, "case 72: s = n + 1");
    memset(octets, 0xff, length);
    try_signature(octets, length, "case 72: s with all bits");
    signature_plus_modulus(n, length);
}

static void swapped(void)
{
    char *other = test_key_sign(rsa, JWA_RS256, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}",
                                "{" CLAIMS ",\"scope\":\"read:messages\"}");
    char *header = other;
    char *payload = strchr(header, '.') + 1;
    char *signature = strchr(payload, '.') + 1;
    judge(other, strlen(other), BEARER_OK, "another good token");
    payload[-1] = '\0';
    signature[-1] = '\0';
    judge_token(with(1, payload), BEARER_SIGNATURE, "case 78: the payload of another good token");
    judge_token(with(2, signature), BEARER_SIGNATURE, "case 78: the signature of another");
    judge_token(with(0, header), BEARER_SIGNATURE, "case 78: the header of another");
    judge_token(joined(segments[1], segments[0], segments[2]), BEARER_HEADER_ALG,
                "case 78: header and payload in each other's place");
    free(other);
}

/* What a good token gives: the octets that were signed, however they are written, its claims and its kid. */
static void result(void)
{
    static const char header[] = " {\n\"kid\" : \"rsa-\\u0031\",\t\"alg\":\"\\u0052S256\" }\r\n";
    static const char payload[] = " {" CLAIMS ", \"x\" :\t\"\\u00e9/\xc3\xa9\", \"z\":1.0e0 }\n";
    char *text = test_key_sign(rsa, JWA_RS256, header, payload);
    struct token token;
    is_number(verify_at(judge_config, text, strlen(text), &token), BEARER_OK, "odd but right JSON passes");
    ok(token.payload != NULL && token.payload_length == sizeof payload - 1 &&
           memcmp(token.payload, payload, sizeof payload - 1) == 0,
       "and the payload is what was signed, octet by octet");
    ok(token.claims != NULL, "and there are claims");
    is_string(token.kid, "rsa-1", "and the kid, unescaped");
    is_number(token.kid_length, 5, "and its length");
    token_clear(&token);
    ok(token.claims == NULL && token.payload == NULL && token.kid_length == 0,
       "nothing is left when cleared");
    token_clear(&token);
    free(text);
}

int main(void)
{
    rsa = test_key_new(JWA_RS256, "rsa-1");
    judge_config = test_config("RS256", "0");
    source.set = test_keyset((char *[]){test_key_jwk(rsa)}, 1);
    make_good_token();
    segment_counts();
    alphabet();
    canonical();
    sizes();
    bit_flips();
    signature_lengths();
    signature_values();
    swapped();
    result();
    for (int i = 0; i < 3; i++) {
        free(segments[i]);
    }
    free(good_token);
    keyset_free(source.set);
    config_free(judge_config);
    test_key_free(rsa);
    return tap_done();
}
