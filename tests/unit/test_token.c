/* SPDX-License-Identifier: MIT */
/* What only the library can show of tokens: any bit of one flipped, what a good one yields, which
 * header is remembered. The rest is in test_cases. */
#include "token/token.h"

#include "jose/base64url.h"
#include "token_test.h"

static struct test_key *rsa, *attacker;
static char *segments[3]; /* of the good token; their lengths are 2, 3 and 2 modulo 4 */

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

/* How many of the tokens with one bit of [start, start + length) flipped get something else than a
 * denial among `allowed` (a set of 1 << code). */
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
            printf("# bit %zu of octet %zu: %s\n", bit % 8, start + bit / 8,
                   bearer_outcome(code)->reason);
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
    uint64_t any = form | SET(BEARER_HEADER_JSON) | SET(BEARER_HEADER_ALG) |
                   SET(BEARER_ALG_NOT_ALLOWED) | SET(BEARER_HEADER_TYP) | SET(BEARER_HEADER_KID) |
                   SET(BEARER_KID_UNKNOWN) | SET(BEARER_SIGNATURE);
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
        char *token = text_of("%s.%s.%s", segments[0], segments[1], signature);
        wrong +=
            verify_at(judge_config, token, strlen(token), &verified) != BEARER_SIGNATURE ? 1 : 0;
        token_clear(&verified);
        free(token);
        free(signature);
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    is_number(wrong, 0, "case 69: any of the %zu bits of the signature itself", 8 * length);
    ok(good_token_passes(), "case 130: the good token after them");
}

/* What a good token gives: the octets that were signed, however they are written, its claims and
 * its kid. */
static void result(void)
{
    static const char header[] = " {\n\"kid\" : \"rsa-\\u0031\",\t\"alg\":\"\\u0052S256\" }\r\n";
    static const char payload[] = " {" CLAIMS ", \"x\" :\t\"\\u00e9/\xc3\xa9\", \"z\":1.0e0 }\n";
    char *text = test_key_sign(rsa, JWA_RS256, header, payload);
    struct token token;
    is_number(verify_at(judge_config, text, strlen(text), &token), BEARER_OK,
              "odd but right JSON passes");
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

static bool memo_has(const struct header_memo *memo, const char *token)
{
    struct header header;
    return header_recall(memo, token, strcspn(token, "."), &header);
}

static enum bearer_code verify_with(struct header_memo *memo, const char *text)
{
    struct token token;
    enum bearer_code code =
        token_verify(judge_config, &key_source, memo, text, strlen(text), NOW, &token);
    token_clear(&token);
    return code;
}

/* That the judgement is the same with it, verify_at() sees for every token of these tests. */
static void memo(void)
{
    struct header_memo memo = {.length = 0};
    char *good = test_key_sign(rsa, JWA_RS256, GOOD_HEADER, GOOD_CLAIMS);
    char *other =
        test_key_sign(rsa, JWA_RS256, "{\"kid\":\"rsa-1\",\"alg\":\"RS256\"}", GOOD_CLAIMS);
    char *expired = test_key_sign(rsa, JWA_RS256, GOOD_HEADER, "{\"exp\":1}");
    char *longer =
        text_of("{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"x\":\"%0*d\"}", HEADER_SEGMENT_MAX, 0);
    char *large = test_key_sign(rsa, JWA_RS256, longer, GOOD_CLAIMS);
    char *forged =
        test_key_sign(attacker, JWA_RS256, "{\"kid\":\"rsa-1\",\"alg\":\"RS256\"}", GOOD_CLAIMS);
    ok(!memo_has(&memo, good), "no header is remembered at first");
    ok(verify_with(&memo, forged) == BEARER_SIGNATURE && memo.length == 0,
       "nor that of a token whose signature is bad");
    ok(verify_with(&memo, expired) == BEARER_ISS_MISSING && memo_has(&memo, good),
       "that of a good signature is, whatever the claims say");
    ok(verify_with(&memo, forged) == BEARER_SIGNATURE && memo_has(&memo, good),
       "a forged token does not displace it");
    ok(verify_with(&memo, large) == BEARER_OK && memo_has(&memo, good),
       "nor does a header too long to be remembered");
    ok(verify_with(&memo, other) == BEARER_OK && memo_has(&memo, other) && !memo_has(&memo, good),
       "another good one does");
    ok(verify_with(&memo, forged) == BEARER_SIGNATURE,
       "with its header a forged token is still forged");
    free(good);
    free(other);
    free(expired);
    free(longer);
    free(large);
    free(forged);
}

int main(void)
{
    rsa = test_key_new(JWA_RS256, "rsa-1");
    attacker = test_key_new(JWA_RS256, NULL);
    judge_config = test_config("RS256", "0", NULL);
    source.set = test_keyset((char *[]){test_key_jwk(rsa)}, 1);
    make_good_token();
    bit_flips();
    result();
    memo();
    for (int i = 0; i < 3; i++) {
        free(segments[i]);
    }
    free(good_token);
    keyset_free(source.set);
    config_free(judge_config);
    test_key_free(rsa);
    test_key_free(attacker);
    return tap_done();
}
