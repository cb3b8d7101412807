/* SPDX-License-Identifier: MIT */
#include "config/config_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config_table.h"

#define END ".env"

static void add_octets(uint64_t *hash, const void *octets, size_t length)
{
    const unsigned char *octet = octets;
    for (size_t i = 0; i < length; i++) {
        *hash = (*hash ^ octet[i]) * UINT64_C(0x100000001b3);
    }
}

/* FNV-1a of what tells a file from another, and from itself before a change. */
static uint64_t sum_of(const char *name, int error, const struct stat *status)
{
    const int64_t parts[] = {error,
                             (int64_t)status->st_dev,
                             (int64_t)status->st_ino,
                             (int64_t)status->st_size,
                             status->st_mtim.tv_sec,
                             status->st_mtim.tv_nsec,
                             status->st_ctim.tv_sec,
                             status->st_ctim.tv_nsec};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    add_octets(&hash, name, strlen(name));
    add_octets(&hash, parts, sizeof parts);
    return hash;
}

static bool is_later(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec > other->tv_sec ||
           (one->tv_sec == other->tv_sec && one->tv_nsec > other->tv_nsec);
}

/* Takes up one file. They come in any order, so sums are added. */
static void take(struct config_folder *folder, int dir, const char *file)
{
    struct stat status = {0};
    const size_t length = strlen(file);
    const size_t end = sizeof END - 1;
    if (file[0] == '.' || length < end || strcmp(file + length - end, END) != 0) {
        return;
    }
    const int error = fstatat(dir, file, &status, 0) == 0 ? 0 : errno;
    folder->sum += sum_of(file, error, &status);
    if (error == 0 && is_later(&status.st_mtim, &folder->newest)) {
        folder->newest = status.st_mtim;
    }
    if (!config_profile_name_is_good(file, length - end)) {
        memcpy(folder->stray, file, length + 1);
        return;
    }
    if (folder->count < CONFIG_PROFILES_MAX - 1) {
        memcpy(folder->names[folder->count], file, length - end);
        folder->names[folder->count][length - end] = '\0';
    }
    folder->count++;
}

static int compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

void config_folder_look(const char *path, struct config_folder *folder)
{
    *folder = (struct config_folder){.error = 0};
    if (path == NULL) {
        return;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        folder->error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    errno = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        take(folder, fd, entry->d_name);
        errno = 0;
    }
    folder->error = errno;
    closedir(dir);
    const size_t named =
        folder->count < CONFIG_PROFILES_MAX - 1 ? folder->count : CONFIG_PROFILES_MAX - 1;
    qsort(folder->names, named, sizeof folder->names[0], compare);
}
