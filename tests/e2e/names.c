/* Preloaded in front of libc's: every name under `example` is 127.0.0.1, and a lookup of it hangs for as long as the
 * folder $TEST_NAMES has a file of that name. All other names are libc's business. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *folder = getenv("TEST_NAMES");
    const char *end = name == NULL ? NULL : strrchr(name, '.');
    if (folder == NULL || end == NULL || strcmp(end, ".example") != 0)
        return real(name, service, hints, found);

    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    while (access(path, F_OK) == 0)
        usleep(10000);
    return real("127.0.0.1", service, hints, found);
}
