/* SPDX-License-Identifier: MIT */
/* Answers that come compressed, though nobody asked for that. */
#include "ctl/fetch/transfer_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"

/* True if libcurl decodes it. */
static bool is_decoded(const char *coding, size_t length)
{
    static const struct {
        const char *name;
        int feature;
    } known[] = {
        {"gzip", CURL_VERSION_LIBZ}, {"x-gzip", CURL_VERSION_LIBZ}, {"deflate", CURL_VERSION_LIBZ},
        {"br", CURL_VERSION_BROTLI}, {"zstd", CURL_VERSION_ZSTD},
    };
    int features = curl_version_info(CURLVERSION_NOW)->features;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if ((features & known[i].feature) != 0 && strlen(known[i].name) == length &&
            strncasecmp(known[i].name, coding, length) == 0) {
            return true;
        }
    }
    return false;
}

void transfer_take_codings(struct get *get, const char *value)
{
    static const char separators[] = " \t,";
    for (const char *at = value + strspn(value, separators); *at != '\0';
         at += strspn(at, separators)) {
        size_t length = strcspn(at, separators);
        bool plain = (length == 8 && strncasecmp(at, "identity", length) == 0) ||
                     (length == 7 && strncasecmp(at, "chunked", length) == 0);
        if (!plain) {
            size_t used = strlen(get->coding);
            (void)snprintf(get->coding + used, sizeof get->coding - used, "%s%.*s",
                           used > 0 ? ", " : "", (int)length, at);
            get->undecoded = get->undecoded || get->coded || !is_decoded(at, length);
            get->coded = true;
        }
        at += length;
    }
}

bool transfer_judge_coding(struct get *get, struct diag *diag)
{
    const char *url = transfer_shown(get->request);
    char coding[2 * sizeof get->coding];
    log_escape(coding, sizeof coding, get->coding, strlen(get->coding));
    (void)curl_easy_getinfo(get->curl, CURLINFO_RESPONSE_CODE, &get->answer->status);
    text_clear(&get->answer->body);
    if (get->request->part || get->answer->status != 200) {
        return true;
    }
    get->answer->cause = CAUSE_ENCODING;
    bool many = coding[0] == '\0'; /* more than libcurl lets through, and so not seen here */
    if (get->undecoded || many) {
        diag_set(
            diag,
            "%s: the answer is encoded (Content-Encoding: %s), and only one of gzip, deflate, br "
            "and zstd is decoded here",
            url, many ? "many" : coding);
    } else {
        diag_set(
            diag,
            "%s: the answer says that it is encoded (Content-Encoding: %s), but cannot be decoded",
            url, coding);
    }
    return false;
}
