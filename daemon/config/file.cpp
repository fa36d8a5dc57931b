#include "daemon/config/file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace replmond::config {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

file_outcome failed(int code) {
    return {{}, std::error_code(code, std::generic_category())};
}

// Takes over the file; null: errno says why.
file_outcome read_all(std::FILE* opened) {
    // stdio rather than a stream: it keeps the reason in errno
    const std::unique_ptr<std::FILE, closer> file(opened);
    if (!file)
        return failed(errno);

    file_outcome outcome;
    std::array<char, 16 * 1024> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        outcome.content.append(buffer.data(), got);
        if (outcome.content.size() > largest_file)
            return failed(EFBIG);
    }
    if (std::ferror(file.get()) != 0)
        return failed(errno); // EISDIR for a directory
    return outcome;
}

class file_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "file"; }
    std::string message(int) const override { return "it is no regular file"; }
};

file_outcome not_regular() {
    static const file_category category;
    return {{}, std::error_code(1, category)};
}

} // namespace

file_outcome read_file(const std::string& path) {
    // A FIFO or a device is not waited for: nobody may ever write into it.
    const int opened = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0 && errno == ENXIO) // a socket
        return not_regular();
    if (opened < 0)
        return failed(errno);
    struct stat found {};
    if (::fstat(opened, &found) != 0 || S_ISDIR(found.st_mode) || !S_ISREG(found.st_mode)) {
        ::close(opened);
        return S_ISDIR(found.st_mode) ? failed(EISDIR) : not_regular();
    }
    return read_all(::fdopen(opened, "rb"));
}

file_outcome read_file_or_pipe(const std::string& path) {
    return read_all(std::fopen(path.c_str(), "rbe"));
}

lookup system_lookup() {
    lookup real;
    real.environment = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    real.read_file = read_file;
    real.read_at_start = read_file_or_pipe;
    return real;
}

} // namespace replmond::config
