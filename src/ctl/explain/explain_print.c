/* SPDX-License-Identifier: MIT */
/* explain: what it has found, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/doctor/findings.h"
#include "ctl/explain/explain.h"
#include "json/json.h"

/* Calls for each line of a text that ends with a newline. */
static void each_line(const struct text *text,
                      void (*visit)(void *context, const char *line, size_t length), void *context)
{
    const char *at = text->bytes;
    for (const char *end = at != NULL ? strchr(at, '\n') : NULL; end != NULL;
         end = strchr(at, '\n')) {
        visit(context, at, (size_t)(end - at));
        at = end + 1;
    }
}

/* Of a line of the log, what follows "fcgi-bearer: warn: ". */
static const char *message_of(const char *line, size_t *length)
{
    const char *at = line;
    for (int i = 0; i < 2; i++) {
        const char *colon = memchr(at, ' ', *length - (size_t)(at - line));
        at = colon != NULL ? colon + 1 : at;
    }
    *length -= (size_t)(at - line);
    return at;
}

static void print_note(void *context, const char *line, size_t length)
{
    (void)context;
    const char *text = message_of(line, &length);
    printf("note: %.*s\n", (int)length, text);
}

static const char *verdict_of(enum bearer_code code)
{
    const unsigned status = bearer_outcome(code)->status;
    return status == 200 ? "accepted" : status == 503 ? "keys unavailable" : "refused";
}

static void print_check(const struct explain *explain, enum bearer_stage check, bool colour)
{
    static const char *const colours[] = {"", "\033[32m", "\033[31m"};
    enum check_state state = explain->states[check];
    const char *detail = explain->details[check].text;
    printf("%s%-11s%s  %s", colour ? colours[state] : "", explain_state_name(state),
           colour && *colours[state] != '\0' ? "\033[0m" : "", explain_check_name(check));
    if (*detail != '\0') {
        printf("%*s%s", (int)(13 - strlen(explain_check_name(check))), "", detail);
    }
    putchar('\n');
}

/* One part of the requirement: "  fails        or the claim x is y; there is no such claim". */
static void print_part(const struct explain *explain, const struct requirement_test *test)
{
    struct line words = {""};
    struct line found = {""};
    explain_words(test, &words);
    if (explain->verified_claims != NULL && explain_holds(explain, test) != HOLDS_TRUE) {
        explain_found(explain, test, &found);
    }
    printf("  %-11s  %s%s%s%s\n", explain_holds_name(explain, test), test->alternative ? "or " : "",
           words.text, *found.text != '\0' ? "; " : "", found.text);
}

static void print_parts(const struct explain *explain)
{
    const struct requirement *requirement = explain->requirement;
    if (requirement->count == 1 && requirement->tests[0].kind == REQUIRE_VALID_TOKEN) {
        return; /* the check itself says it */
    }
    for (size_t i = 0; i < requirement->count; i++) {
        print_part(explain, &requirement->tests[i]);
    }
}

void explain_print_meaning(const struct requirement *requirement)
{
    for (size_t i = 0; i < requirement->count; i++) {
        struct line words = {""};
        explain_words(&requirement->tests[i], &words);
        printf("%s%s\n", requirement->tests[i].alternative ? "  or " : "", words.text);
    }
}

/* Indented, without the carriage returns. */
static void print_answer(void *context, const char *bytes, size_t length)
{
    bool *begun = context;
    static const char status[] = "Status: ";
    const char *from = bytes;
    if (!*begun && length >= sizeof status - 1 && memcmp(bytes, status, sizeof status - 1) == 0) {
        from += sizeof status - 1;
    }
    for (const char *at = from; at < bytes + length; at++) {
        if (at == from || (at[-1] == '\n' && *at != '\r')) {
            fputs("    ", stdout);
        }
        if (*at != '\r') {
            putchar(*at);
        }
    }
    *begun = true;
}

void explain_print(const struct explain *explain)
{
    struct findings findings;
    bool begun = false;
    const struct sink sink = {.write = print_answer, .context = &begun};
    findings_start(&findings, stdout); /* knows whether there is to be colour */
    if (explain->profile != NULL) {
        printf("profile: %s\n\n", *explain->profile != '\0'
                                      ? explain->profile
                                      : "none that was named has the issuer of this token");
    }
    for (unsigned check = STAGE_FORM; check < STAGE__MAX; check++) {
        print_check(explain, (enum bearer_stage)check, findings.colour);
    }
    print_parts(explain);
    if (explain->code == BEARER_OK) {
        printf("\naccepted: the client gets 200 OK and what it has asked for\n");
    } else {
        printf("\n%s (%s): the client gets\n\n", verdict_of(explain->code),
               bearer_outcome(explain->code)->reason);
        response_send(&explain->answer, false, &sink);
        printf("\n\n");
    }
    for (size_t i = 0; i < explain->mend_count; i++) {
        printf("mend: %s\n", explain->mends[i].text);
    }
    if (explain->write_count > 0) {
        printf("\na bearer.env that accepts tokens like this one, where its issuer is yours:\n\n");
    }
    for (size_t i = 0; i < explain->write_count; i++) {
        printf("    %s\n", explain->writes[i].text);
    }
    each_line(&explain->notes, print_note, NULL);
}

static bool set_text(struct json_object *object, const char *name, const char *text)
{
    return js_set_string(object, name, text, strlen(text));
}

static struct json_object *checks_of(const struct explain *explain)
{
    struct json_object *checks CLEANUP(js_cleanup) = js_new_array();
    for (unsigned i = STAGE_FORM; i < STAGE__MAX; i++) {
        struct json_object *check CLEANUP(js_cleanup) = js_new_object();
        if (checks == NULL || check == NULL ||
            !set_text(check, "check", explain_check_name((enum bearer_stage)i)) ||
            !set_text(check, "state", explain_state_name(explain->states[i])) ||
            !set_text(check, "detail", explain->details[i].text) ||
            !js_append(checks, steal(&check))) {
            return NULL;
        }
    }
    return steal(&checks);
}

static struct json_object *part_of(const struct explain *explain,
                                   const struct requirement_test *test)
{
    struct line words = {""};
    struct line found = {""};
    struct json_object *part CLEANUP(js_cleanup) = js_new_object();
    explain_words(test, &words);
    if (explain->verified_claims != NULL && explain_holds(explain, test) != HOLDS_TRUE) {
        explain_found(explain, test, &found);
    }
    if (part == NULL || !js_set_string(part, "written", test->written, test->written_length) ||
        !set_text(part, "means", words.text) ||
        !set_text(part, "state", explain_holds_name(explain, test)) ||
        !set_text(part, "found", found.text)) {
        return NULL;
    }
    return steal(&part);
}

/* The terms, each an array of its alternatives. */
static struct json_object *requirement_of(const struct explain *explain)
{
    const struct requirement *requirement = explain->requirement;
    struct json_object *terms CLEANUP(js_cleanup) = js_new_array();
    for (size_t i = 0; i < requirement->count;) {
        struct json_object *term CLEANUP(js_cleanup) = js_new_array();
        if (term == NULL) {
            return NULL;
        }
        do {
            if (!js_append(term, part_of(explain, &requirement->tests[i]))) {
                return NULL;
            }
            i++;
        } while (i < requirement->count && requirement->tests[i].alternative);
        if (terms == NULL || !js_append(terms, steal(&term))) {
            return NULL;
        }
    }
    return steal(&terms);
}

/* The parts of which response_send() makes the answer. */
static struct json_object *answer_of(const struct explain *explain)
{
    const struct response *response = &explain->answer;
    bool accepted = explain->code == BEARER_OK;
    struct json_object *answer CLEANUP(js_cleanup) = js_new_object();
    if (answer == NULL || !js_set_count(answer, "status", accepted ? 200 : response->status)) {
        return NULL;
    }
    if (accepted) {
        return steal(&answer);
    }
    if ((response->challenge[0] != '\0' &&
         !set_text(answer, "www_authenticate", response->challenge)) ||
        (response->retry_after != 0 &&
         !js_set_count(answer, "retry_after", response->retry_after)) ||
        !js_set_string(answer, "body", response->body, response->body_length)) {
        return NULL;
    }
    return steal(&answer);
}

static struct json_object *array_of(const struct line *lines, size_t count)
{
    struct json_object *array CLEANUP(js_cleanup) = js_new_array();
    for (size_t i = 0; array != NULL && i < count; i++) {
        if (!js_append_string(array, lines[i].text, strlen(lines[i].text))) {
            return NULL;
        }
    }
    return steal(&array);
}

struct notes {
    struct json_object *array;
    bool failed;
};

static void add_note(void *context, const char *line, size_t length)
{
    struct notes *notes = context;
    const char *text = message_of(line, &length);
    notes->failed = notes->failed || !js_append_string(notes->array, text, length);
}

static struct json_object *notes_of(const struct explain *explain)
{
    struct json_object *array CLEANUP(js_cleanup) = js_new_array();
    struct notes notes = {.array = array, .failed = array == NULL || explain->notes.failed};
    if (!notes.failed) {
        each_line(&explain->notes, add_note, &notes);
    }
    return notes.failed ? NULL : steal(&array);
}

bool explain_json(const struct explain *explain)
{
    struct json_object *whole CLEANUP(js_cleanup) = js_new_object();
    size_t length = 0;
    if (whole == NULL || !set_text(whole, "verdict", verdict_of(explain->code)) ||
        !set_text(whole, "reason", bearer_outcome(explain->code)->reason) ||
        (explain->profile != NULL && !set_text(whole, "profile", explain->profile)) ||
        !js_set_value(whole, "checks", checks_of(explain)) ||
        !js_set_value(whole, "requirement", requirement_of(explain)) ||
        !js_set_value(whole, "answer", answer_of(explain)) ||
        !js_set_value(whole, "mend", array_of(explain->mends, explain->mend_count)) ||
        !js_set_value(whole, "write", array_of(explain->writes, explain->write_count)) ||
        !js_set_value(whole, "notes", notes_of(explain))) {
        return false;
    }
    char *text CLEANUP(cleanup_free) = js_text(whole, &length);
    if (text != NULL) {
        printf("%.*s\n", (int)length, text);
    }
    return text != NULL;
}
