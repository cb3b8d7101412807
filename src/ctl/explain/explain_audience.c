/* SPDX-License-Identifier: MIT */
/* explain: for whom a token is, and how to mend that. */
#include <stdio.h>
#include <string.h>

#include "config/config_file.h"
#include "config/config_list.h"
#include "ctl/explain/explain.h"
#include "ctl/fetch/slash.h"
#include "json/json.h"

/* Whether the token's audience is one of ours, by a claim that is one string. */
static bool is_ours(const struct explain *explain, const char *name)
{
    size_t length = 0;
    const char *text = js_string(explain->claims, name, &length);
    return text != NULL && config_has_audience(explain->config, text, length);
}

/* What is accepted stands beside what does not fit, too where it has not been looked at. */
void explain_show_audience(struct explain *explain)
{
    const struct config *config = explain->config;
    struct line *line = &explain->details[STAGE_AUD];
    const bool other = !config_audience_is_aud(config) && !config_audience_is_open(config);
    line_add_strings(line, explain->claims, "aud");
    if (config_audience_is_open(config)) {
        line_add(line, "; nothing has to be there (BEARER_AUDIENCE_CLAIM)");
    }
    if (other) {
        line_add(line, ", %s ", config->audience_claim);
        line_add_strings(line, explain->claims, config->audience_claim);
    }
    if (explain->states[STAGE_AUD] == CHECK_PASSED ||
        is_ours(explain, other ? config->audience_claim : "aud")) {
        return;
    }
    line_add(line, "; accepted here:");
    for (size_t i = 0; config->audiences[i] != NULL; i++) {
        line_add(line, " ");
        line_add_text(line, config->audiences[i], strlen(config->audiences[i]));
    }
}

/* What the claim is, where it is not one string. */
static void add_found(const struct explain *explain, struct line *line, const char *name)
{
    enum js_type type = js_type(explain->claims, name);
    const struct json_object *array = js_array(explain->claims, name);
    size_t strings = 0;
    for (size_t i = 0; i < js_array_length(array); i++) {
        strings += js_array_type(array, i) == JS_STRING ? 1 : 0;
    }
    if (type == JS_STRING) {
        return;
    }
    line_add(line, "%s is %s", name, explain_type(type));
    if (array == NULL || strings != js_array_length(array)) {
        line_add(line, "%s: the issuer has to write a string, or an array of strings alone; ",
                 array != NULL ? " of other things than strings" : "");
    } else {
        line_add(line, "%s, and none of them is accepted here; ",
                 strings > 0 ? " of strings" : " with nothing in it");
    }
}

/* The line that accepts what the token has in this claim as well, if that can be written. */
static void add_line(const struct explain *explain, struct line *line, const char *name)
{
    char item[CONFIG_ITEM_MAX];
    char whole[CONFIG_ITEM_MAX];
    char text[CONFIG_ITEM_MAX];
    size_t length = 0;
    const char *theirs = js_string(explain->claims, name, &length);
    const char *given = explain->config->values[CONFIG_AUTH0_API_AUDIENCE].text;
    if (theirs == NULL) {
        theirs = js_array_string(js_array(explain->claims, name), 0, &length);
    }
    if (theirs == NULL || given == NULL || !config_item(item, theirs, length) ||
        (size_t)snprintf(text, sizeof text, "%s %s", given, item) >= sizeof text ||
        !config_file_value(whole, text)) {
        return;
    }
    line_add(line, ", or add that of the token if it is this API's: %s=%s",
             config_spelling(explain->config, CONFIG_AUTH0_API_AUDIENCE), whole);
}

/* An issuer that writes no aud may say in another claim who the token was given to. */
static void add_other_claim(const struct explain *explain, struct line *line)
{
    static const char *const names[] = {"client_id", "azp", "cid", "appid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = 0;
        const char *client = js_string(explain->claims, names[i], &length);
        if (client != NULL && length > 0) {
            line_add(line,
                     "; or, if this issuer writes none and each token of this client may be shown "
                     "here, set BEARER_AUDIENCE_CLAIM=%s and %s to ",
                     names[i], config_spelling(explain->config, CONFIG_AUTH0_API_AUDIENCE));
            line_add_text(line, client, length);
            return;
        }
    }
}

static void mend_absent(const struct explain *explain, struct line *line)
{
    line_add(line, "there is no aud in the token, so nothing says what it is for: ");
    explain_add_ask(explain, line);
    line_add(line, ", and have the issuer put that in");
    add_other_claim(explain, line);
}

/* BEARER_AUDIENCE_CLAIM names another claim, and that one does not fit. */
static void mend_claim(const struct explain *explain, struct line *line)
{
    const char *name = explain->config->audience_claim;
    line_add(line, "%s is the claim that BEARER_AUDIENCE_CLAIM names: ", name);
    if (js_type(explain->claims, name) == JS_ABSENT) {
        line_add(line, "it is not in the token; name one that is");
        return;
    }
    add_found(explain, line, name);
    line_add(line, "ask for a token that has an accepted value there");
    add_line(explain, line, name);
}

void explain_mend_audience(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    size_t length = 0;
    const char *theirs = js_string(explain->claims, "aud", &length);
    if (explain->code == BEARER_AUDIENCE_CLAIM) {
        mend_claim(explain, line);
        return;
    }
    if (explain_is_id_token(explain)) {
        line_add(line, "this is an ID token, for the client itself: ");
        explain_add_ask(explain, line);
        line_add(line, ", and send that");
        return;
    }
    for (size_t i = 0; theirs != NULL && explain->config->audiences[i] != NULL; i++) {
        if (differ_by_slash(theirs, length, explain->config->audiences[i])) {
            line_add(line,
                     "the audience differs only by the trailing slash: set %s to the identifier of "
                     "the API, letter by letter: ",
                     config_spelling(explain->config, CONFIG_AUTH0_API_AUDIENCE));
            line_add_text(line, theirs, length);
            add_line(explain, line, "aud");
            return;
        }
    }
    if (js_type(explain->claims, "aud") == JS_ABSENT) {
        mend_absent(explain, line);
        return;
    }
    add_found(explain, line, "aud");
    explain_add_ask(explain, line);
    add_line(explain, line, "aud");
}

void explain_mend_open(struct explain *explain)
{
    line_add(explain_new_mend(explain),
             "BEARER_AUDIENCE_CLAIM is none, so that each location has to require a claim: give "
             "--require with a term of claim: alone, such as claim:role=admin");
}
