/* SPDX-License-Identifier: MIT */
#include "app/param.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* ---- Values ---- */

static void say(struct param_fault *fault, const char *type, const char *message)
{
    fault->type = type;
    (void)snprintf(fault->message, sizeof fault->message, "%s", message);
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* An optional sign and digits: strtoll() alone takes spaces too. */
static bool read_integer(const char *text, int64_t *integer, struct param_fault *fault)
{
    const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
    if (digits(at) == 0 || at[digits(at)] != '\0') {
        say(fault, "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer");
        return false;
    }
    errno = 0;
    *integer = strtoll(text, NULL, 10);
    if (errno != 0) {
        say(fault, "int_parsing_size",
            "Unable to parse input string as an integer, exceeded maximum size");
        return false;
    }
    return true;
}

/* [+-] digits [. digits] [e [+-] digits]: neither infinity nor a hexadecimal. */
static bool is_decimal(const char *text)
{
    text += *text == '-' || *text == '+' ? 1 : 0;
    const size_t whole = digits(text);
    text += whole;
    size_t fraction = 0;
    if (*text == '.') {
        fraction = digits(++text);
        text += fraction;
    }
    if (whole + fraction == 0) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+' ? 1 : 0;
        if (digits(text) == 0) {
            return false;
        }
        text += digits(text);
    }
    return *text == '\0';
}

static bool read_number(const char *text, double *number, struct param_fault *fault)
{
    if (!is_decimal(text)) {
        say(fault, "float_parsing",
            "Input should be a valid number, unable to parse string as a number");
        return false;
    }
    *number = strtod(text, NULL);
    if (!isfinite(*number)) {
        say(fault, "finite_number", "Input should be a finite number");
        return false;
    }
    return true;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words != NULL && strcasecmp(text, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

static bool read_boolean(const char *text, bool *boolean, struct param_fault *fault)
{
    static const char *const yes[] = {"1", "on", "t", "true", "y", "yes", NULL};
    static const char *const no[] = {"0", "off", "f", "false", "n", "no", NULL};
    *boolean = is_one_of(text, yes);
    if (!*boolean && !is_one_of(text, no)) {
        say(fault, "bool_parsing", "Input should be a valid boolean, unable to interpret input");
        return false;
    }
    return true;
}

/* 'a', 'b' or 'c' */
static bool read_word(const struct param *param, const char *text, struct param_fault *fault)
{
    for (const char *const *word = param->words; *word != NULL; word++) {
        if (strcmp(text, *word) == 0) {
            return true;
        }
    }
    const size_t size = sizeof fault->message;
    say(fault, "enum", "Input should be ");
    for (const char *const *word = param->words; *word != NULL; word++) {
        const size_t used = strlen(fault->message);
        const char *before = word == param->words ? "" : word[1] == NULL ? " or " : ", ";
        (void)snprintf(fault->message + used, size - used, "%s'%s'", before, *word);
    }
    return false;
}

/* `actual` is what is compared, `is_less` and `is_more` whether it is out of bounds. */
static bool in_bounds(const struct param *param, bool is_less, bool is_more,
                      struct param_fault *fault)
{
    if (!is_less && !is_more) {
        return true;
    }
    fault->type = is_less ? "greater_than_equal" : "less_than_equal";
    (void)snprintf(fault->message, sizeof fault->message, "Input should be %s than or equal to %s",
                   is_less ? "greater" : "less", is_less ? param->min_text : param->max_text);
    return false;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return count;
}

static bool length_in_bounds(const struct param *param, const char *text, struct param_fault *fault)
{
    const double length = (double)characters(text);
    const bool is_short = param->has_min && length < param->min;
    if (!is_short && !(param->has_max && length > param->max)) {
        return true;
    }
    const char *bound = is_short ? param->min_text : param->max_text;
    fault->type = is_short ? "string_too_short" : "string_too_long";
    (void)snprintf(fault->message, sizeof fault->message, "String should have at %s %s character%s",
                   is_short ? "least" : "most", bound, strcmp(bound, "1") == 0 ? "" : "s");
    return false;
}

bool param_read(const struct param *param, const char *text, struct param_value *value,
                struct param_fault *fault)
{
    value->text = text;
    switch (param->type) {
    case PARAM_STRING:
        return length_in_bounds(param, text, fault);
    case PARAM_INTEGER:
        return read_integer(text, &value->integer, fault) &&
               in_bounds(param, param->has_min && value->integer < param->least,
                         param->has_max && value->integer > param->most, fault);
    case PARAM_NUMBER:
        return read_number(text, &value->number, fault) &&
               in_bounds(param, param->has_min && value->number < param->min,
                         param->has_max && value->number > param->max, fault);
    case PARAM_BOOLEAN:
        return read_boolean(text, &value->boolean, fault);
    case PARAM_WORDS:
        return read_word(param, text, fault);
    default:
        return false;
    }
}

/* ---- Declarations ---- */

static bool read_place(const char *word, struct param *param, struct diag *diag)
{
    if (word != NULL && strcmp(word, "path") == 0) {
        param->place = PARAM_PATH;
    } else if (word != NULL && strcmp(word, "query") == 0) {
        param->place = PARAM_QUERY;
    } else {
        diag_set(diag, "it begins with path or query");
        return false;
    }
    return true;
}

/* What stands in a document between quotes, and is no part of a declaration. */
static bool is_plain(const char *word)
{
    for (; *word != '\0'; word++) {
        if ((unsigned char)*word <= ' ' || *word == '"' || *word == '\\' || *word == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool read_words(char *list, struct param *param, struct diag *diag)
{
    size_t count = 0;
    param->type = PARAM_WORDS;
    for (char *word = strsep(&list, ","); word != NULL; word = strsep(&list, ",")) {
        if (*word == '\0' || count == PARAM_WORDS_MAX) {
            diag_set(diag, "its words are at most %d, none of them empty", PARAM_WORDS_MAX);
            return false;
        }
        param->words[count++] = word;
    }
    return true;
}

static bool read_type(char *word, struct param *param, struct diag *diag)
{
    static const char *const types[] = {"string", "integer", "number", "boolean"};
    for (size_t i = 0; word != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(word, types[i]) == 0) {
            param->type = (enum param_type)i;
            return true;
        }
    }
    if (word != NULL && strchr(word, ',') != NULL) {
        return read_words(word, param, diag);
    }
    diag_set(diag, "its third word is string, integer, number, boolean, or words with commas "
                   "between them");
    return false;
}

/* One end of MIN..MAX, which may be empty. */
static bool read_bound(const struct param *param, const char *text, bool *has, double *number,
                       int64_t *integer)
{
    struct param_fault fault;
    *has = *text != '\0';
    if (!*has) {
        return true;
    }
    if (param->type == PARAM_NUMBER) {
        return read_number(text, number, &fault);
    }
    if (!read_integer(text, integer, &fault) || (param->type == PARAM_STRING && *integer < 0)) {
        return false;
    }
    *number = (double)*integer;
    return true;
}

static bool read_bounds(char *word, struct param *param, struct diag *diag)
{
    char *dots = strstr(word, "..");
    *dots = '\0';
    param->min_text = word;
    param->max_text = dots + 2;
    const bool counts =
        param->type == PARAM_STRING || param->type == PARAM_INTEGER || param->type == PARAM_NUMBER;
    if (!counts || !read_bound(param, word, &param->has_min, &param->min, &param->least) ||
        !read_bound(param, dots + 2, &param->has_max, &param->max, &param->most) ||
        (!param->has_min && !param->has_max) ||
        (param->has_min && param->has_max && param->min > param->max)) {
        diag_set(diag, "its bounds MIN..MAX are numbers of its type, or lengths of a string, the "
                       "less first");
        return false;
    }
    return true;
}

static bool read_usual(const char *word, struct param *param, struct diag *diag)
{
    struct param_fault fault;
    if (word == NULL || !param_read(param, word, &param->usual_value, &fault)) {
        diag_set(diag, "its default is one that it would refuse");
        return false;
    }
    param->usual = word;
    param->optional = true;
    return true;
}

/* What may follow the type, in this order. */
static bool read_rest(char *rest, struct param *param, struct diag *diag)
{
    char *word = strsep(&rest, " ");
    if (word != NULL && strstr(word, "..") != NULL) {
        if (!read_bounds(word, param, diag)) {
            return false;
        }
        word = strsep(&rest, " ");
    }
    if (word != NULL && strcmp(word, "=") == 0) {
        if (!read_usual(strsep(&rest, " "), param, diag)) {
            return false;
        }
        word = strsep(&rest, " ");
    } else if (word != NULL && strcmp(word, "optional") == 0) {
        param->optional = true;
        word = strsep(&rest, " ");
    }
    if (word != NULL && strcmp(word, "repeated") == 0) {
        param->repeated = true;
        word = strsep(&rest, " ");
    }
    if (word != NULL || rest != NULL) {
        diag_set(diag, "after its type come only [MIN..MAX] [= DEFAULT | optional] [repeated]");
        return false;
    }
    if (param->place == PARAM_PATH && (param->optional || param->repeated)) {
        diag_set(diag,
                 "in a path it is there, and once: leave out = DEFAULT, optional and repeated");
        return false;
    }
    return true;
}

bool param_parse(const char *declaration, struct param *param, struct diag *diag)
{
    *param = (struct param){0};
    param->octets = strdup(declaration);
    if (param->octets == NULL) {
        diag_set(diag, "out of memory");
        return false;
    }
    char *rest = param->octets;
    if (!read_place(strsep(&rest, " "), param, diag)) {
        return false;
    }
    param->name = strsep(&rest, " ");
    if (param->name == NULL || *param->name == '\0' || !is_plain(param->name)) {
        diag_set(diag, "its second word is a name, without quotes");
        return false;
    }
    return read_type(strsep(&rest, " "), param, diag) && read_rest(rest, param, diag);
}

void param_clear(struct param *param)
{
    free(param->octets);
    *param = (struct param){0};
}
