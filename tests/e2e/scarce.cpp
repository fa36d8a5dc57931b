// Preloaded in front of all others: while the folder $TEST_SCARCE has a file `threads`, none can be started,
// and while it has a file `memory`, C++ gets no block of the size of a page of text.
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <dlfcn.h>
#include <new>
#include <pthread.h>
#include <string>
#include <unistd.h>

namespace {

bool is_scarce(const char* what) {
    const char* folder = std::getenv("TEST_SCARCE");
    return folder != nullptr && ::access((std::string(folder) + what).c_str(), F_OK) == 0;
}

} // namespace

void* operator new(std::size_t size) {
    const bool is_page = size >= 6 * 1024 && size < 15 * 1024;
    void* found = is_page && is_scarce("/memory") ? nullptr : std::malloc(size);
    if (found == nullptr)
        throw std::bad_alloc();
    return found;
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*),
                              void* argument) {
    if (is_scarce("/threads"))
        return EAGAIN;
    static const auto real =
        reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
    return real(thread, attributes, work, argument);
}
