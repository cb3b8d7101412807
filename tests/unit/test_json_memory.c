/* SPDX-License-Identifier: MIT */
/* What documents cost: the memory that their values take, counted, against what the parser asked
 * for before it made them, and against the limit: 64 KiB and 48 times their length. Each shape is
 * the dearest there is of its kind; and what issuers publish stays far within. */
#include "json/json.h"

#include <stdlib.h>

#include "../support/failing.h"
#include "../support/json_shapes.h"
#include "tap.h"

#define LIMIT(length) (65536 + 48 * (length))
#define LONG          12000 /* from here on the 64 KiB hardly count */
#define TOO_MUCH      "its values would take more memory than 64 KiB and 48 times its length"

static char text[JS_TEXT_MAX + 1];
static size_t used;

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

static void each_shape(void)
{
    static const size_t sizes[] = {100, 1500, LONG, 65536, JS_TEXT_MAX};
    for (size_t i = 0; i < JSON_SHAPES; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            used = json_shape_write(&json_shapes[i], "", text, sizes[j]);
            struct cost cost = cost_of();
            ok(cost.most <= SLACK(LIMIT(used)),
               "D9: %s, %zu octets: %.1f times them of memory, within the limit",
               json_shapes[i].name, used, (double)cost.most / (double)used);
            ok(cost.taken ? sizes[j] < LONG || json_shapes[i].taken
                          : sizes[j] > 100 && !json_shapes[i].taken,
               "  %s", cost.taken ? "taken" : "refused");
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
    struct json_shape shape;
    size_t size;
    unsigned percent; /* of the limit */
} real[] = {
    {{"a header", "\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"", "%", "\"", true}, 64, 1},
    {{"claims of Auth0",
      "\"iss\":\"https://tenant.eu.auth0.com/\",\"sub\":\"auth0|0123456789abcdef01234567\","
      "\"aud\":[\"https://api.example.com/"
      "\",\"https://tenant.eu.auth0.com/userinfo\"]," TIMES "\"azp\":\"" B43
      "\",\"scope\":\"openid profile email read:messages\",\"permissions\":[",
      "\"read:%\"", "]", true},
     600,
     4},
    {{"the same with a thousand permissions", "" TIMES "\"permissions\":[", "\"read:%\"", "]",
      true},
     12000,
     12},
    {{"claims of Keycloak, with a role in each of 250 clients",
      "" TIMES "\"jti\":\"" B43
      "\",\"iss\":\"https://id.example.com/realms/main\",\"typ\":\"Bearer\",\"sid\":\"" B43
      "\",\"acr\":\"1\",\"allowed-origins\":[\"https://app.example.com\"],"
      "\"realm_access\":{\"roles\":[\"offline_access\",\"uma_authorization\","
      "\"default-roles-main\"]},\"scope\":\"openid email "
      "profile\",\"email_verified\":true,\"preferred_username\":\"somebody\","
      "\"email\":\"somebody@example.com\",\"resource_access\":{",
      "\"client-%\":{\"roles\":[\"view-profile\"]}", "}", true},
     12000,
     49},
    {{"claims of Entra, with 200 groups",
      "\"aud\":\"api://" B43 "\",\"iss\":\"https://sts.windows.net/" B43 "/\"," TIMES
      "\"nbf\":1700000000,\"acr\":\"1\",\"aio\":\"" B43
      "\",\"amr\":[\"pwd\",\"mfa\"],\"appid\":\"" B43
      "\",\"ver\":\"1.0\",\"scp\":\"access_as_user\",\"wids\":[\"" B43 "\"],\"groups\":[",
      "\"%-0123-4567-89ab-cdef01234567\"", "]", true},
     8600,
     5},
    {{"five keys with their certificates", "\"keys\":[",
      "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%\",\"x5t\":\"abc\",\"e\":\"AQAB\",\"n\":"
      "\"" B344 "\",\"x5c\":[\"" B1376 "\"]}",
      "]", true},
     9200,
     3},
    {{"a thousand RSA keys", "\"keys\":[",
      "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%\",\"e\":\"AQAB\",\"n\":\"" B344
      "\"}",
      "]", true},
     417000,
     8},
    {{"a thousand EC keys", "\"keys\":[",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%\",\"x\":\"" B43 "\",\"y\":\"" B43 "\"}", "]",
      true},
     145000,
     20},
    {{"a thousand Ed25519 keys", "\"keys\":[",
      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%\",\"x\":\"" B43 "\"}", "]", true},
     98000,
     27},
};

static void each_real(void)
{
    for (size_t i = 0; i < sizeof real / sizeof real[0]; i++) {
        used = json_shape_write(&real[i].shape, "", text, real[i].size);
        struct cost cost = cost_of();
        is_number(cost.taken ? cost.held * 100 / LIMIT(used) : 100, real[i].percent,
                  "D9: %s, %zu octets: %.1f times them of memory, percent of the limit",
                  real[i].shape.name, used, (double)cost.held / (double)used);
    }
}

int main(void)
{
    js_free(js_parse("{\"a\":0}", 7, NULL)); /* json-c's first time: its seed */
    each_shape();
    each_real();
    return tap_done();
}
