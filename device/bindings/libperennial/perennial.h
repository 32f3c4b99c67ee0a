/*
 * The Perennial device core for programs in any language that can call C.
 *
 * Every function may be called from any thread, at the same time, and returns
 * text: one JSON object in UTF-8, either {"ok":true,"result":...} or
 * {"ok":false,"error":{"kind":...,"message":...}}. Give each returned text back
 * with perennial_free. Arguments are copied; they may be NULL where they may be
 * empty. A process that has loaded this library must not fork without exec.
 *
 * The methods of perennial_call are described in docs/bindings.md.
 */
#ifndef PERENNIAL_H
#define PERENNIAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. It grows when something is taken away. */
#define PERENNIAL_INTERFACE 1

/* What the functions of a perennial_store answer. */
enum {
	PERENNIAL_STORE_OK = 0,
	PERENNIAL_STORE_ABSENT = 1,   /* open, and nothing under this name */
	PERENNIAL_STORE_LOCKED = 2,   /* cannot be read now, may be later */
	PERENNIAL_STORE_DENIED = 3,   /* refuses this program */
	PERENNIAL_STORE_KEY_LOST = 4, /* there, and never readable again */
	PERENNIAL_STORE_FAILED = 5    /* anything else */
};

/*
 * A store that the host brings. The functions may be called from any thread,
 * also at the same time, until perennial_close has returned, and may block.
 */
typedef struct perennial_store {
	void *context;
	/* Sets *value and *length; release is called with the value later. */
	int (*get)(void *context, const char *name, uint8_t **value, size_t *length);
	/* Whole or not at all, and durable on return. */
	int (*set)(void *context, const char *name, const uint8_t *value, size_t length);
	int (*remove)(void *context, const char *name);
	void (*release)(void *context, uint8_t *value);
} perennial_store;

#ifndef PERENNIAL_TYPES_ONLY

/* The interface version of the loaded library. */
extern int perennial_interface(void);

/* Begins to restore a session and returns at once:
 * {"device":HANDLE,"state":{...}}. */
extern char *perennial_open(const char *options);

/* The same over a store of the host; the options say "vault":"host". The
 * structure is copied. */
extern char *perennial_open_with_store(const char *options, const perennial_store *store);

/* Makes a native module for the published Expo SDK: {"module":HANDLE}. It takes
 * the same calls as a device, with methods of its own. */
extern char *perennial_open_module(const char *options);
extern char *perennial_open_module_with_store(const char *options, const perennial_store *store);

/* Calls a method and waits for its answer. */
extern char *perennial_call(int64_t device, const char *method, const char *arguments);

/* Begins to follow the states of a device: {"watch":HANDLE}. */
extern char *perennial_watch(int64_t device);

/* Begins to follow one event of a native module: {"watch":HANDLE}. */
extern char *perennial_listen(int64_t module, const char *event);

/* Waits for the next state or event, at most timeout_ms (negative: without
 * limit): {"state":{...}|null,"over":false}. One thread at a time per watch. */
extern char *perennial_next(int64_t watch, int64_t timeout_ms);

/* Ends a watch; a perennial_next that waits on it returns. */
extern char *perennial_unwatch(int64_t watch);

/* Ends this process's part of the session. Nobody is signed out. */
extern char *perennial_close(int64_t device);

/* Gives a returned text back. NULL is allowed. */
extern void perennial_free(char *text);

#endif

#ifdef __cplusplus
}
#endif

#endif
