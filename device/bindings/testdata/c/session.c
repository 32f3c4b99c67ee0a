/*
 * A program that keeps somebody signed in, over the C interface. Each run is
 * one launch: session LAUNCH OPTIONS. What went wrong is said on standard
 * error, with exit status 1.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perennial.h"

static void fail(const char *what, const char *answer) {
	fprintf(stderr, "%s: %s\n", what, answer ? answer : "");
	exit(1);
}

/* Ends the program unless the answer contains text; returns the answer. */
static char *want(const char *what, char *answer, const char *text) {
	if (answer == NULL || strstr(answer, text) == NULL) {
		fail(what, answer);
	}
	return answer;
}

static void drop(const char *what, char *answer, const char *text) {
	perennial_free(want(what, answer, text));
}

/* Reads the number behind a name; there is no JSON parser in C. */
static int64_t number(const char *answer, const char *name) {
	const char *at = strstr(answer, name);
	if (at == NULL) {
		fail(name, answer);
	}
	return strtoll(at + strlen(name), NULL, 10);
}

static int64_t open_device(const char *options, const perennial_store *store) {
	char *answer = store ? perennial_open_with_store(options, store) : perennial_open(options);
	want("open", answer, "{\"ok\":true");
	int64_t device = number(answer, "\"device\":");
	perennial_free(answer);
	return device;
}

static int64_t watch_device(int64_t device) {
	char *answer = want("watch", perennial_watch(device), "\"watch\":");
	int64_t watch = number(answer, "\"watch\":");
	perennial_free(answer);
	return watch;
}

/* Follows the states until one contains text; they must come without gaps. */
static void await_state(int64_t watch, const char *text, int64_t *sequence) {
	for (;;) {
		char *answer = want("next", perennial_next(watch, 30000), "\"sequence\":");
		int64_t now = number(answer, "\"sequence\":");
		if (*sequence >= 0 && now != *sequence + 1) {
			fail("a state is missing before", answer);
		}
		*sequence = now;
		int found = strstr(answer, text) != NULL;
		perennial_free(answer);
		if (found) {
			return;
		}
	}
}

static void sign_up(const char *options) {
	char line[256];
	int64_t device = open_device(options, NULL);
	drop("restore", perennial_call(device, "restore", NULL), "\"verdict\":\"signed-out\"");
	drop("sign_up", perennial_call(device, "sign_up",
		"{\"email\":\"ada@example.com\",\"password\":\"a long enough pass phrase 1815\"}"), "\"step\":\"needs-code\"");
	printf("code?\n");
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL) {
		fail("code", NULL);
	}
	line[strcspn(line, "\n")] = 0;
	char arguments[512];
	snprintf(arguments, sizeof arguments, "{\"code\":\"%s\"}", line);
	drop("submit_code", perennial_call(device, "submit_code", arguments), "\"step\":\"complete\"");
	drop("state", perennial_call(device, "state", ""), "\"signed_in\":true");
	drop("close", perennial_close(device), "{\"ok\":true}");
}

static void *ask_token(void *argument) {
	return perennial_call(*(int64_t *)argument, "token", "{}");
}

static void restore(const char *options) {
	enum { callers = 16 };
	int64_t sequence = -1;
	int64_t device = open_device(options, NULL);
	int64_t watch = watch_device(device);
	drop("restore", perennial_call(device, "restore", "{}"), "\"signed_in\":true");
	await_state(watch, "\"verdict\":\"active\"", &sequence);

	pthread_t threads[callers];
	for (int i = 0; i < callers; i++) {
		pthread_create(&threads[i], NULL, ask_token, &device);
	}
	for (int i = 0; i < callers; i++) {
		void *answer;
		pthread_join(threads[i], &answer);
		drop("token", answer, "{\"ok\":true,\"result\":{\"token\":\"ey");
	}
	char *token = want("token", perennial_call(device, "token", "{}"), "\"token\":\"");
	printf("%s\n", token);
	perennial_free(token);
	drop("explain", perennial_call(device, "explain", "{}"), "Now: ");

	drop("sign_out", perennial_call(device, "sign_out", "{}"), "{\"ok\":true");
	await_state(watch, "\"verdict\":\"signed-out\",\"cause\":\"user\"", &sequence);
	drop("token after sign-out", perennial_call(device, "token", "{}"), "\"kind\":\"signed-out\"");
	drop("drain", perennial_call(device, "drain", "{}"), "{\"ok\":true");
	drop("close", perennial_close(device), "{\"ok\":true");
	/* What had happened before is still handed out, and then the end. */
	for (int over = 0; !over;) {
		char *answer = want("next after close", perennial_next(watch, 30000), "{\"ok\":true");
		over = strstr(answer, "\"over\":true") != NULL;
		perennial_free(answer);
	}
}

static void stay_out(const char *options) {
	int64_t device = open_device(options, NULL);
	drop("restore", perennial_call(device, "restore", "{}"), "\"verdict\":\"signed-out\",\"cause\":\"user\"");
	drop("close", perennial_close(device), "{\"ok\":true");
}

/* A store of the host: a few named values, in memory. */
struct values {
	pthread_mutex_t mutex;
	struct { char name[128]; uint8_t *value; size_t length; } item[64];
	int locked, lent;
};

static int find(struct values *v, const char *name) {
	for (int i = 0; i < 64; i++) {
		if (strcmp(v->item[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

static int get_value(void *context, const char *name, uint8_t **value, size_t *length) {
	struct values *v = context;
	int answer = PERENNIAL_STORE_OK;
	pthread_mutex_lock(&v->mutex);
	int i = find(v, name);
	if (v->locked) {
		answer = PERENNIAL_STORE_LOCKED;
	} else if (i < 0) {
		answer = PERENNIAL_STORE_ABSENT;
	} else {
		*value = malloc(v->item[i].length + 1);
		*length = v->item[i].length;
		memcpy(*value, v->item[i].value, *length);
		v->lent++;
	}
	pthread_mutex_unlock(&v->mutex);
	return answer;
}

static int set_value(void *context, const char *name, const uint8_t *value, size_t length) {
	struct values *v = context;
	int answer = PERENNIAL_STORE_OK;
	pthread_mutex_lock(&v->mutex);
	int i = find(v, name);
	if (i < 0) {
		i = find(v, "");
	}
	if (v->locked) {
		answer = PERENNIAL_STORE_LOCKED;
	} else if (i < 0 || strlen(name) >= sizeof v->item[i].name) {
		answer = PERENNIAL_STORE_FAILED;
	} else {
		strcpy(v->item[i].name, name);
		free(v->item[i].value);
		v->item[i].value = malloc(length + 1);
		v->item[i].length = length;
		memcpy(v->item[i].value, value, length);
	}
	pthread_mutex_unlock(&v->mutex);
	return answer;
}

static int remove_value(void *context, const char *name) {
	struct values *v = context;
	pthread_mutex_lock(&v->mutex);
	int i = find(v, name);
	if (i >= 0) {
		v->item[i].name[0] = 0;
	}
	pthread_mutex_unlock(&v->mutex);
	return i < 0 ? PERENNIAL_STORE_ABSENT : PERENNIAL_STORE_OK;
}

static void release_value(void *context, uint8_t *value) {
	struct values *v = context;
	pthread_mutex_lock(&v->mutex);
	v->lent--;
	pthread_mutex_unlock(&v->mutex);
	free(value);
}

static void own_store(const char *options) {
	static struct values values = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	perennial_store store = {&values, get_value, set_value, remove_value, release_value};
	int64_t device = open_device(options, &store);
	drop("sign_in", perennial_call(device, "sign_in",
		"{\"identifier\":\"ada@example.com\",\"password\":\"a long enough pass phrase 1815\"}"), "\"step\":\"complete\"");
	drop("close", perennial_close(device), "{\"ok\":true");

	values.locked = 1;
	device = open_device(options, &store);
	drop("restore while locked", perennial_call(device, "restore", "{}"),
		"\"verdict\":\"undetermined\",\"cause\":\"storage-locked\"");
	drop("token while locked", perennial_call(device, "token", "{\"timeout_ms\":2000}"), "{\"ok\":false");
	drop("close", perennial_close(device), "{\"ok\":true");

	values.locked = 0;
	device = open_device(options, &store);
	drop("restore", perennial_call(device, "restore", "{}"), "\"signed_in\":true");
	drop("close", perennial_close(device), "{\"ok\":true");
	if (values.lent != 0) {
		fail("values were not released", NULL);
	}
	drop("store without functions", perennial_open_with_store(options, NULL), "\"kind\":\"not-configured\"");
}

/* Nothing that a caller can get wrong may end the process. */
static void misuse(void) {
	drop("no options", perennial_open(NULL), "\"kind\":\"not-configured\"");
	drop("not json", perennial_open("\xff\xfe{"), "\"kind\":\"usage\"");
	drop("unknown option", perennial_open("{\"publishable_kye\":\"x\"}"), "publishable_kye");
	drop("no such device", perennial_call(99, "token", "{}"), "\"kind\":\"closed\"");
	drop("no device", perennial_call(0, NULL, NULL), "\"kind\":\"closed\"");
	drop("module without folder", perennial_open_module(NULL), "\"kind\":\"not-configured\"");
	drop("module with a key", perennial_open_module("{\"publishable_key\":\"x\"}"), "\"kind\":\"usage\"");
	drop("no such module", perennial_listen(99, "onAuthStateChange"), "\"kind\":\"closed\"");
	drop("no such watch", perennial_next(99, -1), "\"over\":true");
	drop("no such watch", perennial_unwatch(99), "{\"ok\":true");
	drop("no such device", perennial_close(99), "{\"ok\":true");
	drop("no such device", perennial_watch(99), "\"kind\":\"closed\"");
	perennial_free(NULL);
}

int main(int argc, char **argv) {
	if (perennial_interface() != PERENNIAL_INTERFACE || argc != 3) {
		fail("interface or arguments", NULL);
	}
	const char *launch = argv[1], *options = argv[2];
	if (strcmp(launch, "sign-up") == 0) {
		sign_up(options);
	} else if (strcmp(launch, "restore") == 0) {
		restore(options);
	} else if (strcmp(launch, "stay-out") == 0) {
		stay_out(options);
	} else if (strcmp(launch, "own-store") == 0) {
		own_store(options);
	} else if (strcmp(launch, "misuse") == 0) {
		misuse();
	} else {
		fail("launch", launch);
	}
	printf("done\n");
	return 0;
}
