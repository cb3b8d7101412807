/* What documents cost: the memory that their values take, counted, against what the parser asked for before it made them, and against the limit: 64 KiB and 48 times their
 * length. Each shape is the dearest there is of its kind; and what issuers publish stays far within. */
#include "json.h"

#include <stdlib.h>

#include "../support/failing.h"
#include "tap.h"

#define LIMIT(length) (65536 + 48 * (length))
#define LONG          12000 /* from here on the 64 KiB hardly count */
#define TOO_MUCH      "its values would take more memory than 64 KiB and 48 times its length"

static char text[JS_TEXT_MAX + 1];
static size_t used;

static void add(const char *piece)
{
    size_t length = strlen(piece);
    if (used + length < sizeof text) {
        memcpy(text + used, piece, length + 1);
        used += length;
    }
}

/* A document of `before`, as many of `unit` as fit into so many octets, with commas, each `%` in it a number of six letters, and `after`. */
static void generate(size_t size, const char *before, const char *unit, const char *after)
{
    char piece[4096];
    used = 0;
    add(before);
    for (unsigned n = 0; used + strlen(unit) + 8 + strlen(after) <= size; n++) {
        size_t length = 0;
        for (const char *at = unit; *at != '\0'; at++) {
            unsigned rest = n;
            piece[length++] = *at;
            for (int i = 0; *at == '%' && i < 6; i++, rest /= 26) {
                piece[length - (i == 0)] = (char)('a' + rest % 26);
                length += i == 0 ? 0 : 1;
            }
        }
        piece[length] = '\0';
        add(n == 0 ? "" : ",");
        add(piece);
    }
    add(after);
}

/* What a document really took, at most at once and then, and what it was said to. */
struct cost {
    bool taken;
    const char *why;
    size_t most, octets, held;
};

static struct cost cost_of(void)
{
    struct cost cost = {0};
    failing->octets = failing->most = 0;
    failing->counting = true;
    struct json_object *object = js_parse_held(text, used, &cost.why, &cost.held);
    cost.most = (size_t)failing->most;
    cost.octets = (size_t)failing->octets;
    js_free(object);
    failing->counting = false;
    cost.taken = object != NULL;
    ok(failing->octets == 0, "  all of it is given back");
    return cost;
}

/* Now and then malloc gives 16 octets more than it has to (memory_block()). */
#define SLACK(octets) ((octets) + (octets) / 64 + 256)

#define TEN_MEMBERS "\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0"

static const struct {
    const char *name, *before, *unit, *after;
    bool taken; /* however long */
} shapes[] = {
    {"empty objects", "{\"a\":[", "{}", "]}", false},
    {"empty arrays", "{\"a\":[", "[]", "]}", false},
    {"deep arrays", "{\"a\":[", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "]}", false},
    {"deep objects", "{\"a\":[", "{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{}}}}}}}}}}", "]}",
     false},
    {"digits", "{\"a\":[", "0", "]}", false},
    {"dates", "{\"a\":[", "1700000000", "]}", true},
    {"truths", "{\"a\":[", "true", "]}", true},
    {"nulls", "{\"a\":[", "null", "]}", true},
    {"empty strings", "{\"a\":[", "\"\"", "]}", true},
    {"short strings", "{\"a\":[", "\"abcdefgh\"", "]}", true},
    {"escapes", "{\"a\":[\"", "\\u0001", "\"]}", true},
    {"members", "{", "\"%\":0", "}", true},
    {"members that are null", "{", "\"%\":null", "}", true},
    {"members that are objects", "{", "\"%\":{}", "}", false},
    {"objects of one member", "{\"a\":[", "{\"a\":0}", "]}", false},
    {"objects just grown", "{\"a\":[", "{" TEN_MEMBERS ",\"k\":0,\"l\":0}", "]}", true},
};

static void each_shape(void)
{
    static const size_t sizes[] = {100, 1500, LONG, 65536, JS_TEXT_MAX};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            generate(sizes[j], shapes[i].before, shapes[i].unit, shapes[i].after);
            struct cost cost = cost_of();
            ok(cost.most <= SLACK(LIMIT(used)),
               "D9: %s, %zu octets: %.1f times them of memory, within the limit", shapes[i].name, used,
               (double)cost.most / (double)used);
            ok(cost.taken ? sizes[j] < LONG || shapes[i].taken : sizes[j] > 100 && !shapes[i].taken, "  %s",
               cost.taken ? "taken" : "refused");
            if (cost.taken) {
                ok(cost.octets <= SLACK(cost.held) && cost.held / 2 <= cost.octets,
                   "  asked for %zu, took %zu", cost.held, cost.octets);
            } else {
                is_string(cost.why, TOO_MUCH, "  and says so");
            }
        }
    }
}

#define TIMES "\"iat\":1700000000,\"exp\":1700086400,"
#define B43   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#define B344  B43 B43 B43 B43 B43 B43 B43 B43
#define B1376 B344 B344 B344 B344

/* Of what issuers really write, the dearest. */
static const struct {
    const char *name, *before, *unit, *after;
    size_t size;
    unsigned percent; /* of the limit */
} real[] = {
    {"a header", "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"", "%", "\"}", 64, 1},
    {"claims of Auth0",
     "{\"iss\":\"https://tenant.eu.auth0.com/\",\"sub\":\"auth0|0123456789abcdef01234567\",\"aud\":[\"https:/"
     "/api.example.com/"
     "\",\"https://tenant.eu.auth0.com/userinfo\"]," TIMES "\"azp\":\"" B43
     "\",\"scope\":\"openid profile email read:messages\",\"permissions\":[",
     "\"read:%\"", "]}", 600, 4},
    {"the same with a thousand permissions", "{" TIMES "\"permissions\":[", "\"read:%\"", "]}", 12000, 12},
    {"claims of Keycloak, with a role in each of 250 clients",
     "{" TIMES "\"jti\":\"" B43
     "\",\"iss\":\"https://id.example.com/realms/main\",\"typ\":\"Bearer\",\"sid\":\"" B43
     "\",\"acr\":\"1\",\"allowed-origins\":[\"https://"
     "app.example.com\"],\"realm_access\":{\"roles\":[\"offline_access\","
     "\"uma_authorization\",\"default-roles-main\"]},\"scope\":\"openid email "
     "profile\",\"email_verified\":true,"
     "\"preferred_username\":\"somebody\",\"email\":\"somebody@example.com\",\"resource_access\":{",
     "\"client-%\":{\"roles\":[\"view-profile\"]}", "}}", 12000, 49},
    {"claims of Entra, with 200 groups",
     "{\"aud\":\"api://" B43 "\",\"iss\":\"https://sts.windows.net/" B43 "/\"," TIMES
     "\"nbf\":1700000000,\"acr\":\"1\",\"aio\":\"" B43 "\",\"amr\":[\"pwd\",\"mfa\"],\"appid\":\"" B43
     "\",\"ver\":\"1.0\",\"scp\":\"access_as_user\",\"wids\":[\"" B43 "\"],\"groups\":[",
     "\"%-0123-4567-89ab-cdef01234567\"", "]}", 8600, 5},
    {"five keys with their certificates", "{\"keys\":[",
     "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%\",\"x5t\":\"abc\",\"e\":\"AQAB\",\"n\":"
     "\"" B344 "\",\"x5c\":[\"" B1376 "\"]}",
     "]}", 9200, 3},
    {"a thousand RSA keys", "{\"keys\":[",
     "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%\",\"e\":\"AQAB\",\"n\":\"" B344 "\"}",
     "]}", 417000, 8},
    {"a thousand EC keys", "{\"keys\":[",
     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%\",\"x\":\"" B43 "\",\"y\":\"" B43 "\"}", "]}", 145000,
     20},
    {"a thousand Ed25519 keys", "{\"keys\":[",
     "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%\",\"x\":\"" B43 "\"}", "]}", 98000, 27},
};

static void each_real(void)
{
    for (size_t i = 0; i < sizeof real / sizeof real[0]; i++) {
        generate(real[i].size, real[i].before, real[i].unit, real[i].after);
        struct cost cost = cost_of();
        is_number(cost.taken ? cost.held * 100 / LIMIT(used) : 100, real[i].percent,
                  "D9: %s, %zu octets: %.1f times them of memory, percent of the limit", real[i].name, used,
                  (double)cost.held / (double)used);
    }
}

int main(void)
{
    each_shape();
    each_real();
    return tap_done();
}
