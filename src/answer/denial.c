/* SPDX-License-Identifier: MIT */
#include "answer/denial.h"

void denial_write(struct response *response, enum bearer_code code, const struct profile *profile,
                  const struct verdict *verdict)
{
    response_deny(response, code, profile != NULL ? profile->config->realm : NULL, verdict);
    if (code == BEARER_NO_KEYS && profile != NULL) {
        response->retry_after = keycache_retry_after(profile->keys);
    } else if (code == BEARER_WOULD_ALLOW) {
        response->retry_after = 1;
    }
}
