/* SPDX-License-Identifier: MIT */
#include "ctl/doctor/doctor_look.h"

#include "base/cleanup.h"
#include "ctl/fetch/remedy.h"

void look_ask(struct look *look, const char *as, const struct probe_request *request,
              struct probe_answer *answer)
{
    findings_wait(look->findings, "asking %s %s", look->url, as);
    probe_ask(&look->probe, request, answer);
}

void look_get(struct look *look, const char *as, const char *authorization,
              struct probe_answer *answer)
{
    const struct probe_request request = {.authorization = authorization};
    look_ask(look, as, &request, answer);
}

void look_get_made_up(struct look *look, const char *as, size_t length, struct probe_answer *answer)
{
    char *credentials CLEANUP(cleanup_free) = probe_made_up(look->alg, length);
    if (credentials == NULL) {
        *answer = (struct probe_answer){.cause = CAUSE_MEMORY, .diag = {"out of memory"}};
        return;
    }
    look_get(look, as, credentials, answer);
}

bool look_answered(struct look *look, bool ca_file, const struct probe_answer *answer)
{
    if (!answer->answered) {
        const char *help = remedy(answer->cause, REMEDY_SITE, ca_file, look->probe.proxy != NULL);
        finding(look->findings, FINDING_FAILURE, "url: %s%s%s", answer->diag.text,
                help != NULL ? "; " : "", help != NULL ? help : "");
    }
    return answer->answered;
}
