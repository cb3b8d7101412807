/* SPDX-License-Identifier: MIT */
/* doctor: what the issuer calls itself, beside what is configured. */
#include <string.h>

#include "base/cleanup.h"
#include "config/config_file.h"
#include "config/config_issuer.h"
#include "config/config_uri.h"
#include "ctl/doctor/doctor.h"
#include "ctl/fetch/keysource.h"
#include "ctl/fetch/remedy.h"

/* The metadata of AD FS name one issuer, and its access tokens another one. Nobody has said that
 * these are to be taken, so that nothing but this line comes of it. */
void doctor_token_issuer(struct doctor *doctor, const struct keysource *found)
{
    char shown[FINDING_PIECE];
    char value[CONFIG_ITEM_MAX];
    const char *uri = found->jwks_uri != NULL ? found->jwks_uri : doctor->config->jwks_uri;
    const char *issuer = found->token_issuer;
    if (issuer == NULL) {
        return;
    }
    if (config_issuer_fault(issuer) == NULL && config_file_value(value, issuer)) {
        finding(&doctor->findings, FINDING_WARNING,
                "issuer: its metadata name another one for access tokens (access_token_issuer, as "
                "AD FS has it), which are refused here; if it is yours set AUTH0_ISSUER=%s and "
                "BEARER_JWKS_URI=%s, and no AUTH0_DOMAIN",
                finding_shown(shown, value), uri);
    } else {
        finding(&doctor->findings, FINDING_WARNING,
                "issuer: its metadata name another one for access tokens (access_token_issuer), "
                "%s, which cannot be configured",
                finding_shown(shown, issuer));
    }
}

/* Where discovery did not look at it: a name that differs from that in the tokens lets nobody in.
 * Not every issuer has metadata. */
void doctor_issuer(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct diag diag = {0};
    enum cause cause = CAUSE_OTHER;
    char shown[FINDING_PIECE];
    struct keysource found CLEANUP(keysource_clear) = {0};
    if (config->discovery_uri != NULL || !config_is_https(config->issuer) ||
        strpbrk(config->issuer, "?#") != NULL) {
        return;
    }
    findings_wait(&doctor->findings, "asking %s for its name",
                  finding_shown(shown, config->issuer));
    if (keysource_issuer(config, &found, &cause, &diag)) {
        finding(&doctor->findings, FINDING_OK, "issuer: its metadata name it letter by letter");
        doctor_token_issuer(doctor, &found);
    } else if (cause == CAUSE_ISSUER_SLASH || cause == CAUSE_ISSUER ||
               cause == CAUSE_ISSUER_PLAIN) {
        finding(&doctor->findings, cause != CAUSE_ISSUER_SLASH ? FINDING_WARNING : FINDING_FAILURE,
                "issuer: %s; %s", diag.text, remedy(cause, REMEDY_KEYS, false, false));
    } else {
        finding(&doctor->findings, FINDING_OK,
                "issuer: there are no metadata to compare its name with: %s", diag.text);
    }
}
