/* SPDX-License-Identifier: MIT */
#include "policy/glob.h"

#include "base/utf8.h"

/* Where to go on if what follows does not match. A later `*` takes the place of an earlier one:
 * between them nothing can be won, as the first place where a piece fits leaves most of the run for
 * what follows. So it does for `**`. A `*` that is stuck leads back to the `**` before it. */
struct matching {
    const char *pattern, *pattern_end;
    const char *text, *end;
    /* behind the `*`, and how far its run goes; NULL: none since the last `**` */
    const char *star, *star_text;
    /* the same of the `**`; NULL: none so far */
    const char *stars, *stars_text;
    /* where the run of the first `*` behind it began; NULL: it has none */
    const char *run;
    /* A first `*` that would begin before this has been tried: what it can reach is part of what
     * was. */
    const char *barred;
};

static bool is_stop(char c)
{
    return c == '/' || c == ':' || c == '@';
}

/* A text that is no UTF-8 is gone through octet by octet. */
static const char *next(const struct matching *m, const char *at)
{
    const size_t octets = utf8_character(at, m->end, NULL);
    return at + (octets > 0 ? octets : 1);
}

/* Takes up the stars that stand here. False: from here it has been tried. */
static bool take_stars(struct matching *m)
{
    const char *begin = m->pattern;
    while (m->pattern < m->pattern_end && *m->pattern == '*') {
        m->pattern++;
    }
    if (m->pattern - begin > 1) {
        m->stars = m->pattern;
        m->stars_text = m->text;
        m->star = m->run = m->barred = NULL;
        return true;
    }
    if (m->run == NULL) {
        if (m->barred != NULL && m->text <= m->barred) {
            return false;
        }
        m->run = m->text;
    }
    m->star = m->pattern;
    m->star_text = m->text;
    return true;
}

/* One star longer, and on from behind it. False: there is none that can be. */
static bool retry(struct matching *m)
{
    if (m->star != NULL && m->star_text < m->end && !is_stop(*m->star_text)) {
        m->star_text = next(m, m->star_text);
        m->pattern = m->star;
        m->text = m->star_text;
        return true;
    }
    if (m->stars == NULL || m->stars_text == m->end) {
        return false;
    }
    if (m->run != NULL) {
        for (m->barred = m->run; m->barred < m->end && !is_stop(*m->barred);) {
            m->barred = next(m, m->barred);
        }
    }
    m->star = m->run = NULL;
    m->stars_text = next(m, m->stars_text);
    m->pattern = m->stars;
    m->text = m->stars_text;
    return true;
}

/* One character of the pattern that is no star. */
static bool step(struct matching *m)
{
    if (m->text == m->end) {
        return false;
    }
    if (*m->pattern == '?') {
        if (is_stop(*m->text)) {
            return false;
        }
        m->text = next(m, m->text);
    } else if (*m->pattern != *m->text) {
        return false;
    } else {
        m->text++;
    }
    m->pattern++;
    return true;
}

bool glob_matches(const char *pattern, size_t pattern_length, const char *text, size_t length)
{
    struct matching m = {.pattern = pattern,
                         .pattern_end = pattern + pattern_length,
                         .text = text,
                         .end = text + length};
    for (;;) {
        bool good = false;
        if (m.pattern == m.pattern_end) {
            if (m.text == m.end || m.pattern == m.stars) {
                return true;
            }
        } else {
            good = *m.pattern == '*' ? take_stars(&m) : step(&m);
        }
        if (!good && !retry(&m)) {
            return false;
        }
    }
}
