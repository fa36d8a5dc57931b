// Container runtimes of before 2021 answer the system call clone3 with EPERM, and glibc tries clone only
// after ENOSYS: so here it learns that there is no clone3. This takes the place of libc.a's own, which has it
// for amd64 alone.

#include <cerrno>
#include <cstddef>

extern "C" int __clone3(void*, std::size_t, int (*)(void*), void*) {
    errno = ENOSYS;
    return -1;
}
