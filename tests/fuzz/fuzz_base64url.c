/* SPDX-License-Identifier: MIT */
/* base64url. What must hold: a text is taken iff a plain reading of RFC 4648 takes it, and it is
 * the only text for its octets. */
#include "fuzz.h"

#include "jose/base64url.h"

static bool is_canonical(const char *text, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static const char two[] = "AQgw"; /* may end a text of length 2 modulo 4: four bits zero */
    static const char three[] = "AEIMQUYcgkosw048"; /* of length 3 modulo 4: two bits zero */
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || strchr(alphabet, text[i]) == NULL) {
            return false;
        }
    }
    return length % 4 == 0 || (length % 4 == 2 && strchr(two, text[length - 1]) != NULL) ||
           (length % 4 == 3 && strchr(three, text[length - 1]) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t length = 0;
    unsigned char *octets = have(malloc(BASE64URL_DECODED_MAX(size)));
    char *encoded = have(malloc(BASE64URL_ENCODED(size) + 1));
    bool taken = base64url_decode(text, size, octets, &length);
    must_hold(taken == is_canonical(text, size), "taken iff canonical");
    must_hold(taken || length == 0, "refused: nothing");
    if (taken) {
        must_hold(BASE64URL_ENCODED(length) == size, "as long as it was");
        base64url_encode(octets, length, encoded);
        must_hold(strlen(encoded) == size && memcmp(encoded, text, size) == 0,
                  "one text for these octets");
    }
    base64url_encode(data, size, encoded);
    free(octets);
    octets = have(malloc(BASE64URL_DECODED_MAX(strlen(encoded))));
    must_hold(base64url_decode(encoded, strlen(encoded), octets, &length) && length == size &&
                  memcmp(octets, data, size) == 0,
              "what was encoded decodes to what it was");
    free(octets);
    free(encoded);
    return 0;
}
