// replmond.yaml: whatever is in it, there is a configuration or a problem, and what is shown of it loads
// again.
#include "daemon/core/config/dump.hpp"
#include "daemon/core/config/load.hpp"

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
    const auto outcome = config::load_text({reinterpret_cast<const char*>(data), size}, "fuzz.yaml", nowhere);
    if (outcome.loaded.has_value() == !outcome.problems.empty())
        std::abort();
    if (outcome.loaded)
        for (config::dumping all(*outcome.loaded); !all.step();) {
        }
    return 0;
}
