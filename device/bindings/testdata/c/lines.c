/*
 * One process of an app, driven line by line: a request on each line of the
 * input, its answer on a line of the output, both begun with the request's
 * number. Requests run on threads of their own, so that a test can have many
 * under way at once.
 *
 *	1 open {"dir":"..."}
 *	2 call 1 configure {"publishableKey":"..."}
 *	3 listen 1 onAuthStateChange
 *	4 next 2 1000
 *	5 close 1
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perennial.h"

enum { LINE = 1 << 16 };

/* word cuts the next word off the text. */
static char *word(char **text)
{
	char *start = *text, *end = strchr(start, ' ');
	if (end == NULL) {
		*text = start + strlen(start);
	} else {
		*end = '\0';
		*text = end + 1;
	}
	return start;
}

static char *answer(const char *verb, char *rest)
{
	if (strcmp(verb, "open") == 0)
		return perennial_open_module(rest);
	int64_t handle = strtoll(word(&rest), NULL, 10);
	if (strcmp(verb, "listen") == 0)
		return perennial_listen(handle, rest);
	if (strcmp(verb, "next") == 0)
		return perennial_next(handle, strtoll(rest, NULL, 10));
	if (strcmp(verb, "close") == 0)
		return perennial_close(handle);
	if (strcmp(verb, "call") != 0)
		return NULL;
	const char *method = word(&rest);
	return perennial_call(handle, method, rest);
}

static void *serve(void *line)
{
	char *rest = line, *number = word(&rest), *verb = word(&rest);
	char *text = answer(verb, rest);
	/* One call of the library's own lock: lines do not mix. */
	printf("%s %s\n", number, text == NULL ? "{\"ok\":false}" : text);
	perennial_free(text);
	free(line);
	return NULL;
}

int main(void)
{
	static char line[LINE];
	setvbuf(stdout, NULL, _IOLBF, LINE);
	while (fgets(line, sizeof line, stdin) != NULL) {
		pthread_t thread;
		char *copy;
		line[strcspn(line, "\n")] = '\0';
		copy = malloc(strlen(line) + 1);
		if (copy == NULL)
			return 1;
		strcpy(copy, line);
		if (pthread_create(&thread, NULL, serve, copy) != 0)
			return 1;
		pthread_detach(thread);
	}
	return 0;
}
