// The web configuration file: whatever is in it, there are settings or a problem, and no problem shows a
// hash.
#include "daemon/core/config/web_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace replmond;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    config::lookup nowhere;
    nowhere.environment = [](const std::string&) { return std::nullopt; };
    nowhere.read_file = [](const std::string&) {
        config::file_outcome missing;
        missing.error = std::make_error_code(std::errc::no_such_file_or_directory);
        return missing;
    };
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto outcome = config::load_web_text(text, "fuzz.yml", nowhere);
    if (outcome.loaded.has_value() == !outcome.problems.empty())
        std::abort();
    for (const config::problem& each : outcome.problems) {
        if (each.message.find("$2y$") != std::string::npos && each.message.find("basic_auth") == 0)
            std::abort();
    }
    return 0;
}
