/* SPDX-License-Identifier: MIT */
/* Where a configuration comes from, and what surrounds it: environments, folders and users as they
 * should not be. */
#include "config/config_file.h"
#include "config_test.h"

#define STRANGER 4711 /* a user without an entry in the user database */

static void environments(void)
{
    char long_value[CONFIG_LINE_MAX + 20] = "BEARER_REALM=";
    memset(long_value + strlen(long_value), 'x', CONFIG_LINE_MAX + 1);
    struct config *config = load(BASE, NULL);
    ok(config != NULL && strcmp(config->issuer, "https://x.eu.auth0.com/") == 0,
       "no environment at all: the file alone counts");
    char *const too_long[] = {long_value, NULL};
    ok(load(BASE, too_long) == NULL, "a value longer than a line of a file may be");
    has(diag.text, "is refused",
        "BEARER_REALM (environment): is longer than 4096 bytes; shorten it", NULL);
    char *const del[] = {(char[]){"BEARER_REALM=a\x7f"}, NULL};
    ok(load(BASE, del) == NULL, "DEL");
    has(diag.text, "is a control character too", "BEARER_REALM (environment)",
        "control character (octet 2)", NULL);
    char *const policy[] = {(char[]){"BEARER_REQUIRE=valid-token"}, NULL};
    ok(load(BASE, policy) == NULL, "BEARER_REQUIRE in the environment of a process");
    has(diag.text, "would go unheeded", "BEARER_REQUIRE (environment): is not a setting",
        "for each location", NULL);
    origin.plain_cgi = true;
    ok(load(BASE, policy) != NULL, "where that is the request's it belongs there");
    origin.plain_cgi = false;
    char *const output[] = {(char[]){"BEARER_SUB=me"}, NULL};
    ok(load(BASE, output) != NULL, "what an authorizer says may come back, and says nothing");
}

static void names(void)
{
    char unknown[] =
        "BEARER_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX=SECRET\n";
    char text[1000];
    snprintf(text, sizeof text, BASE "%s", unknown);
    refused(text, "BEARER_XXX|env:3|no setting of this name; remove it",
            "a name that is near none of ours is refused all the same");
    is_string(config_nearest(unknown, 63), NULL, "nor is a name of 63 octets near one");
    is_string(config_nearest(unknown, 64), NULL, "or a longer one");
    is_string(config_nearest("AUTH0_DOMAI~", 12), "AUTH0_DOMAIN",
              "a sign that no name has is one edit");
    ok(load(BASE "A_ROLE=x\nAUTH0_=x\nMY_LOG_LEVEL=x\n", nothing) != NULL,
       "a name that only ends like one of ours");
    is_string(said, "", "is nobody's business");
    is_string(config_nearest("REALM", 5), NULL, "without its prefix a name is near none");
    ok(!config_name_is_ours("BEVERAGE", 8) && config_name_is_ours("bearer_x", 8),
       "nor is every B one of ours");
    is_string(config_name(CONFIG__NAMES), "", "there is no name behind the last");
}

static void folders(void)
{
    const char *system = origin.sysconf_file;
    origin.sysconf_file = NULL;
    ok(load(NULL, nothing) == NULL, "no file anywhere");
    has(said, "and none is named that there cannot be",
        "AUTH0_DOMAIN: ", "there is no bearer.env beside the program)", NULL);
    origin.sysconf_file = system;

    char *home = origin.program_dir;
    char with_slash[8300];
    snprintf(with_slash, sizeof with_slash, "%s/", home);
    origin.program_dir = with_slash;
    struct config *config = load(BASE, nothing);
    is_string(config != NULL ? config->file : said, at("program/bearer.env"),
              "a slash at the end of the folder is not doubled");
    origin.program_dir =
        (char[]){"(unreachable)/program"}; /* as /proc/self/exe has it in another root */
    origin.sysconf_file = NULL;
    ok(load(NULL, nothing) == NULL, "no file beside a program that lies in no folder");
    origin.sysconf_file = system;
    origin.program_dir = home;
}

/* The caller's: where the cache is for this environment, without any file. */
static char *cache_for(char *home)
{
    char *const environment[] = {(char[]){"BEARER_CONFIG="}, (char[]){"AUTH0_DOMAIN=x.example"},
                                 (char[]){"AUTH0_API_AUDIENCE=a"}, home, NULL};
    struct config *config = load(NULL, environment);
    return config != NULL && config->cache_dir != NULL ? strdup(config->cache_dir) : NULL;
}

static void users(void)
{
    char *dir = cache_for((char[]){"HOME=/home/x"});
    is_string(dir, "/home/x/.cache/fcgi-bearer", "a cache in the home directory");
    free(dir);
    origin.cache_dir = "/nowhere/cache";
    dir = cache_for((char[]){"HOME=/home/x"});
    is_string(dir, "/home/x/.cache/fcgi-bearer", "also if the system's is not there");
    free(dir);
    origin.cache_dir = NULL;
    if (!needs_root("a user without an entry")) {
        return;
    }
    become(STRANGER);
    dir = cache_for((char[]){"HOMEPAGE=/home/x"});
    become(0);
    is_string(
        dir, NULL,
        "nobody's home: there is nowhere to keep keys, and no other variable is taken for HOME");
    free(dir);
}

static void without_proc(void)
{
    if (!needs_root("a root directory without /proc")) {
        return;
    }
    struct config_origin self;
    int outside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    make_directory(at("root"), 0755);
    if (outside < 0 || chroot(at("root")) != 0) {
        tempdir_bail("chroot");
    }
    config_origin_self(&self, nothing);
    if (fchdir(outside) != 0 || chroot(".") != 0) {
        tempdir_bail("chroot back");
    }
    close(outside);
    ok(self.program_dir == NULL, "without /proc the program's folder is not known");
    ok(self.program_owner == (uid_t)-1, "nor is its owner, and nobody is taken for it");
    config_origin_clear(&self);
}

int main(void)
{
    config_test_begin();
    environments();
    names();
    folders();
    users();
    without_proc();
    return config_test_end();
}
