// A proxy's address on the first line, NO_PROXY on the second, a host on the third: what the environment may
// hold.
#include "daemon/core/http/proxy.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace replmond;

namespace {

std::string take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string url = take_line(text);
    const std::string list = take_line(text);
    http::origin to;
    to.host = take_line(text);

    // What is sent in a header cannot end it.
    if (const auto proxy = http::parse_proxy_url(url)) {
        if (proxy->authorization.find_first_of("\r\n") != std::string::npos || proxy->at.host.empty())
            std::abort();
    }
    // What stands in front of "*" does not keep it from being read.
    if (!http::is_exempt(list + ",*", to))
        std::abort();

    // A value that cannot be used is called by its name.
    const auto environment = [&](const std::string& name) {
        if (name == "HTTPS_PROXY")
            return std::optional<std::string>(url);
        return name == "NO_PROXY" ? std::optional<std::string>(list) : std::nullopt;
    };
    const auto chosen = http::choose_proxy(std::nullopt, environment, to);
    if (!chosen && chosen.error().error_msg.find("HTTPS_PROXY: ") != 0)
        std::abort();
    return 0;
}
