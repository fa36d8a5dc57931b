// Preloaded by crash_harness.py: ends the process by SIGKILL right before the CRASH_AT-th call by which its
// journal writes: to the state file, to the log beside it, or to stdout. No moment between two of them is too
// short for that.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void count_call(void) {
    static long left = -1; // of one thread alone
    char name[16] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    if (strcmp(name, "journal") != 0)
        return;
    if (left < 0)
        left = atol(getenv("CRASH_AT"));
    if (--left <= 0)
        kill(getpid(), SIGKILL);
}

#define COUNTED(result, name, parameters, arguments)                                                                  \
    result name parameters {                                                                                          \
        static result(*real) parameters;                                                                              \
        if (!real)                                                                                                    \
            real = (result(*) parameters)dlsym(RTLD_NEXT, #name);                                                     \
        count_call();                                                                                                 \
        return real arguments;                                                                                        \
    }

COUNTED(ssize_t, write, (int file, const void* from, size_t size), (file, from, size))
COUNTED(ssize_t, pwrite, (int file, const void* from, size_t size, off_t at), (file, from, size, at))
COUNTED(ssize_t, pwrite64, (int file, const void* from, size_t size, off64_t at), (file, from, size, at))
COUNTED(int, fsync, (int file), (file))
COUNTED(int, fdatasync, (int file), (file))
COUNTED(int, ftruncate, (int file, off_t size), (file, size))
COUNTED(int, ftruncate64, (int file, off64_t size), (file, size))
COUNTED(size_t, fwrite, (const void* from, size_t size, size_t count, FILE* to), (from, size, count, to))
COUNTED(int, fflush, (FILE * to), (to))
