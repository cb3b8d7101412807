/* SPDX-License-Identifier: MIT */
#include "base/safefile.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "tap.h"
#include "tempdir.h"

#define NOBODY   ((uid_t)-1)
#define STRANGER 4711
#define WORKER   4712

static struct diag diag;

static enum safe_result check(const char *path, uid_t also)
{
    diag.text[0] = '\0';
    return safe_check(path, also, &diag);
}

static void reading(void)
{
    char *text = NULL;
    size_t length = 0;
    struct stat st;
    struct stat real;
    const char *path = put(at("plain"), "hello\n");
    is_number(safe_read(path, NOBODY, 100, &text, &length, &st, &diag), SAFE_OK,
              "a file of ours is read");
    is_string(text, "hello\n", "all of it, with a NUL after it");
    is_number(length, 6, "which does not count");
    ok(stat(path, &real) == 0 && safe_same(&st, &real), "its identity is told");
    free(text);

    put_bytes(at("nul"), "a\0b", 3, 0600);
    is_number(safe_read(at("nul"), NOBODY, 3, &text, &length, NULL, NULL), SAFE_OK,
              "as many bytes as allowed, no place for identity or message");
    ok(length == 3 && memcmp(text, "a\0b", 4) == 0, "a NUL inside is kept");
    free(text);

    is_number(safe_read(put(at("empty"), ""), NOBODY, 0, &text, &length, NULL, &diag), SAFE_OK,
              "an empty file");
    ok(length == 0 && text != NULL && *text == '\0', "is an empty text");
    free(text);

    is_number(safe_read(path, NOBODY, 5, &text, &length, NULL, &diag), SAFE_FAILED,
              "one byte more than allowed");
    ok(text == NULL && length == 0, "nothing is handed out");
    has(diag.text, "and the message says how much is", path, "longer than 5 bytes", NULL);
    is_number(safe_read(path, NOBODY, SIZE_MAX, &text, &length, NULL, &diag), SAFE_FAILED,
              "a limit that cannot be is an error, not an overflow");
}

static void missing(void)
{
    is_number(check(at("none"), NOBODY), SAFE_MISSING, "no such file");
    has(diag.text, "says so", at("none"), "does not exist", NULL);
    is_number(check(at("none/none"), NOBODY), SAFE_MISSING, "no such directory");
    is_number(check(at("plain/none"), NOBODY), SAFE_MISSING, "a file where a directory should be");
    is_number(check("plain", NOBODY), SAFE_FAILED, "a relative path is refused");
    has(diag.text, "and what to write instead is said", "plain", "absolute path", "begins with /",
        NULL);
    is_number(check("", NOBODY), SAFE_FAILED, "so is none");
    is_number(check(at("%s", ""), NOBODY), SAFE_FAILED, "so is a path that ends in a slash");
}

static void modes(void)
{
    static const mode_t bad[] = {0620, 0602, 0666, 0660};
    const char *path = put(at("mode"), "x");
    char remedy[8300];
    snprintf(remedy, sizeof remedy, "run: chmod go-w %s", path);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char mode[16];
        snprintf(mode, sizeof mode, "%04o", (unsigned)bad[i]);
        ok(chmod(path, bad[i]) == 0 && check(path, NOBODY) == SAFE_FAILED,
           "a file of mode %s is refused", mode);
        has(diag.text, "with the command to run", mode, remedy, NULL);
    }
    ok(chmod(path, 0644) == 0 && check(path, NOBODY) == SAFE_OK, "after which it is read");

    make_directory(at("open"), 0775);
    put(at("open/file"), "x");
    is_number(check(at("open/file"), NOBODY), SAFE_FAILED,
              "a directory that its group can write is refused");
    snprintf(remedy, sizeof remedy, "run: chmod go-w %s", at("open"));
    has(diag.text, "and named, with the command", "the directory", remedy, NULL);
    is_number(check(at("open/none"), NOBODY), SAFE_MISSING,
              "a file that is not in it is missing, no more");

    make_directory(at("a b"), 0755);
    put_bytes(at("a b/it"), "x", 1, 0666);
    check(at("a b/it"), NOBODY);
    snprintf(remedy, sizeof remedy, "chmod go-w '%s'", at("a b/it"));
    has(diag.text, "a path with a blank is quoted for the shell", remedy, NULL);
    put_bytes(at("x\ny"), "x", 1, 0666);
    check(at("x\ny"), NOBODY);
    ok(strchr(diag.text, '\n') == NULL && strstr(diag.text, "x\\x0ay") != NULL,
       "a newline in a path is escaped");
}

static void kinds(void)
{
    make_directory(at("directory"), 0755);
    is_number(check(at("directory"), NOBODY), SAFE_FAILED, "a directory is refused");
    has(diag.text, "for not being a file", at("directory"), "not a regular file", NULL);

    ok(mkfifo(at("fifo"), 0600) == 0, "a FIFO without a writer");
    alarm(20); /* a hang ends here */
    is_number(check(at("fifo"), NOBODY), SAFE_FAILED, "is refused and does not hang");
    has(diag.text, "for not being a file", "not a regular file", NULL);
    ok(symlink("/dev/zero", at("zero")) == 0 && check(at("zero"), NOBODY) == SAFE_FAILED,
       "a link to a device is refused");
    has(diag.text, "for not being a file", "/dev/zero", "not a regular file", NULL);
    alarm(0);
}

static void links(void)
{
    char target[8300];
    make_directory(at("real"), 0755);
    make_directory(at("links"), 0755);
    put(at("real/file"), "linked");
    ok(symlink("../real/file", at("links/relative")) == 0 &&
           symlink(at("real/file"), at("links/absolute")) == 0 &&
           symlink("relative", at("links/chain")) == 0,
       "links");
    is_number(check(at("links/relative"), NOBODY), SAFE_OK, "a relative link is followed");
    is_number(check(at("links/absolute"), NOBODY), SAFE_OK, "an absolute one");
    char *text = NULL;
    size_t length = 0;
    ok(safe_read(at("links/chain"), NOBODY, 10, &text, &length, NULL, &diag) == SAFE_OK &&
           strcmp(text, "linked") == 0,
       "a link to a link");
    free(text);

    ok(chmod(at("links"), 0777) == 0, "now others could plant a link");
    is_number(check(at("links/absolute"), NOBODY), SAFE_FAILED, "so those there are not followed");
    snprintf(target, sizeof target, "chmod go-w %s", at("links"));
    has(diag.text, "and their directory is named", target, NULL);
    ok(symlink(at("links/absolute"), at("real/through")) == 0 &&
           check(at("real/through"), NOBODY) == SAFE_FAILED,
       "nor by way of a link from a good place");
    has(diag.text, "their directory is named", "links", "chmod go-w", NULL);

    ok(chmod(at("links"), 0755) == 0 && chmod(at("real"), 0757) == 0,
       "now others could replace the file");
    is_number(check(at("links/absolute"), NOBODY), SAFE_FAILED, "so a link to it is refused");
    snprintf(target, sizeof target, "chmod go-w %s", at("real"));
    has(diag.text, "and its directory is named", target, NULL);
    ok(chmod(at("real"), 0755) == 0 && chmod(at("real/file"), 0666) == 0 &&
           check(at("links/absolute"), NOBODY) == SAFE_FAILED,
       "a link to a file that others can write");
    snprintf(target, sizeof target, "chmod go-w %s", at("real/file"));
    has(diag.text, "names the file itself", target, NULL);

    ok(symlink("nowhere", at("links/dangling")) == 0 &&
           check(at("links/dangling"), NOBODY) == SAFE_FAILED,
       "a dangling link is an error, not a missing file");
    has(diag.text, "that says where it points", at("links/dangling"), at("links/nowhere"),
        "does not exist", NULL);
    ok(symlink("loop", at("links/loop")) == 0 && check(at("links/loop"), NOBODY) == SAFE_FAILED,
       "a loop ends");
    has(diag.text, "and is called one", at("links/loop"), "circles", NULL);
}

/* How each level on the way stands: owner, mode, and what comes out for root and for WORKER.
 * `deep/a` is the level, `deep/a/b/file` the file. */
static void ancestors(void)
{
    static const struct {
        const char *test;
        uid_t owner;
        mode_t mode;
        bool good;
        const char *said; /* if not good */
    } rows[] = {
        {"D10: a home, 0711", WORKER, 0711, true, NULL},
        {"D10: a home, 0755", WORKER, 0755, true, NULL},
        {"D10: a home that the web server's group may enter", WORKER, 0750, true, NULL},
        {"D10: root's level", 0, 0755, true, NULL},
        {"D10: a level that its group can write, a private group too", WORKER, 0775, false,
         "chmod go-w"},
        {"D10: a level that everybody can write", WORKER, 0777, false, "chmod go-w"},
        {"D10: a level of a stranger's", STRANGER, 0755, false, "chown root"},
        {"D10: a stranger's level that is sticky", STRANGER, 01777, false, "chown root"},
        {"D10: a sticky level of root's", 0, 01777, true, NULL},
        {"D10: a sticky level of root's for a group", 0, 01775, true, NULL},
        {"D10: a sticky level of the worker's own", WORKER, 01777, false, "move the file"},
    };
    if (!needs_root("D10: levels of other users")) {
        return;
    }
    make_directory(at("deep"), 0755);
    make_directory(at("deep/a"), 0755);
    make_directory(at("deep/a/b"), 0755);
    put(at("deep/a/b/file"), "x");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ok(chown(at("deep/a"), rows[i].owner, WORKER) == 0 &&
               chmod(at("deep/a"), rows[i].mode) == 0,
           "%s:", rows[i].test);
        become(WORKER);
        const char *base = NULL;
        enum safe_result wanted = rows[i].good ? SAFE_OK : SAFE_FAILED;
        is_number(check(at("deep/a/b/file"), NOBODY), wanted, "a file two levels down");
        if (!rows[i].good) {
            has(diag.text, "names that level and what to do", "the directory", at("deep/a"),
                rows[i].said, NULL);
        }
        is_number(check(at("deep/a/b/none"), NOBODY), SAFE_MISSING,
                  "what is not there is missing, no more");
        int dir = safe_parent(at("deep/a/b/cache"), NOBODY, &base, &diag);
        ok((dir >= 0) == rows[i].good && strcmp(base, "cache") == 0,
           "a directory to be made there likewise");
        cleanup_fd(&dir);
        become(0);
    }
    ok(chown(at("deep/a"), STRANGER, STRANGER) == 0 && chmod(at("deep/a"), 0755) == 0 &&
           check(at("deep/a/b/file"), STRANGER) == SAFE_OK,
       "D10: a level of the program's owner is a good one");
    ok(chown(at("deep/a"), 65534, 65534) == 0 && check(at("deep/a/b/file"), 65534) == SAFE_FAILED,
       "D10: nobody is the program's owner who is every user that a user namespace does not have");
}

/* /tmp and its like: what is in it counts for whose it is. */
static void shared(void)
{
    if (!needs_root("D10: what others put into a sticky directory")) {
        return;
    }
    make_directory(at("sticky"), 01777);
    put(at("sticky/file"), "x");
    is_number(check(at("sticky/file"), NOBODY), SAFE_OK,
              "D10: root's file in a sticky directory of root's");
    ok(chown(at("sticky/file"), STRANGER, STRANGER) == 0 &&
           check(at("sticky/file"), NOBODY) == SAFE_FAILED,
       "D10: a stranger's file there is refused");
    ok(strstr(diag.text, "remove it and make your own") != NULL &&
           strstr(diag.text, "chown") == NULL,
       "and nobody is told to make it root's");
    make_directory(at("sticky/theirs"), 0755);
    put(at("sticky/theirs/file"), "x");
    ok(chown(at("sticky/theirs"), STRANGER, STRANGER) == 0 &&
           check(at("sticky/theirs/file"), NOBODY) == SAFE_FAILED,
       "D10: so is what lies in a stranger's directory there");
    put(at("good"), "x");
    ok(symlink("../good", at("sticky/link")) == 0 && check(at("sticky/link"), NOBODY) == SAFE_OK,
       "D10: root's link there is followed");
    ok(lchown(at("sticky/link"), STRANGER, STRANGER) == 0 &&
           check(at("sticky/link"), NOBODY) == SAFE_FAILED,
       "D10: a stranger's link is not");
    has(diag.text, "and is named", "the link", at("sticky/link"), "uid 4711", "remove it", NULL);
    ok(symlink("../links", at("sticky/way")) == 0 &&
           lchown(at("sticky/way"), STRANGER, STRANGER) == 0 &&
           check(at("sticky/way/relative"), NOBODY) == SAFE_FAILED,
       "D10: nor one on the way");
    has(diag.text, "which is named too", "the link", at("sticky/way"), NULL);
}

/* A volume of Kubernetes: mode 1777, the files behind two links of root's. */
static void volume(void)
{
    char *text = NULL;
    size_t length = 0;
    if (!needs_root("D10: a volume of Kubernetes")) {
        return;
    }
    make_directory(at("volume"), 03777);
    make_directory(at("volume/..2026_01_01_00_00_00.1"), 02755);
    put(at("volume/..2026_01_01_00_00_00.1/jwks.json"), "keys");
    ok(symlink("..2026_01_01_00_00_00.1", at("volume/..data")) == 0 &&
           symlink("..data/jwks.json", at("volume/jwks.json")) == 0,
       "links");
    become(WORKER);
    ok(safe_read(at("volume/jwks.json"), NOBODY, 10, &text, &length, NULL, &diag) == SAFE_OK &&
           strcmp(text, "keys") == 0,
       "D10: a file of a volume is read");
    free(text);
    become(0);
    make_directory(at("volume/..evil"), 0755);
    put(at("volume/..evil/jwks.json"), "keys");
    ok(chown(at("volume/..evil"), STRANGER, STRANGER) == 0 &&
           symlink("..evil", at("volume/..new")) == 0 &&
           rename(at("volume/..new"), at("volume/..data")) == 0 &&
           check(at("volume/jwks.json"), NOBODY) == SAFE_FAILED,
       "D10: but not what a stranger has put beside it, by whosever link");
    has(diag.text, "which is named", "..evil", "uid 4711", NULL);
}

static void on_the_way(void)
{
    char *text = NULL;
    size_t length = 0;
    const char *base = NULL;
    make_directory(at("way"), 0755);
    put(at("way/linked"), "linked");
    ok(symlink("../way", at("way/up")) == 0 && symlink(at("way/up"), at("way/again")) == 0,
       "links");
    ok(safe_read(at("way/again/../way//./linked"), NOBODY, 10, &text, &length, NULL, &diag) ==
               SAFE_OK &&
           strcmp(text, "linked") == 0,
       "D10: links, dots and slashes on the way are what they are to everybody");
    free(text);
    ok(symlink("round", at("way/round")) == 0 && check(at("way/round/file"), NOBODY) == SAFE_FAILED,
       "D10: a loop on the way ends");
    has(diag.text, "and is called one", "circles", NULL);
    is_number(safe_parent(at("way/none/x"), NOBODY, &base, &diag), -1, "a level that is not there");
    ok(errno == ENOENT && strstr(diag.text, "its directory does not exist") != NULL,
       "is told from a bad one");
    int dir = safe_parent("/", NOBODY, &base, &diag);
    ok(dir >= 0 && strcmp(base, ".") == 0, "the root directory is in itself");
    cleanup_fd(&dir);
    is_number(safe_parent("x", NOBODY, &base, &diag), -1, "a relative path leads nowhere");
    dir = safe_open(at("good"), NOBODY, &diag);
    ok(dir >= 0 || access(at("good"), F_OK) != 0, "an open file");
    cleanup_fd(&dir);
    is_number(safe_open(at("way"), NOBODY, &diag), -1, "which a directory is not");
}

static void owners(void)
{
    if (!needs_root("files of other users")) {
        return;
    }
    char remedy[8300];
    const char *path = put(at("owned"), "x");
    ok(chown(path, STRANGER, STRANGER) == 0 && check(path, NOBODY) == SAFE_FAILED,
       "root does not take a stranger's file");
    snprintf(remedy, sizeof remedy, "run: chown root %s", path);
    has(diag.text, "and says who it is and what to run", "uid 4711", "root (who runs this)", remedy,
        NULL);
    is_number(check(path, WORKER), SAFE_FAILED,
              "the program's owner does not help if it is another");
    is_number(check(path, STRANGER), SAFE_OK, "but if it is the same");
    become(WORKER);
    is_number(check(path, NOBODY), SAFE_FAILED, "a worker does not take a stranger's file");
    has(diag.text, "and says who is who", "uid 4711", "uid 4712", NULL);
    is_number(check(path, STRANGER), SAFE_OK, "but that of the program's owner");
    is_number(check(at("plain"), NOBODY), SAFE_OK, "and root's");
    become(0);
    ok(chown(path, WORKER, WORKER) == 0, "its own file");
    become(WORKER);
    is_number(check(path, NOBODY), SAFE_OK, "it takes too");
    become(0);

    put_bytes(at("secret"), "x", 1, 0600);
    make_directory(at("closed"), 0700);
    put(at("closed/file"), "x");
    become(WORKER);
    is_number(check(at("secret"), NOBODY), SAFE_FAILED, "a file it may not read is an error");
    has(diag.text, "with what to run", at("secret"), "uid 4712: permission denied", "chgrp",
        "chmod g+r", NULL);
    is_number(check(at("closed/file"), NOBODY), SAFE_FAILED,
              "so is one in a directory it may not enter");
    is_number(check(at("closed/none"), NOBODY), SAFE_FAILED,
              "for what is not there cannot be known");
    become(0);
    is_number(chmod(at("closed"), 0711), 0, "a directory that it may enter but not list");
    become(WORKER);
    is_number(check(at("closed/file"), NOBODY), SAFE_OK, "is enough");
    become(0);

    make_directory(at("theirs"), 0755);
    put(at("theirs/file"), "x");
    ok(chown(at("theirs"), STRANGER, STRANGER) == 0 &&
           check(at("theirs/file"), NOBODY) == SAFE_FAILED,
       "root's file in a stranger's directory is refused");
    snprintf(remedy, sizeof remedy, "run: chown root %s", at("theirs"));
    has(diag.text, "and the directory named", "the directory", remedy, NULL);
    is_number(check(at("theirs/file"), STRANGER), SAFE_OK, "unless the program is that stranger's");
}

static void in_the_root_directory(void)
{
    is_number(safe_check("/fcgi-bearer-has-no-such-file", NOBODY, &diag), SAFE_MISSING,
              "a file of the root directory that is not there");
    has(diag.text, "is missing, and nothing else", "/fcgi-bearer-has-no-such-file does not exist",
        NULL);
}

static void identity(void)
{
    struct stat one = {0};
    struct stat other = {0};
    const char *path = put(at("same"), "one");
    ok(stat(path, &one) == 0 && stat(path, &other) == 0 && safe_same(&one, &other),
       "an unchanged file is the same");
    other.st_size++;
    ok(!safe_same(&one, &other), "another size");
    other = one;
    other.st_ino++;
    ok(!safe_same(&one, &other), "another inode");
    other = one;
    other.st_dev++;
    ok(!safe_same(&one, &other), "another device");
    other = one;
    other.st_mtim.tv_nsec ^= 1;
    ok(!safe_same(&one, &other), "a nanosecond later");
    other = one;
    other.st_mtim.tv_sec++;
    ok(!safe_same(&one, &other), "a second later");
    other = one;
    other.st_ctim.tv_sec++;
    ok(!safe_same(&one, &other), "another ctime");
    other = one;
    other.st_atim.tv_sec++;
    ok(safe_same(&one, &other), "being read is no change");
}

static void writing(void)
{
    static const char many[70000] = "x";
    int ends[2];
    ok(pipe2(ends, O_CLOEXEC) == 0 && safe_write_all(ends[1], "abc", 3),
       "three octets into a pipe");
    char back[4] = "";
    ok(read(ends[0], back, 3) == 3 && strcmp(back, "abc") == 0, "are three octets out of it");
    ok(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 && !safe_write_all(ends[1], many, sizeof many) &&
           errno == EAGAIN,
       "a pipe that takes only a part is a failure with its reason");
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    ok(!safe_write_all(ends[1], "x", 1) && errno == EPIPE, "so is one that nobody reads");
    close(ends[1]);
    ok(safe_write_all(-1, "", 0), "nothing is always written");
}

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count;
}

int main(void)
{
    tempdir_make();
    int before = open_descriptors();
    reading();
    missing();
    modes();
    kinds();
    links();
    ancestors();
    shared();
    volume();
    on_the_way();
    owners();
    in_the_root_directory();
    identity();
    writing();
    is_number(open_descriptors(), before, "no descriptor is left open");
    return tap_done();
}
