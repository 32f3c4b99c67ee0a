/* A secure store for perennial_open_module_with_store: one file for each item,
 * and the faults of app/keychain.mjs. It is C so that it answers on the threads
 * of the library, as a platform's own store does. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, ABSENT = 1, LOCKED = 2, FAILED = 5 };
enum { MAX_ITEMS = 64, MAX_NAME = 256, MAX_PATH = 4096 };

static struct {
	char folder[MAX_PATH];
	int64_t locked_ms, delay_ms, fail_writes_ms;
	int fail_reads, empty_reads;
	struct timespec opened;
	pthread_mutex_t mutex;
	int items;
	struct { char name[MAX_NAME]; int reads; } item[MAX_ITEMS];
} plan = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* One store for each process, as on a device. */
void host_store_open(const char *folder, int64_t locked_ms, int64_t delay_ms, int64_t fail_writes_ms, int fail_reads,
                     int empty_reads) {
	snprintf(plan.folder, sizeof plan.folder, "%s", folder);
	plan.locked_ms = locked_ms;
	plan.delay_ms = delay_ms;
	plan.fail_writes_ms = fail_writes_ms;
	plan.fail_reads = fail_reads;
	plan.empty_reads = empty_reads;
	clock_gettime(CLOCK_MONOTONIC, &plan.opened);
	mkdir(folder, 0700);
}

static int64_t age_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - plan.opened.tv_sec) * 1000 + (now.tv_nsec - plan.opened.tv_nsec) / 1000000;
}

static int reach(int write) {
	if (plan.delay_ms > 0)
		usleep((useconds_t)plan.delay_ms * 1000);
	if (age_ms() < plan.locked_ms)
		return LOCKED;
	return write && age_ms() < plan.fail_writes_ms ? FAILED : OK;
}

/* How often the item was read before. */
static int reads_before(const char *name) {
	int i, reads = 0;
	pthread_mutex_lock(&plan.mutex);
	for (i = 0; i < plan.items && strcmp(plan.item[i].name, name) != 0; i++)
		;
	if (i < MAX_ITEMS) {
		if (i == plan.items) {
			snprintf(plan.item[i].name, MAX_NAME, "%s", name);
			plan.items++;
		}
		reads = plan.item[i].reads++;
	}
	pthread_mutex_unlock(&plan.mutex);
	return reads;
}

static int path_of(char *path, const char *name, const char *suffix) {
	if (strchr(name, '/') != NULL)
		return -1;
	return snprintf(path, MAX_PATH, "%s/%s%s", plan.folder, name, suffix) < MAX_PATH ? 0 : -1;
}

int host_store_get(void *context, const char *name, uint8_t **value, size_t *length) {
	char path[MAX_PATH];
	struct stat info;
	int code = reach(0), reads, file;
	ssize_t got;
	(void)context;
	if (code != OK)
		return code;
	reads = reads_before(name);
	if (reads < plan.fail_reads)
		return FAILED;
	if (reads < plan.empty_reads)
		return ABSENT;
	if (path_of(path, name, "") != 0)
		return FAILED;
	if ((file = open(path, O_RDONLY)) < 0)
		return errno == ENOENT ? ABSENT : FAILED;
	if (fstat(file, &info) != 0 || (*value = malloc((size_t)info.st_size + 1)) == NULL) {
		close(file);
		return FAILED;
	}
	got = read(file, *value, (size_t)info.st_size);
	close(file);
	*length = (size_t)info.st_size;
	return got == info.st_size ? OK : FAILED;
}

int host_store_set(void *context, const char *name, const uint8_t *value, size_t length) {
	static int serial;
	char path[MAX_PATH], fresh[MAX_PATH], suffix[32];
	int code = reach(1), file, whole;
	(void)context;
	if (code != OK)
		return code;
	snprintf(suffix, sizeof suffix, ".%d.new", __sync_add_and_fetch(&serial, 1));
	if (path_of(path, name, "") != 0 || path_of(fresh, name, suffix) != 0)
		return FAILED;
	if ((file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600)) < 0)
		return FAILED;
	whole = write(file, value, length) == (ssize_t)length;
	close(file);
	return whole && rename(fresh, path) == 0 ? OK : FAILED;
}

int host_store_remove(void *context, const char *name) {
	char path[MAX_PATH];
	int code = reach(1);
	(void)context;
	if (code != OK)
		return code;
	if (path_of(path, name, "") != 0)
		return FAILED;
	return unlink(path) == 0 || errno == ENOENT ? OK : FAILED;
}

void host_store_release(void *context, uint8_t *value) {
	(void)context;
	free(value);
}
