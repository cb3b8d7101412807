/* SPDX-License-Identifier: MIT */
/* Patterns of values: a table, and all short ones beside an opinion that tries everything. */
#include "policy/glob.h"

#include "tap.h"

static bool matches(const char *pattern, const char *text)
{
    return glob_matches(pattern, strlen(pattern), text, strlen(text));
}

static const struct {
    const char *pattern, *text;
    bool expected;
} rows[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"a", "A", false},
    {"a", "aa", false},
    {"aa", "a", false},
    {"*", "", true},
    {"*", "abc", true},
    {"*", "a/c", false},
    {"*", "a:c", false},
    {"*", "a@c", false},
    {"**", "a/:@c", true},
    {"**", "", true},
    {"***", "a/b", true},
    {"?", "a", true},
    {"?", "", false},
    {"?", "/", false},
    {"?", ":", false},
    {"?", "@", false},
    {"?", "\xc3\xbc", true},
    {"??", "\xc3\xbc", false},
    {"?", "\xf0\x9f\x94\x91", true},
    {"\xc3\xbc", "u\xcc\x88", false}, /* nothing is normalised */
    {"??", "u\xcc\x88", true},
    {"a*c", "ac", true},
    {"a*c", "abbc", true},
    {"a*c", "abbcd", false},
    {"a*c", "ab/c", false},
    {"a**c", "ab/c", true},
    {"*a*a*", "aa", true},
    {"*a*a*", "a", false},
    {"*ab", "abab", true},
    {"*@example.com", "mike@example.com", true},
    {"*@example.com", "mike@evil.com@example.com", false},
    {"*@example.com", "mike@example.com.evil.com", false},
    {"repo:octo-org/*:ref:refs/heads/main", "repo:octo-org/octo:ref:refs/heads/main", true},
    {"repo:octo-org/*:ref:refs/heads/main", "repo:octo-org/a/b:ref:refs/heads/main", false},
    {"repo:octo-org/*:ref:refs/heads/*", "repo:octo-org/a:ref:refs/heads/feature/b", false},
    {"repo:octo-org/*:ref:refs/heads/**", "repo:octo-org/a:ref:refs/heads/feature/b", true},
    {"repo:octo-org/*:**", "repo:octo-org/a:pull_request", true},
    {"repo:octo-org/*", "repo:octo-org-evil/a", false},
    {"system:serviceaccount:web:*", "system:serviceaccount:web:deploy", true},
    {"system:serviceaccount:web:*", "system:serviceaccount:web:a:b", false},
    {"**/main", "a/b/main", true},
    {"**/main", "main", false},
    {"**a*b", "a/ab", true},
    {"**a*b", "ab/a/b", false},
    {"**a*b**", "a/b/axb/c", true},
    {"**a*b/*c**", "ab/ab/xab/yyc/", true},
    {"a*b?c", "a/bxc", false},
    {"*?", "", false},
    {"*?*", "x", true},
    {"[a]", "a", false},
    {"[a]", "[a]", true},
    {"\\*", "*", false},
    {"\\*", "\\x", true},
};

static bool is_stop(char c)
{
    return c == '/' || c == ':' || c == '@';
}

/* The other opinion. */
static bool tries(const char *pattern, const char *text)
{
    if (*pattern == '\0') {
        return *text == '\0';
    }
    if (*pattern == '*') {
        const bool any = pattern[1] == '*';
        const char *rest = pattern + strspn(pattern, "*");
        for (;; text++) {
            if (tries(rest, text)) {
                return true;
            }
            if (*text == '\0' || (!any && is_stop(*text))) {
                return false;
            }
        }
    }
    return *text != '\0' && (*pattern == '?' ? !is_stop(*text) : *pattern == *text) &&
           tries(pattern + 1, text + 1);
}

/* The text with this number, of so many letters. */
static void spell(char *out, size_t length, unsigned long number, const char *letters)
{
    for (size_t i = 0; i < length; i++) {
        out[i] = letters[number % strlen(letters)];
        number /= strlen(letters);
    }
    out[length] = '\0';
}

/* All patterns of 6 and texts of 6 letters out of few would be 11 million: a part of them, always
 * the same. */
static void opinions(void)
{
    unsigned long seed = 1;
    unsigned long differ = 0;
    char pattern[16];
    char text[16];
    for (unsigned i = 0; i < 400000; i++) {
        seed = (seed * 6364136223846793005UL + 1442695040888963407UL) & 0xffffffffffffffffUL;
        spell(pattern, i % 11, seed >> 24, "a*b**?/");
        spell(text, i / 11 % 10, seed >> 16, "aab/");
        if (matches(pattern, text) != tries(pattern, text)) {
            printf("# '%s' and '%s'\n", pattern, text);
            differ++;
        }
    }
    is_number(differ, 0, "as who tries everything says");
}

/* What takes as long as length * stars is over before who tries everything has begun. */
static void long_ones(void)
{
    enum { LENGTH = 12000 };
    static char text[LENGTH + 1];
    static const char *const patterns[] = {"*a*a*a*a*a*a*a*a*b", "**a**a**a**a**a**a**a**a**b",
                                           "**a*a*a*a*a*a*a*a*b", "**a*a/a*a/a*a/a*a/b",
                                           "**a*a**a*a**a*a**a*b"};
    memset(text, 'a', LENGTH);
    for (size_t i = 0; i < 2; i++) {
        for (size_t at = 5; i == 1 && at < LENGTH; at += 5) {
            text[at] = '/';
        }
        for (size_t p = 0; p < sizeof patterns / sizeof patterns[0]; p++) {
            ok(!glob_matches(patterns[p], strlen(patterns[p]), text, LENGTH), "%s", patterns[p]);
        }
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ok(matches(rows[i].pattern, rows[i].text) == rows[i].expected, "'%s' %s '%s'",
           rows[i].pattern, rows[i].expected ? "matches" : "does not match", rows[i].text);
    }
    ok(glob_matches("ab", 1, "ac", 1), "as long as said");
    opinions();
    long_ones();
    return tap_done();
}
