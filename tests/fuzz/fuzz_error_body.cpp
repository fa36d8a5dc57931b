// The body of an answer that is no success, and that of the configuration API.
#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/task_details.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace replmond;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto read = cloud::decode_error_body(body);
    if (read.code.size() > 200 || read.message.size() > 1024)
        std::abort();
    if (const auto configuration = cloud::decode_configuration(body))
        static_cast<void>(configuration->error_text());
    return 0;
}
