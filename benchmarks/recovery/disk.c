/* A disk that can be cut off or be full, for drills: loaded before the C library (LD_PRELOAD), it sees what a process
 * writes to the files of one folder.
 *
 * DISK_FOLDER  the folder whose files are watched (atrium.db, atrium.db-wal and ack, by their names)
 * DISK_LOG     where writes, truncations and syncs are recorded, in order: a 16-byte header, then what was written
 * DISK_LIMIT   bytes that may be written to the folder; beyond them a write fails with ENOSPC
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC = 3 };
enum { OTHER = 255 };

struct entry {
    uint8_t kind, file;
    uint16_t unused;
    uint32_t size;
    uint64_t offset;
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1, ready = 0;
static long long left = -1;
static char folder[4096];

static void begin(void) {
    const char *name = getenv("DISK_LOG"), *limit = getenv("DISK_LIMIT"), *watched = getenv("DISK_FOLDER");
    ready = 1;
    snprintf(folder, sizeof folder, "%s/", watched ? watched : "/nowhere");
    if (name) log_fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (limit) left = atoll(limit);
}

static int file_of(int fd) {
    char link[64], path[4096];
    if (!ready) begin();
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return -1;
    path[n] = 0;
    if (strncmp(path, folder, strlen(folder))) return -1;
    const char *name = path + strlen(folder);
    if (!strcmp(name, "atrium.db")) return 0;
    if (!strcmp(name, "atrium.db-wal")) return 1;
    if (!strcmp(name, "ack")) return 2;
    return OTHER;
}

static void note(int kind, int file, uint64_t offset, const void *data, size_t size) {
    if (log_fd < 0 || file == OTHER) return;
    struct entry head = {(uint8_t)kind, (uint8_t)file, 0, (uint32_t)size, offset};
    char *whole = malloc(sizeof head + size);
    memcpy(whole, &head, sizeof head);
    if (size && data) memcpy(whole + sizeof head, data, size);
    pthread_mutex_lock(&guard);
    for (size_t done = 0, all = sizeof head + (data ? size : 0); done < all;) {
        long n = syscall(SYS_write, log_fd, whole + done, all - done);
        if (n <= 0) _exit(70);
        done += (size_t)n;
    }
    pthread_mutex_unlock(&guard);
    free(whole);
}

static int full(size_t size) {
    if (left < 0) return 0;
    if (left < (long long)size) {
        errno = ENOSPC;
        return 1;
    }
    left -= (long long)size;
    return 0;
}

ssize_t write(int fd, const void *data, size_t size) {
    int file = file_of(fd);
    if (file >= 0 && full(size)) return -1;
    off_t at = file >= 0 ? (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
    ssize_t n = syscall(SYS_write, fd, data, size);
    if (file >= 0 && n > 0) note(WRITE, file, (uint64_t)at, data, (size_t)n);
    return n;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    int file = file_of(fd);
    if (file >= 0 && full(size)) return -1;
    ssize_t n = syscall(SYS_pwrite64, fd, data, size, at);
    if (file >= 0 && n > 0) note(WRITE, file, (uint64_t)at, data, (size_t)n);
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

int ftruncate64(int fd, off64_t size) {
    int file = file_of(fd), done = (int)syscall(SYS_ftruncate, fd, size);
    if (file >= 0 && !done) note(TRUNCATE, file, (uint64_t)size, NULL, 0);
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fsync(int fd) {
    int file = file_of(fd), done = (int)syscall(SYS_fsync, fd);
    if (file >= 0 && !done) note(SYNC, file, 0, NULL, 0);
    return done;
}

int fdatasync(int fd) {
    int file = file_of(fd), done = (int)syscall(SYS_fdatasync, fd);
    if (file >= 0 && !done) note(SYNC, file, 0, NULL, 0);
    return done;
}
