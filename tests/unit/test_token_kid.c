/* SPDX-License-Identifier: MIT */
/* What the source of keys is asked for a token, and when keys may be fetched for it: cases 61 and
 * 68. (Which key a kid names: test_cases.) */
#include "token/token.h"

#include "token_test.h"

static struct test_key *rsa;
static struct test_key *ec;
static struct test_key *stranger;
static struct keyset *one_rsa; /* rsa-1, and an EC key */
static struct keyset *several;

/* A header with this kid, which is JSON. */
static char *signed_with(const struct test_key *key, const char *kid, const char *claims)
{
    char *text = text_of("{\"alg\":\"RS256\",\"kid\":%s}", kid);
    char *token = test_key_sign(key, JWA_RS256, text, claims);
    free(text);
    return token;
}

/* A kid nobody knows, over claims that may or may not be for us. */
static void unknown(const char *claims, bool worth_it, const char *test)
{
    judge_token(signed_with(stranger, "\"next\"", claims), BEARER_KID_UNKNOWN,
                "case 61: unknown, %s", test);
    asked(worth_it ? 2 : 1, worth_it ? 1 : 0,
          worth_it ? "  and keys may be fetched" : "  and nothing is fetched");
}

#define ISS   "\"iss\":\"" ISSUER "\""
#define AUD   "\"aud\":\"" API "\""
#define EXP   "\"exp\":1700000060"
#define THREE ISS "," AUD "," EXP

static void unknown_kids(void)
{
    unknown(GOOD_CLAIMS, true, "good claims");
    unknown("{" THREE "}", true, "iss, aud and exp fit");
    unknown("{" ISS ",\"aud\":[\"x\",\"urn:other\"]," EXP "}", true, "an array with ours");
    unknown("{" THREE ",\"nbf\":1800000000,\"sub\":1,\"cnf\":{}}", true,
            "all that fits is iss, aud and exp");
    unknown("{" AUD "," EXP "}", false, "no iss");
    unknown("{\"iss\":\"https://evil.test/\"," AUD "," EXP "}", false, "another iss");
    unknown("{\"iss\":\"https://issuer.test\"," AUD "," EXP "}", false, "iss without its slash");
    unknown("{" ISS "," EXP "}", false, "no aud");
    unknown("{" ISS ",\"aud\":\"" API "/\"," EXP "}", false, "another aud");
    unknown("{" ISS ",\"aud\":[\"" API "\",1]," EXP "}", false, "a mixed aud");
    unknown("{" ISS "," AUD "}", false, "no exp");
    unknown("{" ISS "," AUD ",\"exp\":1700000000}", false, "exp now");
    unknown("{" ISS "," AUD ",\"exp\":\"1700000060\"}", false, "exp a string");
    unknown("{" ISS "," AUD ",\"exp\":1700000060000}", false, "exp in milliseconds");
    unknown("{" THREE "," EXP "}", false, "exp twice");
    unknown("[" ISS "]", false, "claims that are no JSON");
    unknown("not JSON", false, "claims that are no JSON");
}

/* What else a token may have wrong: then no leave is given either. */
static void no_leave(void)
{
    static const struct {
        const char *header;
        enum bearer_code code;
        unsigned finds;
    } cases[] = {
        {"{\"alg\":\"RS384\",\"kid\":\"next\"}", BEARER_ALG_NOT_ALLOWED, 0},
        {"{\"alg\":\"none\",\"kid\":\"next\"}", BEARER_ALG_NOT_ALLOWED, 0},
        {"{\"kid\":\"next\"}", BEARER_HEADER_ALG, 0},
        {"{\"alg\":\"RS256\",\"kid\":\"next\",\"crit\":[]}", BEARER_HEADER_UNSUPPORTED, 0},
        {"{\"alg\":\"RS256\",\"kid\":\"next\",\"typ\":\"dpop+jwt\"}", BEARER_HEADER_TYP, 0},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", BEARER_SIGNATURE, 1},
        {"{\"alg\":\"RS256\",\"kid\":\"ec-1\"}", BEARER_KEY_UNFIT, 1},
        {"{\"alg\":\"RS256\",\"kid\":\"twice\"}", BEARER_KEY_AMBIGUOUS, 1},
        {"{\"alg\":\"RS256\"}", BEARER_KID_MISSING, 1},
    };
    source.set = several;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        judge_token(test_key_sign(stranger, JWA_RS256, cases[i].header, GOOD_CLAIMS), cases[i].code,
                    "no leave to fetch: %s", cases[i].header);
        asked(cases[i].finds, 0, "  asked as often as that needs");
    }
    source.set = one_rsa;
}

/* What newer keys could mend has them asked for behind the answer, if claims and outlook are so;
 * and claims that nobody signed are not looked at without need. */
static void renewals(void)
{
    static const char *const misfits[] = {"{" CLAIMS, "{" AUD ",\"exp\":1700000060}",
                                          "{" ISS ",\"aud\":\"other\",\"exp\":1700000060}",
                                          "{" ISS "," AUD "}",
                                          "{" ISS "," AUD ",\"exp\":1699999000}"};
    static const struct {
        const char *header;
        enum bearer_code code;
    } mendable_ones[] = {{"{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", BEARER_SIGNATURE},
                         {"{\"alg\":\"RS256\",\"kid\":\"ec-1\"}", BEARER_KEY_UNFIT},
                         {"{\"alg\":\"RS256\",\"kid\":\"twice\"}", BEARER_KEY_AMBIGUOUS},
                         {"{\"alg\":\"RS256\"}", BEARER_KID_MISSING}};
    source.set = several;
    for (size_t i = 0; i < sizeof mendable_ones / sizeof mendable_ones[0]; i++) {
        const char *header = mendable_ones[i].header;
        for (int outlook = OUTLOOK_SETTLED; outlook <= OUTLOOK_OPEN; outlook++) {
            source_outlook_is = (enum key_outlook)outlook;
            judge_token(test_key_sign(stranger, JWA_RS256, header, GOOD_CLAIMS),
                        mendable_ones[i].code, "D6: outlook %d: %s", outlook, header);
            is_number(source.renewals, outlook == OUTLOOK_OPEN ? 1 : 0,
                      "  a refresh only if one could be");
        }
        for (size_t j = 0; j < sizeof misfits / sizeof misfits[0]; j++) {
            judge_token(test_key_sign(stranger, JWA_RS256, header, misfits[j]),
                        mendable_ones[i].code, "D6: claims that do not fit: %s", misfits[j]);
            is_number(source.renewals, 0, "  no refresh");
        }
    }
    judge_token(signed_with(stranger, "\"next\"", GOOD_CLAIMS), BEARER_KID_UNKNOWN,
                "D6: an unknown kid is waited for instead");
    is_number(source.renewals, 0, "  and nothing is done behind it");
    static const struct {
        enum key_outlook outlook;
        unsigned finds;
    } outlooks[] = {{OUTLOOK_SETTLED, 1}, {OUTLOOK_UNCERTAIN, 2}, {OUTLOOK_OPEN, 2}};
    for (size_t i = 0; i < sizeof outlooks / sizeof outlooks[0]; i++) {
        source_outlook_is = outlooks[i].outlook;
        judge_token(signed_with(stranger, "\"next\"", GOOD_CLAIMS), BEARER_KID_UNKNOWN,
                    "D10: an unknown kid, outlook %d", (int)outlooks[i].outlook);
        asked(outlooks[i].finds, outlooks[i].finds - 1,
              "  its claims are parsed only where that could help");
    }
    source_outlook_is = OUTLOOK_OPEN;
    source.set = one_rsa;
}

static void many_kids(void)
{
    unsigned wrong = 0;
    unsigned fetches = 0;
    char *token = signed_with(stranger, "\"k00000\"", "{" ISS "," AUD "}");
    const char *rest = strchr(token, '.');
    for (unsigned i = 0; i < 10000; i++) {
        char header[64];
        struct token verified;
        snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"kid\":\"k%05u\"}", i);
        char *first = test_base64url(header, strlen(header));
        char *text = text_of("%s%s", first, rest);
        wrong +=
            verify_at(judge_config, text, strlen(text), &verified) != BEARER_KID_UNKNOWN ? 1 : 0;
        fetches += source.fetches;
        token_clear(&verified);
        free(text);
        free(first);
    }
    free(token);
    ok(wrong == 0 && fetches == 0,
       "case 68: 10,000 kids over claims that are not for us, nothing is fetched");
    ok(good_token_passes(), "case 130: the good token after them");
}

/* The kid is reported with a denial too, for the log, and only if it is one. */
static void reported(const char *header, const char *claims, const char *expected, const char *test)
{
    struct token token;
    char *text = test_key_sign(stranger, JWA_RS256, header, claims);
    enum bearer_code code = verify_at(judge_config, text, strlen(text), &token);
    bool same = token.kid_length == strlen(expected) &&
                memcmp(token.kid, expected, token.kid_length + 1) == 0;
    if (!ok(code != BEARER_OK && same && token.claims == NULL, "%s", test)) {
        printf("# got \"%s\", %s\n", token.kid, bearer_outcome(code)->reason);
    }
    token_clear(&token);
    free(text);
}

static void reports(void)
{
    reported("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", GOOD_CLAIMS, "rsa-1",
             "the kid with a bad signature");
    reported("{\"alg\":\"none\",\"kid\":\"a\"}", GOOD_CLAIMS, "a", "the kid with a bad alg");
    reported("{\"alg\":\"RS256\",\"kid\":\"a\\n\"}", GOOD_CLAIMS, "a\n",
             "an unknown kid, as it is");
    reported("{\"alg\":\"RS256\"}", GOOD_CLAIMS, "", "none if there is none");
    reported("{\"alg\":\"RS256\",\"kid\":7}", GOOD_CLAIMS, "", "none if it is a number");
    reported("{\"kid\":\"a\"", GOOD_CLAIMS, "", "none if the header is no JSON");
}

/* Another source than a set: its answer is the answer. */
static enum bearer_code no_keys(void *context, const struct key_query *query,
                                const struct jwk **key)
{
    (void)query;
    *key = NULL;
    ++*(unsigned *)context;
    return BEARER_NO_KEYS;
}

static enum bearer_code knows_later(void *context, const struct key_query *query,
                                    const struct jwk **key)
{
    ++*(unsigned *)context;
    *key = NULL;
    return query->may_fetch ? keyset_find(one_rsa, query->kid, query->kid_length, query->alg, key)
                            : BEARER_KID_UNKNOWN;
}

static void other_sources(void)
{
    unsigned calls = 0;
    struct header_memo memo = {.length = 0};
    struct token token;
    const struct key_source none = {
        .find = no_keys, .outlook = source_outlook, .renew = source_renew, .context = &calls};
    enum bearer_code code =
        token_verify(judge_config, &none, &memo, good_token, strlen(good_token), NOW, &token);
    ok(code == BEARER_NO_KEYS && calls == 1 && token.claims == NULL,
       "case 134: no keys is no verdict on the token");
    token_clear(&token);
    const struct key_source later = {
        .find = knows_later, .outlook = source_outlook, .renew = source_renew, .context = &calls};
    calls = 0;
    code = token_verify(judge_config, &later, &memo, good_token, strlen(good_token), NOW, &token);
    ok(code == BEARER_OK && calls == 2 && token.claims != NULL,
       "case 132: a key that a fetch brought is used");
    token_clear(&token);
    char *forged = signed_with(stranger, "\"rsa-1\"", GOOD_CLAIMS);
    code = token_verify(judge_config, &later, &memo, forged, strlen(forged), NOW, &token);
    ok(code == BEARER_SIGNATURE && token.claims == NULL,
       "case 132: but the signature is checked with it");
    token_clear(&token);
    free(forged);
}

int main(void)
{
    rsa = test_key_new(JWA_RS256, "rsa-1");
    stranger = test_key_new(JWA_RS256, "twice");
    ec = test_key_new(JWA_ES256, "ec-1");
    struct test_key *twice = test_key_again(rsa, "twice");
    one_rsa = test_keyset((char *[]){test_key_jwk(rsa), test_key_jwk(ec)}, 2);
    several = test_keyset((char *[]){test_key_jwk(rsa), test_key_jwk(ec), test_key_jwk(stranger),
                                     test_key_jwk(twice)},
                          4);
    source.set = one_rsa;
    judge_config = test_config("RS256", "0", NULL);
    good_token = test_key_sign(rsa, JWA_RS256, GOOD_HEADER, GOOD_CLAIMS);
    unknown_kids();
    no_leave();
    renewals();
    many_kids();
    reports();
    other_sources();
    free(good_token);
    keyset_free(one_rsa);
    keyset_free(several);
    config_free(judge_config);
    test_key_free(rsa);
    test_key_free(stranger);
    test_key_free(twice);
    test_key_free(ec);
    return tap_done();
}
