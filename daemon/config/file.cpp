#include "daemon/config/file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

namespace replmond::config {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

file_outcome failed(int code) {
    return {{}, std::error_code(code, std::generic_category())};
}

} // namespace

file_outcome read_file(const std::string& path) {
    // stdio rather than a stream: it keeps the reason in errno
    const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rbe"));
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

lookup system_lookup() {
    lookup real;
    real.environment = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    real.read_file = read_file;
    return real;
}

} // namespace replmond::config
